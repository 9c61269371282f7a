const yearsOffMs = 3 * 365 * 86_400_000;

/**
 * Runs `run`, which must not wait for anything, in a world where everything differs that a story must not look at: the wall clock,
 * randomness, the environment. Only for so long, so that nothing else in this process sees it.
 */
export function inAnotherWorld<T>(run: () => T): T {
  const { Date: ownDate } = globalThis;
  const ownRandom = Math.random;
  const ownEnvironment = process.env;
  globalThis.Date = movedDate(ownDate);
  Math.random = () => 0.123456789;
  process.env = new Proxy<NodeJS.ProcessEnv>({}, { get: (_all, name) => (typeof name === 'string' ? `another ${name}` : undefined) });
  try {
    return run();
  } finally {
    globalThis.Date = ownDate;
    Math.random = ownRandom;
    process.env = ownEnvironment;
  }
}

function movedDate(own: DateConstructor): DateConstructor {
  const now = (): number => own.now() + yearsOffMs;
  return new Proxy(own, {
    construct: (target, given: unknown[], made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made) as object,
    get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
  });
}
