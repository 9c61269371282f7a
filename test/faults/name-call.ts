/** What listens where: port to service. */
export type Service =
  'arm' | 'scm' | 'mail' | 'identity' | 'tables' | 'blobs' | 'queues' | 'staging' | 'production' | 'slipway' | 'servicenow' | 'jira';
export type Places = ReadonlyMap<number, Service>;

export interface Call {
  method: string;
  port: number;
  path: string;
  body: Buffer;
}

export interface CallName {
  what: string;
  isRead: boolean;
}

/** What an outgoing call asks for; undefined for one that is not known here. */
export function callName(places: Places, call: Call): CallName | undefined {
  const service = places.get(call.port);
  return service === undefined ? undefined : byService[service](call);
}

const read = (what: string): CallName => ({ what, isRead: true });
const write = (what: string): CallName => ({ what, isRead: false });

type Rule = readonly [method: string, path: RegExp, name: CallName];

const first = (rules: readonly Rule[], { method, path }: Call): CallName | undefined =>
  rules.find(([rule, form]) => rule === method && form.test(path))?.[2];

const byService: Record<Service, (call: Call) => CallName | undefined> = {
  arm: (call) =>
    first(
      [
        ['POST', /\/slots\/[^/]+\/slotsswap\b/i, write('arm swap')],
        ['POST', /\/config\/appsettings\/list\b/i, read('arm read settings')],
        ['PUT', /\/config\/appsettings\b/i, write('arm write settings')],
        ['POST', /\/syncfunctiontriggers\b/i, write('arm sync triggers')],
        ['GET', /\/config\/authsettingsV2\b/i, read('arm read sign-in')],
        ['GET', /\/basicPublishingCredentialsPolicies\/scm\b/i, read('arm read publishing policy')],
        ['GET', /\/config\/slotConfigNames\b/i, read('arm read sticky names')],
        ['PUT', /\/config\/slotConfigNames\b/i, write('arm write sticky names')],
        ['GET', /\/functions\b/i, read('arm list functions')],
        ['POST', /\/host\/default\/listkeys\b/i, read('arm read keys')],
        ['GET', /\/serverfarms\//i, read('arm read plan')],
        ['GET', /\/slots\/[^/?]+(?:\?|$)/i, read('arm read staging')],
        ['GET', /\/sites\/[^/?]+(?:\?|$)/i, read('arm read production')],
      ],
      call,
    ),
  scm: (call) =>
    first(
      [
        ['GET', /^\/api\/deployments\b/, read('scm list deployments')],
        ['POST', /^\/api\/zipdeploy\b/, write('scm push')],
      ],
      call,
    ),
  mail: (call) => first([['POST', /^\/emails:send\b/, write('mail send')]], call),
  identity: (call) => first([['GET', /^\/msi\/token\b/, read('identity token')]], call),
  tables: tablesCall,
  blobs: (call) =>
    first(
      [
        ['HEAD', /^\/[^/]+\/[^/]+\/[^/]+$/, read('blob look')],
        ['GET', /^\/[^/]+\/[^/]+\/[^/]+/, read('blob get')],
        ['PUT', /^\/[^/]+\/[^/?]+\?restype=container/, write('blob container')],
        ['PUT', /^\/[^/]+\/[^/]+\/[^/]+/, write('blob put')],
      ],
      call,
    ),
  queues: (call) =>
    first(
      [
        ['PUT', /^\/[^/]+\/[^/?]+\/messages\/[^/]+/, write('queue give back')],
        ['DELETE', /\/messages\//, write('queue delete')],
        ['GET', /\/messages\b/, write('queue take')],
        ['POST', /\/messages\b/, write('queue send')],
        ['PUT', /^\/[^/]+\/[^/?]+(?:\?|$)/, write('queue make')],
        ['GET', /^\/[^/]+\/[^/?]+(?:\?|$)/, read('queue look')],
      ],
      call,
    ),
  servicenow: serviceNowCall,
  jira: jiraCall,
  staging: () => read('check staging'),
  production: () => read('check production'),
  slipway: (call) =>
    first(
      [
        ['POST', /\/orchestrators\/rollout\b/, write('start rollout')],
        ['POST', /\/orchestrators\/deliverNotice\b/, write('start deliverNotice')],
        ['POST', /\/orchestrators\/endRollout\b/, write('start endRollout')],
        ['POST', /\/raiseEvent\/wake-\d+/, write('wake')],
        ['POST', /\/terminate\b/, write('terminate')],
        ['GET', /\/instances\//, read('instance status')],
      ],
      call,
    ),
};

/** A closing is told from the moves before it: behind it nobody may write any more. */
function serviceNowCall(call: Call): CallName | undefined {
  const { method, body } = call;
  if (method === 'PATCH') {
    const { state, work_notes: note } = JSON.parse(body.toString('utf8')) as Record<string, string | undefined>;
    return write(`servicenow ${state === '3' ? 'close' : note === undefined ? 'move' : 'note'}`);
  }
  return first(
    [
      ['POST', /^\/api\/now\/table\/change_request\?/, write('servicenow create')],
      ['GET', /^\/api\/now\/table\/change_request\?/, read('servicenow find')],
      ['GET', /^\/api\/now\/table\/change_request\/[0-9a-f]{32}\?/, read('servicenow read')],
      ['GET', /^\/api\/now\/table\/sysapproval_approver\?/, read('servicenow read approvals')],
    ],
    call,
  );
}

/** The transitions are those of the local Jira. */
function jiraCall(call: Call): CallName | undefined {
  const { method, path, body } = call;
  if (method === 'POST' && path.endsWith('/transition')) {
    const { id } = JSON.parse(body.toString('utf8')) as { id?: string };
    return write(`jira ${id === '21' ? 'move' : 'close'}`);
  }
  return first(
    [
      ['POST', /^\/rest\/servicedeskapi\/request$/, write('jira create')],
      ['POST', /\/comment$/, write('jira note')],
      ['GET', /^\/rest\/api\/3\/search\/jql\?/, read('jira find')],
      ['GET', /^\/rest\/servicedeskapi\/request\/\d+$/, read('jira read')],
      ['GET', /\/approval\?/, read('jira read approvals')],
      ['GET', /\/comment\?/, read('jira read comments')],
      ['GET', /\/transition\?/, read('jira read transitions')],
    ],
    call,
  );
}

function tablesCall({ method, path, body }: Call): CallName | undefined {
  if (method === 'POST' && /\/\$batch\b/.test(path)) return write(`write ${rowsIn(body).join('+')}`);
  if (method === 'POST' && /\/Tables\b/.test(path)) return write('make table');
  if (method !== 'GET') return undefined;
  const one = /RowKey='([^']*)'\)/.exec(decodeURIComponent(path))?.[1];
  if (one !== undefined) return read(`read ${rowName(one)}`);
  const filter = new URLSearchParams(path.slice(path.indexOf('?'))).get('$filter') ?? '';
  const everywhere = /^RowKey eq '([^']*)'/.exec(filter)?.[1];
  if (everywhere !== undefined) return read(`list every ${rowName(everywhere)}`);
  const from = /RowKey ge '([^']*)'/.exec(filter)?.[1];
  if (from !== undefined) return read(`list ${rowName(from)}`);
  const whole = /^PartitionKey eq '(stop|open)s?'$/.exec(filter)?.[1];
  return whole === undefined ? undefined : read(`list ${whole}`);
}

/** A batch names each row twice at most: in the address of what is replaced or deleted, and in the row itself. */
function rowsIn(body: Buffer): string[] {
  const text = body.toString('utf8');
  const keys = [...text.matchAll(/"RowKey":"([^"]*)"|RowKey='([^']*)'/g)].map(([, inserted, addressed]) => inserted ?? addressed ?? '');
  return [...new Set(keys.map((key) => rowName(decodeURIComponent(key))))].sort();
}

/** Rows of one kind have one name, whatever number, gate or digest their key carries. */
function rowName(key: string): string {
  if (/^(?:head|entry-|ledger-)/.test(key)) return 'ledger';
  const kind = /^(gate|decision|notice|push|swap|open|ended)-/.exec(key)?.[1];
  if (kind !== undefined) return kind;
  if (/^[0-9a-f]{64}$/.test(key)) return 'message';
  return key.startsWith('hour-') ? 'hour' : key;
}
