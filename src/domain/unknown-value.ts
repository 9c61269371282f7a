/** Looks into values of which any part may be wrong or missing. */

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const entriesOf = (value: unknown): [string, unknown][] => (isRecord(value) ? Object.entries(value) : []);
export const textsOf = (list: unknown[]): string[] => list.filter((one) => typeof one === 'string');
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
/** Empty where there is no text. */
export function textAt(value: unknown, key: string): string {
  const found = at(value, key);
  return typeof found === 'string' ? found : '';
}
export const at = (value: unknown, key: string): unknown => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined);
