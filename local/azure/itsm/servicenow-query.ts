/** An encoded query, as far as it is known here: `column=value`, `columnINa,b`, `ORDERBYcolumn`, `ORDERBYDESCcolumn`, joined by `^`. */
export function runQuery<T extends Record<string, string>>(rows: T[], query: string): T[] | { unknown: string } {
  let found = rows;
  for (const part of query.split('^').filter((one) => one !== '')) {
    const [, direction, by = ''] = /^ORDERBY(DESC)?([a-z_.]+)$/.exec(part) ?? [];
    if (by !== '') {
      const sign = direction === 'DESC' ? -1 : 1;
      found = found.toSorted((a, b) => sign * (a[by] ?? '').localeCompare(b[by] ?? ''));
      continue;
    }
    const [, column = '', operator, value = ''] = /^([a-z_.]+?)(=|IN)(.*)$/s.exec(part) ?? [];
    if (column === '') return { unknown: part };
    const wanted = operator === 'IN' ? value.split(',') : [value];
    found = found.filter((row) => wanted.includes(row[column] ?? ''));
  }
  return found;
}
