import { describe, expect, it } from '@jest/globals';
import type { AppControl } from '../../src/azure/app-control';
import type { Ports } from '../../src/azure/ports';
import { createStartRollout } from '../../src/commands/start-rollout';
import type { TargetFacts } from '../../src/domain/preflight';
import { settingsSchema } from '../../src/domain/settings';
import { changeLineHandler, readLineHandler } from '../../src/triggers/line.http';
import { planHandler } from '../../src/triggers/plan.http';
import { overrideCalendarHandler } from '../../src/triggers/rollouts.http';
import { call, endedAs, frontDoorPorts, recordedInstances, requestOf, requester, rolloutRow, tell } from './ports';
import { plan } from '../mail/world';
import { fitTarget } from '../target-facts';

/** Stopping the line, letting one rollout pass the calendar, and looking ahead. */

process.env['SLIPWAY_LOCAL_OPERATOR'] = 'olga';

function world(policy: object = {}) {
  const { ports, time } = frontDoorPorts();
  ports.settings = settingsSchema.parse({
    azure: { subscription: 's', resourceGroup: 'g' },
    people: { team: ['team@example.com'] },
    apps: {
      hello: { environments: { production: { functionApp: 'hello', policy: 'careful' } } },
      other: { environments: { production: { functionApp: 'other', policy: 'careful' } } },
    },
    policies: { careful: policy },
  });
  const { instances, woken, started } = recordedInstances();
  const of = () => instances;
  const line = (change: 'stop' | 'start', json: object) => call(changeLineHandler(change, ports, of), { json });
  const ledgerOf = async (app: string) =>
    (await ports.rows.list<{ kind: string; data: object }>(`${app}.production`, 'ledger-')).map(({ value: { kind, data } }) => ({
      kind,
      data,
    }));
  return { ports, time, instances, woken, started, of, line, ledgerOf };
}

async function started({
  ports,
  instances,
}: {
  ports: Ports;
  instances: ReturnType<typeof recordedInstances>['instances'];
}): Promise<string> {
  const answer = await createStartRollout(ports)(requestOf(), { requester, key: 'k' }, instances);
  if (answer.kind === 'refused') throw new Error(answer.problem.sentence);
  return answer.id;
}

describe('the line', () => {
  it('is stopped for one app or all, once, with a reason, on record', async () => {
    const { ports, line, ledgerOf } = world();
    expect(await line('stop', { app: 'hello', reason: 'a leak' })).toMatchObject({
      status: 200,
      body: { app: 'hello', stopped: { by: 'olga', reason: 'a leak' }, already: false },
    });
    expect((await line('stop', { app: 'hello', reason: 'again' })).body).toMatchObject({ already: true, stopped: { reason: 'a leak' } });
    expect((await line('stop', { reason: 'the database moves' })).body).toMatchObject({ app: null, already: false });
    expect((await call(readLineHandler(ports), {})).body).toMatchObject({ stops: [{ app: null }, { app: 'hello', by: 'olga' }] });
    expect((await line('start', { app: 'hello', reason: 'mended' })).body).toMatchObject({ stopped: null, already: false });
    expect((await line('start', { app: 'other', reason: 'mended' })).body).toMatchObject({ stopped: null, already: true });
    expect((await ledgerOf('hello')).map(({ kind }) => kind)).toEqual(['line-stopped', 'line-stopped', 'line-started']);
    expect(await ledgerOf('other')).toEqual([{ kind: 'line-stopped', data: { by: 'olga', reason: 'the database moves', app: null } }]);
  });

  it('answers with the other stops that still keep it', async () => {
    const { line } = world();
    expect((await line('start', { reason: 'mended' })).body).toMatchObject({ already: true, otherStops: [] });
    await line('stop', { app: 'other', reason: 'a leak' });
    expect((await line('stop', { reason: 'the database moves' })).body).toMatchObject({ otherStops: [{ app: 'other', reason: 'a leak' }] });
    expect((await line('start', { app: 'hello', reason: 'mended' })).body).toMatchObject({
      already: true,
      otherStops: [{ app: null, by: 'olga', reason: 'the database moves' }],
    });
    expect((await line('start', { reason: 'moved' })).body).toMatchObject({ already: false, otherStops: [{ app: 'other' }] });
    expect((await line('start', { app: 'hello', reason: 'mended' })).body).toMatchObject({ already: true, otherStops: [] });
  });

  it('wakes whoever waits at the gate of that app', async () => {
    const { ports, instances, line, woken } = world();
    const id = await started({ ports, instances });
    await tell(ports, id, { phase: 'asking', round: 7 });
    await line('stop', { app: 'other', reason: 'x' });
    expect(woken).toEqual([]);
    await line('stop', { reason: 'x' });
    expect(woken).toEqual([`${id} 7`]);
  });

  it('takes no stop without a reason, of an app nobody knows, or from somebody without the role', async () => {
    const { line, ports, of } = world();
    expect(await line('stop', {})).toMatchObject({ status: 400 });
    expect((await line('stop', { reason: ' ' })).text).toContain('everybody who waits reads it');
    expect(await line('stop', { app: 'nobody', reason: 'x' })).toMatchObject({ status: 404 });
    const principal = { 'x-ms-client-principal': 'e30=' };
    const answer = await call(changeLineHandler('stop', ports, of), { json: { reason: 'x' }, headers: principal });
    expect(answer.status).toBe(403);
  });
});

describe('an override', () => {
  const frozen = { calendar: { zone: 'UTC', freezes: [{ from: '2026-11-20', to: '2026-11-30', reason: 'the great sale' }] } };

  it('lets a rollout pass the calendar for a reason that is told, once', async () => {
    const { ports, instances, of, ledgerOf, started: begun, woken } = world(frozen);
    const id = await started({ ports, instances });
    await tell(ports, id, { phase: 'asking' });
    const post = (reason: string) => call(overrideCalendarHandler(ports, of), { json: { reason }, params: { id } });
    expect(await post('customers can not pay')).toMatchObject({ status: 202, body: { id, already: false } });
    expect(await post('another')).toMatchObject({ status: 202, body: { already: true } });
    expect((await rolloutRow(ports, id)).override).toMatchObject({ by: 'olga', reason: 'customers can not pay' });
    expect(await ledgerOf('hello')).toMatchObject([{ kind: 'override', data: { by: 'olga', reason: 'customers can not pay' } }]);
    const notices = await ports.rows.list<{ model: { headline: string; sentence: string } }>(id, 'notice-');
    expect(notices.map(({ value }) => [value.model.headline, value.model.sentence])).toEqual([
      [
        'Calendar overridden: hello 2.0.0 to production',
        'olga lets the rollout of hello 2.0.0 to production pass windows and freezes: customers can not pay.',
      ],
    ]);
    expect(begun.filter(({ orchestrator }) => orchestrator === 'deliverNotice')).toHaveLength(1);
    expect(woken).toHaveLength(2);
  });

  it('is told with the announcement where that is still to come', async () => {
    const { ports, instances, of } = world(frozen);
    const id = await started({ ports, instances });
    expect(await call(overrideCalendarHandler(ports, of), { json: { reason: 'x' }, params: { id } })).toMatchObject({ status: 202 });
    expect(await ports.rows.list(id, 'notice-')).toEqual([]);
  });

  it('is refused where no window and no freeze holds it, and tells and records nothing', async () => {
    const { ports, instances, of, line, ledgerOf } = world({
      hotfix: { passes: ['stop'], gates: [{ name: 'on-call', kind: 'signed-link', approvers: ['ann@example.com'] }] },
    });
    const id = await started({ ports, instances });
    await tell(ports, id, { phase: 'asking' });
    const post = () => call(overrideCalendarHandler(ports, of), { json: { reason: 'x' }, params: { id } });
    const free = await post();
    expect(free).toMatchObject({ status: 409, body: { detail: `No window and no freeze holds rollout ${id} now.` } });
    expect(free.body).toMatchObject({ next: 'There is nothing to override.' });
    await line('stop', { app: 'hello', reason: 'a leak' });
    expect(await post()).toMatchObject({
      status: 409,
      body: {
        detail: `No window and no freeze holds rollout ${id} now, and an override passes no stopped line: olga stopped the line of hello at 2026-11-23 10:00 UTC: a leak.`,
        next: 'Use slipway line start hello to start it again.',
      },
    });
    expect((await rolloutRow(ports, id)).override).toBeUndefined();
    expect((await ledgerOf('hello')).map(({ kind }) => kind)).toEqual(['line-stopped']);
    expect(await ports.rows.list(id, 'notice-')).toEqual([]);
    // A stop that its lane for hotfixes passes holds it no more than a calendar that is none.
    await tell(ports, id, { hotfix: 'customers can not pay' });
    expect((await post()).body).toMatchObject({ next: 'There is nothing to override.' });
  });

  it('passes what the policy forbids that its plan was made with, and says which stopped line holds it still', async () => {
    const { ports, instances, of, line } = world();
    const id = await started({ ports, instances });
    const policy = world(frozen).ports.settings.policies['careful']!;
    await tell(ports, id, { phase: 'asking', plan: { ...plan, policy } });
    await line('stop', { reason: 'the database moves' });
    await line('stop', { app: 'other', reason: 'x' });
    const post = () => call(overrideCalendarHandler(ports, of), { json: { reason: 'x' }, params: { id } });
    const stillHeldBy = [{ app: null, by: 'olga', reason: 'the database moves', at: '2026-11-23T10:00:00.000Z' }];
    expect((await post()).body).toEqual({ id, already: false, statusUrl: `https://slipway.example/api/rollouts/${id}`, stillHeldBy });
    expect((await post()).body).toMatchObject({ already: true, stillHeldBy });
  });

  it.each([
    ['of a rollout that swaps', { phase: 'swapping' as const }, 409],
    ['of one that ended', endedAs('failed'), 409],
    ['of a revert', { kind: 'revert' as const }, 409],
  ])('%s comes too late', async (_what, changes, status) => {
    const { ports, instances, of } = world();
    const id = await started({ ports, instances });
    await tell(ports, id, changes);
    expect((await call(overrideCalendarHandler(ports, of), { json: { reason: 'x' }, params: { id } })).status).toBe(status);
    expect((await call(overrideCalendarHandler(ports, of), { json: { reason: '' }, params: { id } })).status).toBe(400);
    expect((await call(overrideCalendarHandler(ports, of), { json: { reason: 'x' }, params: { id: 'none' } })).status).toBe(404);
  });
});

describe('looking ahead', () => {
  const slot = { marker: null, content: { kind: 'empty' }, swapStatus: null, operationInProgress: false, running: true, hostName: 'h' };
  const facts: TargetFacts = { ...fitTarget, slotExists: false };
  function ahead(policy: object, hosting: Partial<TargetFacts> = {}) {
    const made = world(policy);
    made.ports.appControl = {
      readSlots: () => Promise.resolve({ production: slot, staging: slot }),
      readFacts: () => Promise.resolve({ ...facts, ...hosting }),
      readHosting: () => Promise.resolve({ ...facts, ...hosting }),
    } as unknown as AppControl;
    made.ports.packages = { has: () => Promise.resolve(false) } as unknown as Ports['packages'];
    const plan = (query: Record<string, string>) =>
      call(planHandler(made.ports), { query: { app: 'hello', environment: 'production', ...query } });
    return { ...made, plan };
  }
  const calendar = { zone: 'Europe/Berlin', freezes: [{ from: '2026-12-20', to: '2027-01-03', reason: 'holidays' }] };

  it('tells what would happen at another time, and why', async () => {
    const { plan } = ahead({
      calendar,
      hotfix: { passes: ['freeze'], gates: [{ name: 'on-call', kind: 'signed-link', approvers: ['ann@example.com'] }] },
    });
    const { status, body } = await plan({ version: '2.0.0', at: '2026-12-24T17:00' });
    expect({ status, ...body }).toMatchObject({
      ...{ status: 200, at: '2026-12-24T16:00:00.000Z', clock: 'Thu 2026-12-24 17:00', zone: 'Europe/Berlin', wouldExpire: true },
      maySwapAt: '2027-01-03T23:00:00.000Z',
      expiresAt: '2026-12-25T16:00:00.000Z',
      standstills: [{ kind: 'freeze', sentence: 'Frozen until Mon 2027-01-04 00:00 (Europe/Berlin): holidays.' }],
      problems: [{ code: 'slot-missing' }],
      plan: {
        kind: 'go',
        sentence: expect.stringContaining('it would wait at least until Mon 2027-01-04 00:00 (Europe/Berlin)') as unknown as string,
      },
    });
    expect((await plan({ at: '2026-12-24T17:00', hotfix: 'a leak' })).body).toMatchObject({ standstills: [], wouldExpire: false });
  });

  it('tells that a stopped line waits for a person', async () => {
    const { plan, line } = ahead({});
    await line('stop', { reason: 'the database moves' });
    const { body } = await plan({ sha256: 'ab'.repeat(32) });
    expect(body).toMatchObject({ wouldExpire: true, standstills: [{ kind: 'stop' }], at: '2026-11-23T10:00:00.000Z' });
    expect(body).not.toHaveProperty('maySwapAt');
    expect(JSON.stringify(body)).toContain('until somebody starts the line again');
  });

  it('tells by which way a release would reach the slot, and why', async () => {
    expect((await ahead({}).plan({})).body).toMatchObject({ way: { kind: 'zip-push' }, plan: { kind: 'go', way: 'zip-push' } });
    const { body } = await ahead({}, { planTier: 'Dynamic' }).plan({});
    expect(body).toMatchObject({
      way: { kind: 'package-url', why: expect.stringContaining('no SCM site') },
      plan: { kind: 'go', way: 'package-url', sentence: expect.stringContaining('have staging fetch the package') },
    });
  });

  it.each([
    ['Flex Consumption', { planTier: 'FlexConsumption' }, 'Elastic Premium'],
    ['Container Apps', { planTier: '', onContainerApps: true }, 'revisions'],
  ])('refuses where there are no slots, on %s, and says why and what can be done', async (_, hosting, next) => {
    const { ports, plan } = ahead({}, hosting);
    ports.appControl.readSlots = () => Promise.reject(new Error('There is no slot to be read.'));
    const { status, body } = await plan({ version: '2.0.0' });
    const refusal = { code: 'plan-without-slots', next: expect.stringContaining(next) };
    expect({ status, ...body }).toMatchObject({
      ...{ status: 200, way: { kind: 'none', why: expect.stringContaining('nowhere to prove') }, wouldExpire: false },
      ...{ plan: { kind: 'refused', ...refusal }, problems: [refusal] },
    });
  });

  it('refuses what it does not understand, all at once', async () => {
    const { plan } = ahead({});
    expect((await plan({ at: '24 December' })).body).toMatchObject({ errors: [{ pointer: '/at' }] });
    expect((await plan({ app: 'nobody' })).status).toBe(422);
    expect((await plan({ app: 'No Body', version: '?', sha256: 'x' })).body['errors']).toHaveLength(3);
    expect((await plan({ hotfix: 'x' })).body).toMatchObject({ wouldExpire: false, plan: { kind: 'refused', code: 'no-hotfix-lane' } });
  });
});
