import { randomBytes } from 'node:crypto';
import { sameText } from '../../host/same-text';
import { jsonObject, type Answer, type Asked } from '../servers';
import type { ItsmDesk } from './desk';
import { closeCodes, lengths, mayMove, missingFor, stateLabels, writable } from './servicenow-model';
import { runQuery } from './servicenow-query';
import { stamp, type ApprovalRecord, type ChangeRecord, type JournalEntry, type ServiceNowRecords } from './servicenow-records';

/** `detail` says what `message` is about. */
const failure = (status: number, message: string, detail: string | null): Answer => ({
  status,
  body: { error: { message, detail }, status: 'failure' },
});

const notSignedIn: Answer = {
  ...failure(401, 'User Not Authenticated', 'Required to provide Auth information'),
  headers: { 'www-authenticate': 'BASIC realm="Service-now"' },
};
const noRecord = failure(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");

const notJson = failure(415, 'Unsupported media type', 'Requested media type(s) are not supported');

const words = {
  tooMany: failure(429, 'Rate limit exceeded', 'Rejected by rate limits on the Table API'),
  down: { status: 503, body: 'Your instance is hibernating or under maintenance' },
  refused: failure(403, 'Operation Failed', 'ACL Exception Update Failed due to security constraints'),
};
/** KB2466644, and KB2971488 of tables that may not be read over the API. */
const readingWords = { ...words, refused: failure(403, 'User Not Authorized', 'Failed API level ACL Validation') };

export interface ServiceNowLogin {
  user: string;
  password: string;
}

interface Instance {
  desk: ItsmDesk;
  records: ServiceNowRecords;
  login: ServiceNowLogin;
  /** The page on which a person sees a change, by its sys_id. */
  pageOf: (sysId: string) => string;
}

/**
 * ServiceNow's Table API, for change_request and sysapproval_approver: www.servicenow.com/docs, API reference, "Table API". The user's password is
 * the client's secret as well.
 */
export function serviceNowRoutes({ desk, records, login, pageOf }: Instance): (asked: Asked) => Promise<Answer> {
  const tokens = new Map<string, number>();
  return async (asked) => {
    const { method, url } = asked;
    if (method === 'GET' && url.pathname === '/nav_to.do') return toPage(url, pageOf);
    return desk.serve('servicenow', asked, method === 'GET' ? readingWords : words, async () => {
      if (method === 'POST' && url.pathname === '/oauth_token.do') return giveToken(asked, login, tokens, desk.now());
      if (!isSignedIn(asked, login, tokens, desk.now())) return notSignedIn;
      const [, table = '', id] = /^\/api\/now(?:\/v[12])?\/table\/([a-z_]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
      if (table === '') return failure(400, 'Requested URI does not represent any resource', null);
      if (table !== 'change_request' && table !== 'sysapproval_approver') return failure(400, `Invalid table ${table}`, null);
      if (method === 'GET') return id === undefined ? list(records, table, url) : readOne(records, table, id, url);
      if (table !== 'change_request') return words.refused;
      if (!/^application\/json\b/i.test(asked.headers['content-type'] ?? '')) return notJson;
      if (method === 'POST' && id === undefined) return insert(records, asked, login.user);
      if ((method === 'PATCH' || method === 'PUT') && id !== undefined) return change(records, asked, id, login.user);
      return failure(405, 'Method not supported', `${method} is not supported here`);
    });
  };
}

function toPage(url: URL, pageOf: Instance['pageOf']): Answer {
  const id = /^change_request\.do\?sys_id=([0-9a-f]{32})$/.exec(url.searchParams.get('uri') ?? '')?.[1];
  return id === undefined ? noRecord : { status: 302, headers: { location: pageOf(id) } };
}

const tokenSeconds = 1800;

/** "OAuth API endpoint for token management", client credentials. */
async function giveToken(asked: Asked, login: ServiceNowLogin, tokens: Map<string, number>, nowMs: number): Promise<Answer> {
  const form = new URLSearchParams((await asked.body()).toString('utf8'));
  if (form.get('grant_type') !== 'client_credentials') return { status: 400, body: { error: 'unsupported_grant_type' } };
  const isRight = sameText(form.get('client_id') ?? '', login.user) && sameText(form.get('client_secret') ?? '', login.password);
  if (!isRight) return { status: 401, body: { error_description: 'access_denied', error: 'server_error' } };
  const token = randomBytes(32).toString('base64url');
  tokens.set(token, nowMs + tokenSeconds * 1000);
  return { status: 200, body: { access_token: token, scope: 'useraccount', token_type: 'Bearer', expires_in: tokenSeconds } };
}

function isSignedIn({ headers }: Asked, { user, password }: ServiceNowLogin, tokens: Map<string, number>, nowMs: number): boolean {
  const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ');
  if (scheme === 'Basic') return sameText(Buffer.from(value, 'base64').toString('utf8'), `${user}:${password}`);
  return scheme === 'Bearer' && (tokens.get(value) ?? 0) > nowMs;
}

type Shown = Record<string, string>;

/** A row's own values, and those that differ where they are shown to people. */
interface Shape {
  values: Shown;
  shown: Shown;
  isHidden: boolean;
}

const journal = (entries: JournalEntry[], label: string): string =>
  entries
    .toReversed()
    .map(({ atMs, by, text }) => `${stamp(atMs)} - ${by} (${label})\n${text}\n\n`)
    .join('');

/** A journal has a text only where it is shown. */
function changeRow({ sys_id, number, columns, workNotes, isHidden }: ChangeRecord): Shape {
  const shown = { state: stateLabels[columns['state'] ?? ''] ?? '', work_notes: journal(workNotes, 'Work notes') };
  return { values: { ...columns, sys_id, number, work_notes: '' }, shown, isHidden: isHidden === true };
}

function approvalRow(one: ApprovalRecord, isHidden: boolean): Shape {
  const { sys_id, sysapproval, approver, state, comments, updatedAtMs, createdAtMs = updatedAtMs } = one;
  const stamps = { sys_created_on: stamp(createdAtMs), sys_updated_on: stamp(updatedAtMs) };
  const walked = { 'approver.name': approver.name, 'approver.email': approver.email, 'approver.user_name': approver.user };
  const values = { sys_id, sysapproval, approver: approver.user, state, comments: '', ...stamps, ...walked };
  return { values, shown: { comments: journal(comments, 'Comments'), approver: approver.name }, isHidden };
}

const rowsOf = ({ changes, approvals }: ServiceNowRecords, table: string): Shape[] =>
  table === 'change_request'
    ? changes.all().map(changeRow)
    : approvals.all().map((one) => approvalRow(one, changes.get(one.sysapproval)?.isHidden === true));

/** What may not be read is taken out of what the limit let through, and counts all the same. */
function list(records: ServiceNowRecords, table: string, url: URL): Answer {
  const rows = rowsOf(records, table);
  const found = runQuery(
    rows.map(({ values }) => values),
    url.searchParams.get('sysparm_query') ?? '',
  );
  if (!Array.isArray(found)) return failure(400, 'Invalid query', `The local Azure does not know what ${found.unknown} asks for`);
  const given = url.searchParams.get('sysparm_limit') ?? '';
  const limit = /^\d{1,5}$/.test(given) ? Number(given) : 10_000;
  const picked = found
    .slice(0, limit)
    .flatMap((values) => rows.find((row) => row.values === values) ?? [])
    .filter(({ isHidden }) => !isHidden);
  return { status: 200, headers: { 'x-total-count': String(found.length) }, body: { result: picked.map((row) => asAsked(row, url)) } };
}

function readOne(records: ServiceNowRecords, table: string, id: string, url: URL): Answer {
  const row = rowsOf(records, table).find(({ values }) => values['sys_id'] === id);
  return row && !row.isHidden ? { status: 200, body: { result: asAsked(row, url) } } : noRecord;
}

/** The columns that were asked for, as values, as people see them, or both. One that is not there is left out. */
function asAsked({ values, shown }: Shape, { searchParams }: URL): object {
  const fields = searchParams.get('sysparm_fields')?.split(',') ?? Object.keys(values);
  const display = searchParams.get('sysparm_display_value') ?? 'false';
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = values[field];
      if (value === undefined) return [];
      const seen = shown[field] ?? value;
      return [[field, display === 'all' ? { display_value: seen, value } : display === 'true' ? seen : value]];
    }),
  );
}

async function insert(records: ServiceNowRecords, asked: Asked, by: string): Promise<Answer> {
  const body = await jsonObject(asked);
  if (!body) return failure(400, 'Exception while reading request', 'The payload is not valid JSON');
  const columns = columnsIn(body);
  const whole = { type: 'normal', state: '-5', ...columns };
  const wrong = wrongIn(whole, '-5');
  if (wrong) return wrong;
  const made = records.create(columns, by);
  return {
    status: 201,
    headers: { location: `${asked.url.origin}/api/now/table/change_request/${made.sys_id}` },
    body: { result: asAsked(changeRow(made), asked.url) },
  };
}

async function change(records: ServiceNowRecords, asked: Asked, id: string, by: string): Promise<Answer> {
  const found = records.changes.get(id);
  if (!found || found.isHidden) return noRecord;
  const body = await jsonObject(asked);
  if (!body) return failure(400, 'Exception while reading request', 'The payload is not valid JSON');
  const columns = columnsIn(body);
  const wrong = wrongIn({ ...found.columns, ...columns }, found.columns['state'] ?? '');
  if (wrong) return wrong;
  const note = typeof body['work_notes'] === 'string' ? body['work_notes'] : undefined;
  return { status: 200, body: { result: asAsked(changeRow(records.update(found, columns, by, note)), asked.url) } };
}

/** What of a body is written: known columns, cut to their length. */
function columnsIn(body: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      writable.test(name) && ['string', 'number', 'boolean'].includes(typeof value)
        ? [[name, String(value).slice(0, lengths[name] ?? 4000)]]
        : [],
    ),
  );
}

function wrongIn(columns: Record<string, string>, from: string): Answer | undefined {
  const { type = '', state = '', close_code: code = '' } = columns;
  const missing = missingFor(columns);
  if (missing.length > 0)
    return failure(403, 'Operation Failed', `Data Policy Exception: The following fields are mandatory: ${missing.join(', ')}`);
  if (!mayMove(type, from, state))
    return failure(
      403,
      'Operation Failed',
      `Operation against file 'change_request' was aborted by Business Rule 'State model - Can change state?'. Business Rule Stack:State model - Can change state?`,
    );
  return code === '' || closeCodes.includes(code) ? undefined : failure(403, 'Operation Failed', `${code} is no choice of Close code`);
}
