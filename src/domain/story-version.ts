/**
 * Whether one version of Slipway came before another; numbers are compared part by part, so that 0.9.0 is older than 0.10.0. A story that was begun
 * without a version is older than any.
 */
export function isOlder(version: string | undefined, than: string): boolean {
  if (!version) return true;
  const [parts, others] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let n = 0; n < Math.max(parts.length, others.length); n += 1) {
    const difference = (parts[n] ?? 0) - (others[n] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
