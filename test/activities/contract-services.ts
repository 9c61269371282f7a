import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { openItsmDesk } from '../../local/azure/itsm/desk';
import { changeManager, requestTypes, slipwayUser } from '../../local/azure/itsm/jira-model';
import { jiraPeople, openJira, type JiraRecords } from '../../local/azure/itsm/jira-records';
import { jiraRoutes } from '../../local/azure/itsm/jira-routes';
import { openServiceNow, type ServiceNowRecords } from '../../local/azure/itsm/servicenow-records';
import { serviceNowRoutes } from '../../local/azure/itsm/servicenow-routes';
import type { Answer, Asked } from '../../local/azure/servers';
import type { Collection, Store } from '../../local/azure/store';
import { localJira } from '../../local/start/rehearsal-settings';
import type { ServiceGateRow } from '../../src/domain/gate';
import { settingsSchema } from '../../src/domain/settings';
import { gateKey } from '../../src/domain/tables';
import { gate, rolloutId } from '../mail/world';
import type { World } from './contract-world';

/** The local Azure's own services that approve changes, for one world of many: each is told apart by the password it signs in with. */

const opened = new Map<string, (asked: Asked) => Promise<Answer>>();
let endpoint: Promise<string> | undefined;

function serve(): Promise<string> {
  const server = http.createServer((request, response) => {
    const password =
      Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64')
        .toString()
        .split(':')[1] ?? '';
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const asked: Asked = {
        method: request.method ?? '',
        url,
        headers: request.headers,
        request,
        body: async () => Buffer.concat(chunks),
      };
      void opened
        .get(password)?.(asked)
        .then(({ status, headers, body }) => response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body)));
    });
  });
  // Nobody is left to stop it when the last case is over.
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

function storeInMemory(): Store {
  const collections = new Map<string, Map<string, unknown>>();
  return {
    collection<T>(name: string): Collection<T> {
      const rows = (collections.get(name) ?? new Map()) as Map<string, T>;
      collections.set(name, rows);
      return {
        get: (id) => structuredClone(rows.get(id)),
        put: (id, value) => void rows.set(id, value),
        remove: (id) => void rows.delete(id),
        all: () => [...rows.values()].map((row) => structuredClone(row)),
      };
    },
    together: (work) => work(),
    close: () => undefined,
  };
}

type ServicePolicy = ServiceGateRow['policy'];

const { gates } = settingsSchema.parse({
  azure: { subscription: 's', resourceGroup: 'g' },
  apps: {},
  people: { team: ['team@example.com'], 'on-call': ['on-call@example.com'] },
  policies: {
    there: {
      gates: [
        {
          ...{ name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SNOW_LOGIN', type: 'emergency' },
          assignmentGroup: '0123456789abcdef0123456789abcdef',
        },
        {
          ...{ name: 'request', kind: 'jira', site: 'https://acme.atlassian.net', login: 'JIRA_LOGIN' },
          ...localJira,
        },
      ],
    },
  },
}).policies['there'] ?? { gates: [] };

export const policyOf = (kind: ServicePolicy['kind']): ServicePolicy => {
  const [found] = gates.flatMap((one) => (one.kind !== 'signed-link' && one.kind === kind ? [one] : []));
  if (!found) throw new Error('The policy above has it.');
  return found;
};

/** Serves a world's own service, and gives the world a gate that is answered there. */
async function bring(
  world: World,
  policy: ServicePolicy,
  request: Partial<ServiceGateRow['request']>,
  routesFor: (password: string) => (asked: Asked) => Promise<Answer>,
): Promise<void> {
  const password = createHash('sha256').update(String(opened.size)).digest('hex');
  opened.set(password, routesFor(password));
  endpoint ??= serve();
  const user = policy.kind === 'jira' ? slipwayUser.emailAddress : 'slipway';
  world.ports.services = { logins: { [policy.login]: `${user}:${password}` }, endpoints: { [policy.kind]: await endpoint } };
  const { kind: _kind, approvers: _approvers, ...any } = gate;
  const value: ServiceGateRow = {
    ...any,
    ...{ gate: policy.name, kind: policy.kind, approvers: [], policy },
    request: { correlation, attempt: 0, ...request },
  };
  await world.rows.write([{ kind: 'insert', partition: rolloutId, row: gateKey(policy.name), value }]);
}

const deskOf = (now: () => number) =>
  openItsmDesk({
    faults: { strike: () => undefined } as never,
    receipts: { itsm: () => undefined } as never,
    schedule: { now } as never,
  });

/** Gives the world a gate that ServiceNow answers, and what that service holds as one of its effects. `unwritable`: columns that its user may not write. */
export async function bringServiceNow(
  world: World,
  request: Partial<ServiceGateRow['request']> = {},
  unwritable: ReadonlySet<string> = new Set(),
): Promise<ServiceNowRecords> {
  const now = () => world.ports.clock.now();
  const records = openServiceNow(storeInMemory(), now);
  await bring(world, policyOf('servicenow'), request, (password) => {
    const routes = serviceNowRoutes({ desk: deskOf(now), records, login: { user: 'slipway', password }, pageOf: () => '' });
    return (asked) => routes({ ...asked, body: async () => without(await asked.body(), unwritable) });
  });
  // A note that two runs write at once is there twice, and says so by the same words.
  Object.defineProperty(world.effects, 'changes', {
    enumerable: true,
    get: () => records.changes.all().map(({ columns, workNotes }) => ({ columns, notes: [...new Set(workNotes.map(({ text }) => text))] })),
  });
  return records;
}

/** What a test does to the local Jira on the way. */
export interface JiraWays {
  policy?: Partial<Extract<ServicePolicy, { kind: 'jira' }>>;
  searchLagMs?: () => number;
  /** Stands before Jira. */
  around?: (asked: Asked, jira: (asked: Asked) => Promise<Answer>) => Promise<Answer>;
}

/** Gives the world a gate that Jira answers, and what that service holds as one of its effects. */
export async function bringJira(
  world: World,
  request: Partial<ServiceGateRow['request']> = {},
  { policy = {}, searchLagMs = () => 0, around = (asked, jira) => jira(asked) }: JiraWays = {},
): Promise<JiraRecords> {
  const now = () => world.ports.clock.now();
  const records = openJira(storeInMemory(), now);
  await bring(world, { ...policyOf('jira'), ...policy } as ServicePolicy, request, (password) => {
    const routes = jiraRoutes({ desk: deskOf(now), records, tokenOf: () => password, pageOf: () => '', searchLagMs });
    return (asked) => around(asked, routes);
  });
  Object.defineProperty(world.effects, 'requests', {
    enumerable: true,
    get: () =>
      records.requests
        .all()
        .map(({ status, values, comments }) => ({ status, values, notes: [...new Set(comments.map(({ body }) => body))] })),
  });
  return records;
}

function without(body: Buffer, columns: ReadonlySet<string>): Buffer {
  const given = Object.entries(JSON.parse(body.toString()) as object);
  return Buffer.from(JSON.stringify(Object.fromEntries(given.filter(([name]) => !columns.has(name)))));
}

export const correlation = 'slipway0123456789abcdef0123456789abcdef';

/** The same with a change request that is there and approved, or not yet, or about which nobody was asked. */
export async function bringChange(world: World, isApproved: boolean, { isAsked = true } = {}): Promise<void> {
  const known = { id: '', number: 'CHG0030001', url: 'http://127.0.0.1/nav_to.do', attempt: 1, ...(isAsked ? { isAsked } : {}) };
  const records = await bringServiceNow(world, known);
  const columns = { type: 'emergency', short_description: 'x', assignment_group: 'a', correlation_id: correlation };
  const made = records.create(columns, 'slipway');
  if (isAsked) records.update(made, { state: '-3' }, 'slipway');
  if (isApproved) records.answer(made.number, 'approved');
  await know(world, 'change', made.sys_id);
}

/** The same with a request in Jira. */
export async function bringRequest(world: World, isApproved: boolean, ways: JiraWays = {}): Promise<JiraRecords> {
  const known = { id: '', number: 'MC-1', url: 'http://127.0.0.1/browse/MC-1', attempt: 1, isAsked: true as const };
  const records = await bringJira(world, known, ways);
  const type = requestTypes.find(({ id }) => id === '17');
  if (!type) throw new Error('The local Jira has it.');
  const made = records.create(type, { summary: 'x', description: `x ${correlation}` }, slipwayUser);
  if (isApproved) jiraPeople(records, changeManager).answer(made.key, 'approve');
  await know(world, 'request', made.id);
  return records;
}

async function know(world: World, gateName: string, id: string): Promise<void> {
  const found = await world.rows.read<ServiceGateRow>(rolloutId, gateKey(gateName));
  if (!found) throw new Error('It was written before.');
  const value = { ...found.value, request: { ...found.value.request, id } };
  await world.rows.write([{ kind: 'replace', partition: rolloutId, row: gateKey(gateName), value, etag: found.etag }]);
}
