const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const standard: Record<string, string> = {
  o: 'yyyy-MM-ddTHH:mm:ss.fffffffK',
  O: 'yyyy-MM-ddTHH:mm:ss.fffffffK',
  s: 'yyyy-MM-ddTHH:mm:ss',
  u: 'yyyy-MM-dd HH:mm:ssZ',
  r: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  R: "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
  d: 'MM/dd/yyyy',
  D: 'dddd, dd MMMM yyyy',
  t: 'HH:mm',
  T: 'HH:mm:ss',
};

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/**
 * A time in UTC as .NET's DateTime.ToString(format) writes it in the invariant culture.
 * @throws Error for a standard format (one letter) that is not known here
 */
export function formatDate(ms: number, format: string): string {
  const pattern = format.length === 1 ? standard[format] : format;
  if (pattern === undefined)
    throw new Error(`The date format "${format}" is not known to the embedded host. Write it with letters such as yyyy-MM-dd.`);
  const date = new Date(ms);
  const token = /'([^']*)'|"([^"]*)"|\\(.)|%(?=.)|d+|f+|F+|h+|H+|K|m+|M+|s+|t+|y+|z+/g;
  return pattern.replace(token, (found: string, single?: string, double?: string, escaped?: string) => {
    const plain = single ?? double ?? escaped;
    return plain ?? part(date, found);
  });
}

function part(date: Date, found: string): string {
  const width = found.length;
  const hour = date.getUTCHours();
  switch (found[0]) {
    case 'd':
      if (width > 2) return (days[date.getUTCDay()] ?? '').slice(0, width === 3 ? 3 : undefined);
      return pad(date.getUTCDate(), width);
    case 'M':
      if (width > 2) return (months[date.getUTCMonth()] ?? '').slice(0, width === 3 ? 3 : undefined);
      return pad(date.getUTCMonth() + 1, width);
    case 'y':
      return width > 2 ? pad(date.getUTCFullYear(), width) : pad(date.getUTCFullYear() % 100, width);
    case 'H':
      return pad(hour, Math.min(width, 2));
    case 'h':
      return pad(hour % 12 || 12, Math.min(width, 2));
    case 'm':
      return pad(date.getUTCMinutes(), Math.min(width, 2));
    case 's':
      return pad(date.getUTCSeconds(), Math.min(width, 2));
    case 't':
      return (hour < 12 ? 'AM' : 'PM').slice(0, width);
    case 'f':
      return pad(date.getUTCMilliseconds(), 3).padEnd(7, '0').slice(0, width);
    case 'F':
      return pad(date.getUTCMilliseconds(), 3).slice(0, width).replace(/0+$/, '');
    case 'K':
      return 'Z';
    case 'z':
      return width > 2 ? '+00:00' : `+${pad(0, width)}`;
    default:
      // A lone "%" only says that the next letter is a custom format.
      return '';
  }
}
