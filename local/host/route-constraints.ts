/** Says whether a parameter's text fits. */
export type Constraint = (value: string) => boolean;

interface Kind {
  /** How many arguments it takes, at least and at most. */
  arguments: [least: number, most: number];
  make(given: string[]): Constraint;
}

const guid =
  /^\s*(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}|\([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\))\s*$/i;
const wholeNumber = /^\s*[+-]?\d+\s*$/;
const decimalNumber = /^\s*[+-]?(?:\d[\d,]*\.?\d*|\.\d+)\s*$/;
const floatNumber = /^\s*[+-]?(?:(?:\d[\d,]*\.?\d*|\.\d+)(?:e[+-]?\d+)?|infinity|nan)\s*$/i;

const between = (least: bigint, most: bigint): Constraint => {
  return (value) => {
    if (!wholeNumber.test(value)) return false;
    const number = BigInt(value.trim().replace(/^\+/, ''));
    return number >= least && number <= most;
  };
};

const longest = 2n ** 63n - 1n;
const plain = (fits: Constraint): Kind => ({ arguments: [0, 0], make: () => fits });
const counted = (least: number, most: number, make: (numbers: bigint[]) => Constraint): Kind => ({
  arguments: [least, most],
  make: (given) =>
    make(
      given.map((text) => {
        if (!wholeNumber.test(text)) throw new Error(`"${text}" is no whole number`);
        return BigInt(text.trim());
      }),
    ),
});

const isFileName: Constraint = (value) => {
  const last = value.slice(value.lastIndexOf('/') + 1);
  const dot = last.indexOf('.');
  return dot >= 0 && dot < last.length - 1;
};

function pattern(text: string): Constraint {
  try {
    const expression = new RegExp(text, 'i');
    return (value) => expression.test(value);
  } catch (cause) {
    throw new Error(`"${text}" is no regular expression here`, { cause });
  }
}

/** Those that ASP.NET Core's routing has by name, with what it takes for a number, a GUID or a file's name. */
const kinds: Record<string, Kind> = {
  int: plain(between(-(2n ** 31n), 2n ** 31n - 1n)),
  long: plain(between(-longest - 1n, longest)),
  bool: plain((value) => /^\s*(true|false)\s*$/i.test(value)),
  guid: plain((value) => guid.test(value)),
  alpha: plain((value) => /^[a-z]*$/i.test(value)),
  required: plain((value) => value !== ''),
  // .NET reads more ways of writing a date than JavaScript does.
  datetime: plain((value) => /\d/.test(value) && !/^\s*[+-]?[\d.]+\s*$/.test(value) && !Number.isNaN(Date.parse(value))),
  decimal: plain((value) => decimalNumber.test(value)),
  double: plain((value) => floatNumber.test(value)),
  float: plain((value) => floatNumber.test(value)),
  file: plain(isFileName),
  nonfile: plain((value) => !isFileName(value)),
  length: counted(
    1,
    2,
    ([least = 0n, most = least]) =>
      (value) =>
        BigInt(value.length) >= least && BigInt(value.length) <= most,
  ),
  minlength: counted(
    1,
    1,
    ([least = 0n]) =>
      (value) =>
        BigInt(value.length) >= least,
  ),
  maxlength: counted(
    1,
    1,
    ([most = 0n]) =>
      (value) =>
        BigInt(value.length) <= most,
  ),
  min: counted(1, 1, ([least = 0n]) => between(least, longest)),
  max: counted(1, 1, ([most = 0n]) => between(-longest - 1n, most)),
  range: counted(2, 2, ([least = 0n, most = 0n]) => between(least, most)),
  regex: { arguments: [1, 1], make: ([text = '']) => pattern(text) },
};

/** @throws Error for a constraint that is unknown or has wrong arguments; ASP.NET refuses both, and the function is not loaded */
export function makeConstraint(name: string, argument: string | undefined): Constraint {
  const kind = kinds[name.toLowerCase()];
  if (!kind) throw new Error(`there is no route constraint "${name}"`);
  const [least, most] = kind.arguments;
  // One that takes a single argument gets all of the text, commas included.
  const given = argument === undefined || argument === '' ? [] : most === 1 ? [argument] : argument.split(',');
  if (given.length < least || given.length > most) throw new Error(`the route constraint "${name}" does not take "${argument ?? ''}"`);
  return kind.make(given);
}
