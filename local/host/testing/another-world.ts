/** Another year, and another time of day to the part of a second: a story may look at any part of the time. */
const offMs = 3 * 365 * 86_400_000 + ((11 * 60 + 37) * 60 + 21.5) * 1000;

/**
 * Runs `run`, which must not wait for anything, in a world where everything differs that a story must not look at: the wall clock,
 * randomness, the environment. Only for so long, so that nothing else in this process sees it.
 */
export function inAnotherWorld<T>(run: () => T): T {
  const { Date: ownDate } = globalThis;
  const now = (): number => ownDate.now() + offMs;
  const ownRandom = Math.random;
  const ownEnvironment = process.env;
  globalThis.Date = movedDate(ownDate, now);
  const putFormatsBack = moveFormats(now);
  Math.random = () => 0.123456789;
  process.env = new Proxy<NodeJS.ProcessEnv>({}, { get: (_all, name) => (typeof name === 'string' ? `another ${name}` : undefined) });
  try {
    return run();
  } finally {
    globalThis.Date = ownDate;
    putFormatsBack();
    Math.random = ownRandom;
    process.env = ownEnvironment;
  }
}

function movedDate(own: DateConstructor, now: () => number): DateConstructor {
  return new Proxy(own, {
    apply: () => new own(now()).toString(),
    construct: (target, given: unknown[], made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made) as object,
    get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
  });
}

/** A format that is given no date takes the time from the system, past `Date`. Answers what puts them back. */
function moveFormats(now: () => number): () => void {
  const formats = Intl.DateTimeFormat.prototype;
  const { formatToParts } = formats;
  const own = Object.getOwnPropertyDescriptor(formats, 'format') as PropertyDescriptor & { get(): Intl.DateTimeFormat['format'] };
  Object.defineProperty(formats, 'format', {
    ...own,
    get(this: Intl.DateTimeFormat) {
      const format = own.get.call(this);
      return (date: Date | number = now()) => format(date);
    },
  });
  formats.formatToParts = function (date = now()) {
    return formatToParts.call(this, date);
  };
  return () => {
    Object.defineProperty(formats, 'format', own);
    formats.formatToParts = formatToParts;
  };
}
