import { cutText } from '../domain/fit-text';
import { isRecord, textAt } from '../domain/unknown-value';
import type { Answerer, ServiceGatePolicy, ServiceSight } from '../domain/service-gate';
import { notSeen, notSent, type Closing, type NotDone, type Question, type RequestThere, type Service } from './service';
import { basic, callService, type Called, type Reach } from './service-call';
import { keepOne } from './made-twice';
import { closingNote, questionText } from './service-words';

/**
 * ServiceNow's change requests over the Table API: www.servicenow.com/docs, API reference, "Table API" (/api/now/table/{tableName}). The states are
 * those of the change types that come with ServiceNow ("State model and transitions", Change Management); a normal change goes through all of
 * them, an emergency change leaves out Assess. An approval is a row of sysapproval_approver.
 */

const stateNames: Record<string, string> = {
  '-5': 'New',
  '-4': 'Assess',
  '-3': 'Authorize',
  '-2': 'Scheduled',
  '-1': 'Implement',
  '0': 'Review',
  '3': 'Closed',
  '4': 'Canceled',
};
const [isNew, assess, authorize, scheduled, implement, review, closed, canceled] = ['-5', '-4', '-3', '-2', '-1', '0', '3', '4'] as const;

/** Lengths of the columns in change_request; longer text would be cut without a word. */
const most = { shortDescription: 160, description: 4000, correlationDisplay: 100, number: 40 };

/** How many of the newest are asked for: one of them that the user may read is enough. */
const triedRows = 50;

/** RFC 6749 5.2: errors of a token endpoint that are about whoever asks, and mostly come with 400. */
const notTaken = ['invalid_client', 'unauthorized_client', 'invalid_grant'];

type Gate = Extract<ServiceGatePolicy, { kind: 'servicenow' }>;
type Row = Record<string, unknown>;

/** One use of the service: the token that OAuth gives is asked for once. */
export function serviceNow({ outgoing, login, endpoint, within }: Reach, gate: Gate): Service {
  let isHurried = false;
  let known: string | undefined = gate.auth === 'basic' ? basic(login) : undefined;

  async function call(method: 'GET' | 'POST' | 'PATCH', path: string, query: Record<string, string>, body?: object): Promise<Called> {
    const signedIn = known ?? (await token());
    if (typeof signedIn !== 'string') return signedIn;
    known = signedIn;
    const url = new URL(`/api/now/table/${path}`, endpoint);
    url.search = new URLSearchParams({ sysparm_exclude_reference_link: 'true', ...query }).toString();
    return callService(
      outgoing,
      { method, url, authorization: signedIn, isHurried, within, ...(body === undefined ? {} : { body }) },
      words,
    );
  }

  /** Client credentials, as "OAuth API endpoint for token management" (oauth_token.do) has it. */
  async function token(): Promise<string | Exclude<Called, { kind: 'done' }>> {
    const [id = '', ...rest] = login.split(':');
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: rest.join(':') }).toString();
    const url = new URL('/oauth_token.do', endpoint);
    const asked = { method: 'POST', url, authorization: '', login, isHurried, within, body } as const;
    let error = '';
    const called = await callService(outgoing, asked, (json) => (error = textAt(json, 'error')));
    if (called.kind === 'refused' && called.status === 400 && notTaken.includes(error)) return { ...called, isOfLogin: true };
    if (called.kind !== 'done') return called;
    const { json } = called;
    const access = isRecord(json) ? json['access_token'] : undefined;
    return typeof access === 'string' ? `Bearer ${access}` : { kind: 'unknown', why: 'gives no token' };
  }

  /** `from`: the state that it was read in. */
  async function patch(id: string, body: Record<string, string>, from?: string): Promise<Called> {
    const called = await call('PATCH', `change_request/${id}`, { sysparm_fields: 'sys_id,state,correlation_id' }, body);
    return called.kind === 'done' ? believed(called, body, from) : called;
  }

  async function read(id: string, more: Record<string, string> = {}): Promise<{ kind: 'row'; row: Row } | NotDone> {
    const fields = 'sys_id,number,state,approval,on_hold,correlation_id,sys_updated_by,work_notes';
    const called = await call('GET', `change_request/${id}`, { sysparm_fields: fields, ...more });
    if (called.kind !== 'done') return called;
    const { json } = called;
    const row = isRecord(json) ? json['result'] : undefined;
    return isRecord(row) ? { kind: 'row', row } : { kind: 'unknown', why: 'answers with no change request' };
  }

  const thereAs = (row: Row): RequestThere | undefined => {
    const { sys_id: id, number } = row;
    if (typeof id !== 'string' || !/^[0-9a-f]{32}$/.test(id) || typeof number !== 'string') return undefined;
    const url = new URL('/nav_to.do', endpoint);
    url.search = new URLSearchParams({ uri: `change_request.do?sys_id=${id}` }).toString();
    return { id, number: cutText(number, most.number), url: url.toString() };
  };

  return {
    async tryLogin() {
      // Rows that the user may not read are taken out of what the limit let through, and that is a success: nothing tells it from a table that is empty.
      const newest = { sysparm_query: 'ORDERBYDESCsys_created_on', sysparm_fields: 'sys_id', sysparm_limit: String(triedRows) };
      for (const table of ['change_request', 'sysapproval_approver']) {
        const called = await call('GET', table, newest);
        if (called.kind !== 'done') return called;
        const rows = isRecord(called.json) ? called.json['result'] : undefined;
        if (!Array.isArray(rows)) return { kind: 'unknown', why: 'answers with no list' };
        if (rows.length === 0) return { kind: 'blank', of: triedRows, what: table };
      }
      return { kind: 'taken' };
    },
    settleMs: 120_000,
    async find(correlation, knownId) {
      const sysparm_query = `correlation_id=${correlation}^ORDERBYsys_created_on`;
      const called = await call('GET', 'change_request', { sysparm_query, sysparm_fields: 'sys_id,number,state', sysparm_limit: '5' });
      if (called.kind !== 'done') return called;
      const { json } = called;
      const rows = isRecord(json) ? json['result'] : undefined;
      if (!Array.isArray(rows)) return { kind: 'unknown', why: 'answers with no list' };
      const all = rows.filter(isRecord).flatMap((row) => {
        const [request, state] = [thereAs(row), textAt(row, 'state')];
        return request ? [{ request, isOver: state === canceled || state === closed, state }] : [];
      });
      return keepOne(all, knownId, ({ id }, note) => {
        const from = all.find(({ request }) => request.id === id)?.state;
        return patch(id, { state: canceled, work_notes: note }, from);
      });
    },
    async create(question) {
      const called = await call('POST', 'change_request', { sysparm_fields: 'sys_id,number' }, newChange(gate, question));
      if (called.kind !== 'done') return called;
      const { json } = called;
      const row = isRecord(json) ? json['result'] : undefined;
      const request = isRecord(row) ? thereAs(row) : undefined;
      // Whether its correlation id was written is seen when its approvers are asked: it is there, so another must not be made.
      return request ? { kind: 'found', request } : { kind: 'unknown', why: 'answers with no change request' };
    },
    async ask(id, correlation) {
      const found = await read(id);
      if (found.kind !== 'row') return found;
      if (textAt(found.row, 'correlation_id') === '') {
        const marked = await patch(id, { correlation_id: correlation });
        if (marked.kind !== 'done') return marked;
      }
      const state = textAt(found.row, 'state');
      if (state !== isNew && state !== '') return { kind: 'asked' };
      const called = await patch(id, { state: gate.type === 'normal' ? assess : authorize }, state);
      return called.kind === 'done' ? { kind: 'asked' } : called;
    },
    async look(id, correlation) {
      const found = await read(id);
      if (found.kind !== 'row') return notSeen('servicenow', "can't be read", found);
      if (found.row['correlation_id'] !== correlation)
        return { kind: 'unknown', why: 'no longer carries the correlation id that Slipway gave it, so it may ask for something else' };
      const decided = await call('GET', 'sysapproval_approver', {
        sysparm_query: `sysapproval=${id}^stateINapproved,rejected^ORDERBYsys_updated_on`,
        sysparm_fields: 'state,approver.name,approver.email,comments',
        sysparm_display_value: 'all',
        sysparm_limit: '50',
      });
      if (decided.kind !== 'done') return notSeen('servicenow', 'does not show who approved', decided);
      return sightOf(found.row, decided.json);
    },
    async begin(id) {
      isHurried = true;
      const found = await read(id);
      if (found.kind !== 'row') return found;
      if (found.row['state'] !== scheduled) return { kind: 'begun' };
      const called = await patch(id, { state: implement, work_notes: 'Slipway begins the swap.' }, scheduled);
      return called.kind === 'done' ? { kind: 'begun' } : called;
    },
    async close(id, closing) {
      const found = await read(id, { sysparm_display_value: 'all' });
      if (found.kind !== 'row') return notSent('servicenow', found);
      let state = textAt(found.row['state'], 'value');
      const isNoted = textAt(found.row['work_notes'], 'display_value').includes(closing.notice.id);
      for (const change of closingChanges(state, closing, isNoted)) {
        const called = await patch(id, change, state);
        if (called.kind !== 'done') return notSent('servicenow', called);
        state = change['state'] ?? state;
      }
      return { kind: 'sent' };
    },
  };
}

/**
 * A column that the user may not write is left out without a word, and the rest is carried out: 200 ("REST API 403: Forbidden", KB2971488, on field-level
 * ACLs). So what was written has to be there. A state that is another than before too was moved on at once by a rule of theirs.
 */
function believed(called: Extract<Called, { kind: 'done' }>, written: Record<string, string>, from = ''): Called {
  const row = isRecord(called.json) ? called.json['result'] : undefined;
  const isThere = (column: string): boolean => {
    const now = textAt(row, column);
    return now === written[column] || (column === 'state' && now !== '' && now !== from);
  };
  const missing = ['state', 'correlation_id'].filter((column) => written[column] !== undefined && !isThere(column));
  const [column] = missing;
  if (column === undefined) return called;
  const now = textAt(row, column);
  const shown = now === '' ? 'shows none' : `shows ${now}`;
  return {
    kind: 'refused',
    status: 200,
    why: `took ${written[column]} as the change's ${column} and ${shown}: Slipway's user there may not write or read that column`,
  };
}

/** `{ "error": { "message", "detail" }, "status": "failure" }` */
function words(json: unknown): string {
  const error = isRecord(json) ? json['error'] : undefined;
  return [textAt(error, 'message'), textAt(error, 'detail')].filter((one) => one !== '').join(': ');
}

function newChange(gate: Gate, question: Question): Record<string, string> {
  const { headline, lines } = questionText(question, most);
  return {
    ...gate.fields,
    type: gate.type,
    assignment_group: gate.assignmentGroup,
    short_description: headline,
    description: lines,
    correlation_id: question.correlation,
    correlation_display: displayOf(question.row.id),
  };
}

/** Names the rollout for a rule that nudges it. A cut id would be another's, so a longer one is left out. */
function displayOf(rolloutId: string): string {
  const display = `Slipway ${rolloutId}`;
  return display.length <= most.correlationDisplay ? display : 'Slipway';
}

/** `decided`: rows of sysapproval_approver, each value as `{ display_value, value }`, oldest first. */
function sightOf(change: Row, decided: unknown): ServiceSight {
  const rows = isRecord(decided) ? decided['result'] : undefined;
  if (!Array.isArray(rows)) return { kind: 'unknown', why: 'does not show who approved: ServiceNow answers with no list' };
  const answers = rows.filter(isRecord).map((row) => ({
    state: textAt(row['state'], 'value'),
    by: answererOf(row),
    comment: newestEntry(textAt(row['comments'], 'display_value')),
  }));
  const [state, approval, number] = [textAt(change, 'state'), textAt(change, 'approval'), textAt(change, 'number')];
  const name = stateNames[state] ?? state;
  const no = answers.findLast((one) => one.state === 'rejected');
  if (approval === 'rejected' || no)
    return { kind: 'rejected', by: no?.by, comment: no?.comment || `${number} was rejected in ServiceNow without a comment` };
  if (state === canceled || state === closed || state === review) {
    const by = textAt(change, 'sys_updated_by');
    return { kind: 'cancelled', by: by === '' ? undefined : { name: by }, says: `${number} was moved to ${name} in ServiceNow` };
  }
  const isThrough = state === scheduled || state === implement;
  if (approval !== 'approved' || !isThrough)
    return { kind: 'waiting', says: `is in ${name} in ServiceNow, its approval ${approval === '' ? 'not known' : approval}` };
  if (textAt(change, 'on_hold') === 'true') return { kind: 'waiting', says: 'is approved, and on hold in ServiceNow' };
  return { kind: 'approved', by: answers.map(({ by }) => by) };
}

function answererOf(row: Row): Answerer {
  const [name, mail] = ['approver.name', 'approver.email'].map((key) => textAt(row[key], 'value'));
  return { name: name || 'somebody whose name ServiceNow does not tell', ...(mail ? { mail } : {}) };
}

/** A journal shows its entries newest first, each under a line `<time> - <name> (<label>)`. */
const newestEntry = (journal: string): string =>
  journal
    .split(/\n\n(?=\S)/)[0]
    ?.replace(/^.* - .* \(.*\)\n/, '')
    .trim() ?? '';

/** One step at a time, as the state model allows no other: each is an update of its own, the note goes with the first. */
function closingChanges(state: string, { notice, outcome, publicUrl }: Closing, isNoted: boolean): Record<string, string>[] {
  const note: Record<string, string> = isNoted ? {} : { work_notes: closingNote(notice, publicUrl) };
  const wasThrough = [scheduled, implement, review].some((one) => one === state);
  const isOver = state === closed || state === canceled;
  const steps = (code: 'successful' | 'unsuccessful' | undefined): Record<string, string>[] => {
    const path = [scheduled, implement, review, ...(code ? [closed] : [])];
    return path.slice(path.findIndex((one) => one === state) + 1).map((to) => ({
      state: to,
      ...(to === closed && code ? { close_code: code, close_notes: notice.model.sentence.slice(0, most.description) } : {}),
    }));
  };
  const end = (): Record<string, string>[] => {
    if (isOver) return [];
    switch (outcome) {
      case 'deployed':
      case 'unchanged':
        return wasThrough ? steps('successful') : [{ state: canceled }];
      case 'rolled-back':
        return wasThrough ? steps('unsuccessful') : [{ state: canceled }];
      case 'needs-attention':
        // A person has to look: it stays open until somebody did.
        return wasThrough ? steps(undefined) : [];
      case 'failed':
      case 'rejected':
      case 'expired':
      case 'cancelled':
      case 'superseded':
        return state === review || state === implement ? steps('unsuccessful') : [{ state: canceled }];
    }
  };
  const [first, ...others] = end();
  if (first) return [{ ...first, ...note }, ...others];
  return isNoted ? [] : [note];
}
