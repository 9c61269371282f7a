/** JQL, as far as it is known here: `field operator value` joined by AND, and an ORDER BY. */

export interface Searchable {
  reporter: string;
  project: string;
  key: string;
  description: string;
  created: string;
}

type Clause = (row: Searchable, me: string) => boolean;
export type Query = { kind: 'query'; run<T extends Searchable>(rows: T[], me: string): T[] } | { kind: 'wrong'; says: string };

const wrong = (says: string): Query => ({ kind: 'wrong', says });
const fields = ['reporter', 'project', 'key', 'description', 'created'] as const;
type Field = (typeof fields)[number];
const operators: Record<Field, string> = { reporter: '=', project: '=', key: '=', description: '~', created: '' };

/** The answers are those of Jira where they are known: support.atlassian.com, "How to handle HTTP 400 Bad Request errors on Jira search REST API endpoint". */
export function readJql(jql: string): Query {
  const [, where = '', order = ''] = /^(.*?)(?:\border\s+by\b(.*))?$/is.exec(jql.trim()) ?? [];
  if (where.trim() === '') return wrong('Unbounded JQL queries are not allowed here. Please add a search restriction to your query.');
  const clauses: Clause[] = [];
  for (const part of where.split(/\s+and\s+/i)) {
    const clause = readClause(part.trim());
    if (typeof clause === 'string') return wrong(clause);
    clauses.push(clause);
  }
  const sorts = order.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
  const orders: { by: Field; sign: number }[] = [];
  for (const sort of sorts) {
    const [, name = '', direction = 'asc'] = /^(\w+)(?:\s+(asc|desc))?$/i.exec(sort) ?? [];
    const by = fields.find((one) => one === name.toLowerCase());
    if (!by) return wrong(`Not able to sort using field '${name === '' ? sort : name}'.`);
    orders.push({ by, sign: direction.toLowerCase() === 'desc' ? -1 : 1 });
  }
  return {
    kind: 'query',
    run: (rows, me) => {
      const found = rows.filter((row) => clauses.every((holds) => holds(row, me)));
      return orders.reduceRight((sorted, { by, sign }) => sorted.toSorted((a, b) => sign * a[by].localeCompare(b[by])), found);
    },
  };
}

function readClause(part: string): Clause | string {
  const [, name = '', operator = '', given = ''] = /^(\w+)\s*(!?[=~]|[<>]=?)\s*(.*)$/s.exec(part) ?? [];
  if (operator === '') return `Error in the JQL Query: Expecting operator but got '${part.split(/\s+/)[1] ?? 'the end of the query'}'.`;
  const field = fields.find((one) => one === name.toLowerCase());
  if (!field) return `Field '${name}' does not exist or you do not have permission to view it.`;
  if (operator !== operators[field]) return `The operator '${operator}' is not supported by the '${field}' field.`;
  if (given === 'currentUser()')
    return field === 'reporter' ? (row, me) => row.reporter === me : `Function 'currentUser' can't be used here.`;
  const [, quoted, bare] = /^(?:"([^"\\]*)"|([\w.@:-]+))$/.exec(given) ?? [];
  const value = quoted ?? bare;
  if (value === undefined) return `Error in the JQL Query: '${given}' is no value.`;
  if (field === 'description') return (row) => wordsOf(row.description).includes(value.toLowerCase());
  return (row) => row[field].toLowerCase() === value.toLowerCase();
}

/** Text is found by whole words. */
const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
