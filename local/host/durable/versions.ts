/** Orchestration versions (host.json: `defaultVersion`, `versionMatchStrategy`, `versionFailureStrategy`). */
export interface VersionRules {
  /** What instances get that ask for none, and what this worker is; null for none. */
  current: string | null;
  match: 'none' | 'strict' | 'currentorolder';
  failure: 'reject' | 'fail';
}

/** Whether this worker takes turns of instances of that version. */
export function takesVersion(rules: VersionRules, version: string | null): boolean {
  if (rules.match === 'none') return true;
  // To the letter: 1.5 is not 1.5.0, and b is not B.
  if (rules.match === 'strict') return version === rules.current;
  return compareVersions(version, rules.current) <= 0;
}

/** As .NET's System.Version where both are such, else as text without regard to case; none is older than any. */
export function compareVersions(a: string | null, b: string | null): number {
  if (!a?.trim() || !b?.trim()) return Number(Boolean(a?.trim())) - Number(Boolean(b?.trim()));
  const [left, right] = [parse(a), parse(b)];
  if (!left || !right) return Math.sign(a.toUpperCase() < b.toUpperCase() ? -1 : Number(a.toUpperCase() > b.toUpperCase()));
  for (let at = 0; at < 4; at += 1) {
    // A part that is not there is less than 0: 1.5 is older than 1.5.0.
    const difference = (left[at] ?? -1) - (right[at] ?? -1);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

function parse(version: string): number[] | undefined {
  return /^\d+(\.\d+){1,3}$/.test(version) ? version.split('.').map(Number) : undefined;
}
