/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

const pick = <T>(random: Random, all: T[]): T => all[Math.floor(random() * all.length)] as T;

/** A copy of a value with one change somewhere in it: another text, number or kind, a key gone or in another place, a member gone. Text that holds JSON is changed within. */
export function changed(random: Random, value: unknown): unknown {
  if (typeof value === 'string') return changedText(random, value);
  if (typeof value === 'number') return pick(random, [value + 1, String(value), null]);
  if (typeof value === 'boolean') return pick(random, [!value, null]);
  if (value === null || value === undefined) return pick(random, ['x', 0, false]);
  if (Array.isArray(value)) {
    const at = Math.floor(random() * value.length);
    if (value.length === 0 || random() < 0.1) return [...(value as unknown[]), 'x'];
    return random() < 0.15 ? value.toSpliced(at, 1) : (value as unknown[]).with(at, changed(random, value[at]));
  }
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  if (entries.length === 0) return { x: 1 };
  const at = Math.floor(random() * entries.length);
  const [key, member] = entries[at] as [string, unknown];
  const kind = random();
  if (kind < 0.05) return Object.fromEntries(entries.toSpliced(at, 1));
  if (kind < 0.1) return Object.fromEntries(entries.with(at, [`${key}x`, member]));
  if (kind < 0.15 && entries.length > 1) return Object.fromEntries([...entries.slice(1), ...entries.slice(0, 1)]);
  return Object.fromEntries(entries.with(at, [key, changed(random, member)]));
}

function changedText(random: Random, text: string): unknown {
  const json = /^\s*[{[]/.test(text) && random() < 0.8 ? parsedObject(text) : undefined;
  if (json) return JSON.stringify(changed(random, json));
  return pick(random, [`x${text}`, null, 7]);
}

function parsedObject(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
