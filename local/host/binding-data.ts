/** What a trigger says of its call, for binding expressions: names in lower case, because case does not count. */
export type BindingData = ReadonlyMap<string, unknown>;

/** Of two values of one name the later source's counts. */
export function bindingData(...sources: Record<string, unknown>[]): BindingData {
  return new Map(sources.flatMap((source) => Object.entries(source)).map(([name, value]) => [name.toLowerCase(), value]));
}

/** The top-level properties of a JSON object's text, without arrays and nulls: the real host makes them names for expressions. */
export function jsonProperties(text: string | undefined): Record<string, unknown> {
  if (text === undefined || !/^\s*\{/.test(text)) return {};
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && !Array.isArray(one)));
  } catch {
    // Text that is no JSON has no properties; that is no error.
    return {};
  }
}
