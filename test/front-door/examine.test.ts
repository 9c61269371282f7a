import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NotAllowed, TargetUnreadable } from '../../src/azure/arm-sites';
import { createOutgoing } from '../../src/azure/outgoing';
import type { Ports } from '../../src/azure/ports';
import { settingsSchema } from '../../src/domain/settings';
import { stopKey, stopsPartition } from '../../src/domain/tables';
import type { Finding } from '../../src/domain/traps';
import { adoptHandler, doctorHandler } from '../../src/triggers/examine.http';
import { planHandler } from '../../src/triggers/plan.http';
import { HttpRequest, InvocationContext, type HttpHandler, type HttpResponseInit } from '@azure/functions';
import { frontDoorPorts } from './ports';

const refusal = {
  action: 'Microsoft.Web/sites/slots/read',
  scope: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/hello',
};
const refuse = () => Promise.reject(new NotAllowed(refusal));

let before: NodeJS.ProcessEnv;
beforeEach(() => {
  before = { ...process.env };
  process.env['SLIPWAY_LOCAL_OPERATOR'] = 'olga';
});
afterEach(() => void (process.env = before));

const portsWith = (appControl: object): Ports => ({
  ...frontDoorPorts().ports,
  appControl: appControl as Ports['appControl'],
  packagePush: { refusalOf: () => Promise.resolve(undefined) } as unknown as Ports['packagePush'],
});

async function ask(handler: HttpHandler, query: Record<string, string>): Promise<{ status: number; json: Record<string, unknown> }> {
  const request = new HttpRequest({ method: 'GET', url: `https://slipway.example/api/x?${new URLSearchParams(query).toString()}`, query });
  const { status, body } = (await handler(request, new InvocationContext())) as HttpResponseInit;
  return { status: status ?? 0, json: JSON.parse(body as string) as Record<string, unknown> };
}

const here = { app: 'hello', environment: 'production' };
const resource = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/hello';

test('what may not be read is a finding that names the action, once, and stops a rollout', async () => {
  const ports = portsWith({ readFacts: refuse, functionKey: refuse, clockAheadMs: refuse });
  const { status, json } = await ask(doctorHandler(ports, {}), here);
  expect(status).toBe(200);
  expect(json).toMatchObject({ ...here, ok: false, way: null });
  expect(json['findings']).toEqual([
    expect.objectContaining({
      about: 'target',
      code: 'azure-not-allowed',
      weight: 'stops',
      sentence: expect.stringContaining(refusal.action),
    }),
  ]);
});

test('a stopped line stands in the way, with who stopped it, why, and what starts it again', async () => {
  const ports = portsWith({ readFacts: refuse, functionKey: refuse, clockAheadMs: refuse });
  const stop = async (app: string | null, reason: string) => {
    const value = { v: 1, app, number: 1, stopped: { by: 'olga', reason, at: '2026-11-23T10:00:00.000Z' } };
    await ports.rows.write([{ kind: 'insert', partition: stopsPartition, row: stopKey(app), value }]);
  };
  await stop(null, 'the database moves');
  await stop('hello', 'a leak');
  await stop('other', 'a bad day');
  const { json } = await ask(doctorHandler(ports, {}), here);
  const found = (json['findings'] as Finding[]).filter(({ code }) => code === 'line-stopped');
  expect(found).toEqual([
    {
      about: 'slipway',
      code: 'line-stopped',
      weight: 'stops',
      sentence: 'olga stopped the line at 2026-11-23 10:00 UTC: the database moves.',
      why: 'Nothing swaps until it is started again; a rollout that has every yes waits, and expires in the end.',
      next: 'Start it again once it may move: slipway line start --reason "…"',
    },
    expect.objectContaining({
      sentence: 'olga stopped the line of hello at 2026-11-23 10:00 UTC: a leak.',
      next: 'Start it again once it may move: slipway line start hello --reason "…"',
    }),
  ]);
});

test('a target that can not be read for another reason says which', async () => {
  const gone = () => Promise.reject(new Error('Azure knows no function app "hello".'));
  const { json } = await ask(doctorHandler(portsWith({ readFacts: gone, functionKey: gone, clockAheadMs: gone }), {}), here);
  expect(json['findings']).toEqual([
    expect.objectContaining({ code: 'target-unreadable', sentence: 'Azure knows no function app "hello".' }),
  ]);
});

test('rows that can not be read are found as well', async () => {
  const ports = portsWith({ readFacts: refuse, functionKey: refuse, clockAheadMs: refuse });
  const broken = { ...ports, rows: { ...ports.rows, read: () => Promise.reject(new Error('storage is away')) } };
  const { json } = await ask(doctorHandler(broken, {}), here);
  expect(json['findings']).toContainEqual(expect.objectContaining({ about: 'slipway', code: 'rows-unreadable' }));
  expect(JSON.stringify(json)).not.toContain('storage is away');
});

test('channels and gates of the policy are looked at: nothing is sent, and nothing of an address but its host is told', async () => {
  const settings = settingsSchema.parse({
    azure: { subscription: 's', resourceGroup: 'g' },
    people: { team: ['room', 'broken', 'texts'], 'on-call': ['night'] },
    channels: {
      room: { kind: 'slack', url: 'ROOM_URL' },
      broken: { kind: 'teams', url: 'BROKEN_URL' },
      night: { kind: 'pagerduty', routingKey: 'PAGER_KEY', region: 'eu' },
      texts: { kind: 'sms', from: 'Slipway', to: ['+4915112345678'] },
    },
    apps: { hello: { environments: { production: { functionApp: 'hello', policy: 'careful' } } } },
    policies: {
      careful: {
        gates: [{ name: 'change', kind: 'servicenow', instance: 'https://10.0.0.4', login: 'SN_LOGIN', assignmentGroup: 'a'.repeat(32) }],
      },
    },
  });
  const channels: Ports['channels'] = {
    room: { kind: 'slack', url: 'http://hooks.slack.com/services/SECRET' },
    broken: { kind: 'teams', url: 'https://[SECRET' },
    night: { kind: 'pagerduty', endpoint: 'http://events.pagerduty.com', routingKey: 'SECRET' },
    texts: { kind: 'sms', from: 'Slipway' },
  };
  const services = { logins: { SN_LOGIN: '@Microsoft.KeyVault(SecretUri=https://SECRET)' }, endpoints: {} };
  const ports = portsWith({ readFacts: refuse, functionKey: refuse, clockAheadMs: refuse });
  const { json } = await ask(
    doctorHandler({ ...ports, settings, channels, services, outgoing: createOutgoing(settings.outgoing) }, {}),
    here,
  );
  const found = json['findings'] as { about: string; weight: string; sentence: string }[];
  expect(found.filter(({ about }) => about === 'slipway').map(({ weight, sentence }) => `${weight}: ${sentence}`)).toEqual([
    'warns: No address can be read from the app setting BROKEN_URL, which channel broken needs.',
    'warns: Channel night leads to events.pagerduty.com, and the service is reached at events.eu.pagerduty.com.',
    'warns: events.pagerduty.com, where channel night leads, is not asked: it is not https.',
    'warns: hooks.slack.com, where channel room leads, is not asked: it is not https.',
    'warns: 10.0.0.4, where gate change leads, is not asked: its address is a private one.',
    'warns: The app setting SN_LOGIN, the login of gate change, holds a reference to Key Vault that was not resolved.',
  ]);
  expect(JSON.stringify(json)).not.toContain('SECRET');
});

test('a place that slipway.yaml does not name is refused with those it does', async () => {
  const { status, json } = await ask(doctorHandler(portsWith({}), {}), { ...here, app: 'other' });
  expect(status).toBe(422);
  expect(json['next']).toContain('hello to production');
  expect((await ask(doctorHandler(portsWith({}), {}), {})).status).toBe(400);
});

test('adopt refuses what is no function app, and says which right it lacks', async () => {
  expect((await ask(adoptHandler(portsWith({})), { resource: 'hello' })).status).toBe(400);
  expect((await ask(adoptHandler(portsWith({})), {})).status).toBe(400);
  const { status, json } = await ask(adoptHandler(portsWith({ listSlots: refuse })), { resource });
  expect(status).toBe(422);
  expect(json['detail']).toContain(refusal.action);
});

test('neither is for people without a role', async () => {
  delete process.env['SLIPWAY_LOCAL_OPERATOR'];
  expect((await ask(doctorHandler(portsWith({}), {}), here)).status).toBe(401);
  expect((await ask(adoptHandler(portsWith({})), { resource })).status).toBe(401);
});

test('adopt and plan say why a target can not be read, and call no fault of their own what is one', async () => {
  const gone = () => Promise.reject(new TargetUnreadable('Azure knows no function app "hello".'));
  const told = {
    status: 422,
    json: { type: expect.stringContaining('target-unreadable'), detail: 'Azure knows no function app "hello".' },
  };
  expect(await ask(adoptHandler(portsWith({ listSlots: gone })), { resource })).toMatchObject(told);
  expect(await ask(planHandler(portsWith({ readHosting: gone })), { ...here, version: '2.0.0' })).toMatchObject(told);
  expect(await ask(planHandler(portsWith({ readHosting: refuse })), { ...here, version: '2.0.0' })).toMatchObject({
    status: 422,
    json: { type: expect.stringContaining('azure-not-allowed') },
  });
  const broken = () => Promise.reject(new TypeError('x is not a function'));
  expect((await ask(planHandler(portsWith({ readHosting: broken })), { ...here, version: '2.0.0' })).status).toBe(500);
});
