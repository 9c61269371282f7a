/**
 * What `context.triggerMetadata` of an orchestrator's turn is: the payload once more, under its binding's name, with keys that begin in lower case.
 * The package would parse and rewrite the whole history for it in every turn; made on being asked for, it costs those who look. Who asks first when the turn is over
 * finds no payload any more.
 */
export function addTurnMetadata(context: object, binding: string, payload: string): { forget(): void } {
  let text: string | undefined = payload;
  let made: unknown;
  const make = (): unknown => withLowerKeys({ [binding]: text === undefined ? undefined : (JSON.parse(text) as unknown) });
  Object.defineProperty(context, 'triggerMetadata', {
    configurable: true,
    enumerable: true,
    get: () => (made ??= make()),
    set: (value: unknown) => (made = value),
  });
  return { forget: () => (text = undefined) };
}

function withLowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLowerKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.charAt(0).toLowerCase() + key.slice(1), withLowerKeys(inner)]),
  );
}
