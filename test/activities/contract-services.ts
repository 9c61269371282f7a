import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { openItsmDesk } from '../../local/azure/itsm/desk';
import { openServiceNow, type ServiceNowRecords } from '../../local/azure/itsm/servicenow-records';
import { serviceNowRoutes } from '../../local/azure/itsm/servicenow-routes';
import type { Answer, Asked } from '../../local/azure/servers';
import type { Collection, Store } from '../../local/azure/store';
import type { ServiceGateRow } from '../../src/domain/gate';
import { settingsSchema } from '../../src/domain/settings';
import { gateKey } from '../../src/domain/tables';
import { gate, rolloutId } from '../mail/world';
import type { World } from './contract-world';

/** The local Azure's own ServiceNow, for one world of many: each is told apart by the password it signs in with. */

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
        .then(({ status, body }) => response.writeHead(status).end(JSON.stringify(body)));
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

const policies = settingsSchema.parse({
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
      ],
    },
  },
}).policies;
const policy = policies['there']?.gates[0];

/** Gives the world a gate that ServiceNow answers, and what that service holds as one of its effects. `unwritable`: columns that its user may not write. */
export async function bringServiceNow(
  world: World,
  request: Partial<ServiceGateRow['request']> = {},
  unwritable: ReadonlySet<string> = new Set(),
): Promise<ServiceNowRecords> {
  if (policy?.kind !== 'servicenow') throw new Error('The policy above has it.');
  const now = () => world.ports.clock.now();
  const store = storeInMemory();
  const records = openServiceNow(store, now);
  const password = createHash('sha256').update(String(opened.size)).digest('hex');
  const desk = openItsmDesk({
    faults: { strike: () => undefined } as never,
    receipts: { itsm: () => undefined } as never,
    schedule: { now } as never,
  });
  const routes = serviceNowRoutes({ desk, records, login: { user: 'slipway', password }, pageOf: () => '' });
  opened.set(password, (asked) => routes({ ...asked, body: async () => without(await asked.body(), unwritable) }));
  endpoint ??= serve();
  world.ports.services = { logins: { SNOW_LOGIN: `slipway:${password}` }, endpoints: { servicenow: await endpoint } };
  // A note that two runs write at once is there twice, and says so by the same words.
  Object.defineProperty(world.effects, 'changes', {
    enumerable: true,
    get: () => records.changes.all().map(({ columns, workNotes }) => ({ columns, notes: [...new Set(workNotes.map(({ text }) => text))] })),
  });
  const { kind: _kind, approvers: _approvers, ...any } = gate;
  const value: ServiceGateRow = {
    ...any,
    gate: 'change',
    kind: 'servicenow',
    approvers: [],
    policy,
    request: { correlation, attempt: 0, ...request },
  };
  await world.rows.write([{ kind: 'insert', partition: rolloutId, row: gateKey('change'), value }]);
  return records;
}

function without(body: Buffer, columns: ReadonlySet<string>): Buffer {
  const given = Object.entries(JSON.parse(body.toString()) as object);
  return Buffer.from(JSON.stringify(Object.fromEntries(given.filter(([name]) => !columns.has(name)))));
}

const correlation = 'slipway0123456789abcdef0123456789abcdef';

/** The same with a change request that is there and approved, or not yet. */
export async function bringChange(world: World, isApproved: boolean): Promise<void> {
  const known = { id: '', number: 'CHG0030001', url: 'http://127.0.0.1/nav_to.do', attempt: 1, isAsked: true as const };
  const records = await bringServiceNow(world, known);
  const columns = { type: 'emergency', short_description: 'x', assignment_group: 'a', correlation_id: correlation };
  const made = records.create(columns, 'slipway');
  records.update(made, { state: '-3' }, 'slipway');
  if (isApproved) records.answer(made.number, 'approved');
  const found = await world.rows.read<ServiceGateRow>(rolloutId, gateKey('change'));
  if (!found) throw new Error('It was written above.');
  const value = { ...found.value, request: { ...found.value.request, id: made.sys_id } };
  await world.rows.write([{ kind: 'replace', partition: rolloutId, row: gateKey('change'), value, etag: found.etag }]);
}
