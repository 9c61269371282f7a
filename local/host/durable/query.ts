/** The query of a URL as the durable extension reads it: names whatever their case; a name that comes twice has its values joined by a comma. */
export interface Query {
  value(name: string): string | undefined;
  values(name: string): string[];
}

export function queryOf(url: URL): Query {
  // What has no "=" is a value without a name there.
  const pairs = [...new URLSearchParams(url.search.replace(/(^\??|&)(?=[^=&]+(?:&|$))/g, '$1='))];
  const values = (name: string): string[] =>
    pairs.filter(([key]) => key.trim().toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return {
    values,
    value: (name) => {
      const all = values(name);
      return all.length === 0 ? undefined : all.join(',');
    },
  };
}

/** A bad boolean says nothing. */
export function booleanOf(text: string | undefined): boolean | undefined {
  const word = text?.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** Undefined for what is no 32-bit integer. */
export function integerOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*[-+]?\d+\s*$/.test(text)) return undefined;
  const number = Number(text);
  return number === (number | 0) ? number : undefined;
}

/** With commas among the digits before the point, wherever they stand. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i.test(text)) return undefined;
  return Number(text.replaceAll(',', ''));
}

/** .NET's numbers of the statuses; a query may say either. */
const statuses = ['Running', 'Completed', 'ContinuedAsNew', 'Failed', 'Canceled', 'Terminated', 'Pending', 'Suspended'];

/** The statuses that a query names, with capitals as they are written; a number that is no status's stands for itself. Whatever else it says is ignored. */
export function statusesIn(query: Query): string[] {
  return query
    .values('runtimeStatus')
    .flatMap((value) => value.split(','))
    .map((one) => one.trim())
    .flatMap((one) => {
      if (/^[-+]?\d+$/.test(one)) return [statuses[Number(one)] ?? one];
      return statuses.includes(one) || one === 'Unknown' ? [one] : [];
    });
}
