import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFileRequest } from '../../src/activities/file-request';
import { readServiceGate } from '../../src/azure/request-rows';
import { changeRow } from '../../src/azure/rows';
import type { ServiceGateRow } from '../../src/domain/gate';
import type { RolloutRow } from '../../src/domain/rollout';
import { noticeRow } from '../../src/domain/notice-row';
import { buildNotice } from '../../src/domain/notice-model';
import { channelOfGate } from '../../src/domain/recipients';
import { gateKey, rolloutKey } from '../../src/domain/tables';
import { closeRequest } from '../../src/gates/close-request';
import { bringServiceNow } from '../activities/contract-services';
import { openWorld, startHello, type World } from '../activities/contract-world';
import { iso, rolloutId } from '../mail/world';

/** A ServiceNow whose user may not write every column: it leaves those out, and says 200. */

let hello: Awaited<ReturnType<typeof startHello>>;
beforeAll(async () => {
  hello = await startHello();
});
afterAll(() => hello.stop());

const twin = 'slipway0123456789abcdef0123456789abcdef';

async function open(...columns: string[]) {
  const unwritable = new Set(columns);
  const at = await openWorld(hello.hostName, {}, async () => undefined);
  const records = await bringServiceNow(at, {}, unwritable);
  const file = async () => (await createFileRequest(at.ports)({ rolloutId, gate: 'change' }, at.call)).kind;
  return { at, unwritable, records, changes: () => records.changes.all(), file };
}

const rowOf = async (at: World) => (await at.rows.read<RolloutRow>(rolloutId, rolloutKey))?.value as RolloutRow;
const said = async (at: World) => (await rowOf(at)).ask?.requests?.[0]?.says;

describe('a 200 of ServiceNow', () => {
  it.each([
    ['state', "took -3 as the change's state and shows -5"],
    ['correlation_id', "as the change's correlation_id and shows none"],
  ])('is not believed where %s was left out; nothing is made twice, and it goes on once the user may write it', async (column, words) => {
    const { at, unwritable, changes, file } = await open(column);
    expect([await file(), await file(), await file()]).toEqual(['unknown', 'unknown', 'unknown']);
    expect(await said(at)).toContain("can't be put to its approvers yet: ServiceNow took ");
    expect(await said(at)).toContain(`${words}: Slipway's user there may not write or read that column`);
    expect(changes()).toHaveLength(1);
    unwritable.clear();
    expect(await file()).toBe('filed');
    const correlation = (await readServiceGate(at.ports, rolloutId, 'change'))?.value.request.correlation;
    expect(changes().map(({ columns }) => columns)).toEqual([expect.objectContaining({ state: '-3', correlation_id: correlation })]);
  });

  it('closes no change whose state stays', async () => {
    const { at, unwritable, changes, file } = await open();
    expect(await file()).toBe('filed');
    const ending = { outcome: 'cancelled', at: iso(40), reason: 'It was cancelled.', next: '', serves: '' } as const;
    await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (row) => ({ value: { ...row, phase: 'telling', ending } }));
    const model = buildNotice('ended', await rowOf(at), iso(40));
    const notice = noticeRow('n1', { channel: channelOfGate('change'), recipient: 'CHG0030001' }, model);
    unwritable.add('state');
    expect(await closeRequest(at.ports, notice)).toMatchObject({ kind: 'refused', text: expect.stringContaining('took 4 as the change') });
    unwritable.clear();
    expect(await closeRequest(at.ports, notice)).toEqual({ kind: 'sent' });
    expect(changes()[0]?.columns['state']).toBe('4');
  });
});

describe('a change that was made twice', () => {
  const emergency = { type: 'emergency', assignment_group: 'a', short_description: 'x', correlation_id: twin };
  const leftOf = async ({ rows }: World) =>
    (await rows.list<{ kind: string; data: object }>('hello.production', 'ledger-')).flatMap(({ value: { kind, data } }) =>
      kind === 'request-left' ? [data] : [],
    );

  async function twice(request: object = {}) {
    const world = await open();
    const value = (await readServiceGate(world.at.ports, rolloutId, 'change'))?.value;
    await changeRow(world.at.rows, rolloutId, gateKey('change'), () => ({
      value: { ...value, request: { ...value?.request, attempt: 2, attemptedAt: iso(-600), ...request } },
    }));
    const made = [world.records.create(emergency, 'slipway'), world.records.create(emergency, 'slipway')] as const;
    return { ...world, made, states: () => world.changes().map(({ columns }) => columns['state']) };
  }

  /** What a refusal, or no answer, does to the cancelling alone. */
  const failing = (at: World, status: number, body: object): (() => void) => {
    const open = at.ports.outgoing.open.bind(at.ports.outgoing);
    let isOn = true;
    at.ports.outgoing.open = (url, options) => {
      if (!isOn || options?.method !== 'PATCH' || !String(options.body).includes('made twice')) return open(url, options);
      const answer = new IncomingMessage(new Socket());
      answer.statusCode = status;
      answer.push(JSON.stringify(body));
      answer.push(null);
      return Promise.resolve(answer);
    };
    return () => (isOn = false);
  };

  it('keeps the older one; the other is cancelled, once', async () => {
    const { file, states, changes } = await twice();
    expect(await file()).toBe('filed');
    expect(await file()).toBe('filed');
    expect(states()).toEqual(['-3', '4']);
    expect(changes()[1]?.workNotes.map(({ text }) => text)).toEqual([
      'Slipway: made twice, because an answer was lost. CHG0030001 stands for both.',
    ]);
  });

  it('is looked for again where cancelling the other got no answer, and nobody is asked before', async () => {
    const { at, file, states } = await twice();
    const mend = failing(at, 503, {});
    expect(await file()).toBe('unknown');
    expect(await said(at)).toBe("can't be made yet: ServiceNow answers 503 when CHG0030002 is to be cancelled, which was made twice");
    expect(states()).toEqual(['-5', '-5']);
    mend();
    expect(await file()).toBe('filed');
    expect(states()).toEqual(['-3', '4']);
    expect(await leftOf(at)).toEqual([]);
  });

  it('goes on where ServiceNow will not cancel the other, and the ledger says so, once', async () => {
    const { at, file, states } = await twice();
    failing(at, 403, { error: { message: 'Operation Failed', detail: 'ACL' } });
    expect(await file()).toBe('filed');
    expect(states()).toEqual(['-3', '-5']);
    const ending = { outcome: 'cancelled', at: iso(40), reason: 'It was cancelled.', next: '', serves: '' } as const;
    await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (row) => ({ value: { ...row, phase: 'telling', ending } }));
    const notice = noticeRow('n1', { channel: channelOfGate('change'), recipient: 'x' }, buildNotice('ended', await rowOf(at), iso(40)));
    expect(await closeRequest(at.ports, notice)).toEqual({ kind: 'sent' });
    expect(states()).toEqual(['4', '-5']);
    expect(await leftOf(at)).toEqual([
      { rolloutId, gate: 'change', service: 'servicenow', request: 'CHG0030002', why: 'ServiceNow answers 403: Operation Failed: ACL' },
    ]);
  });

  it('is found at the end where the other came after the one that is known, which stands, also if it shows as the younger', async () => {
    const world = await twice();
    const { at, made, states } = world;
    await changeRow<ServiceGateRow>(at.rows, rolloutId, gateKey('change'), (row) => ({
      value: { ...row, request: { ...row.request, id: made[1].sys_id, number: made[1].number, isAsked: true } },
    }));
    const ending = { outcome: 'cancelled', at: iso(40), reason: 'It was cancelled.', next: '', serves: '' } as const;
    await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (row) => ({ value: { ...row, phase: 'telling', ending } }));
    const notice = noticeRow('n1', { channel: channelOfGate('change'), recipient: 'x' }, buildNotice('ended', await rowOf(at), iso(40)));
    expect(await closeRequest(at.ports, notice)).toEqual({ kind: 'sent' });
    expect(states()).toEqual(['4', '4']);
    const [twinNotes, ours] = world.changes().map(({ workNotes }) => workNotes.map(({ text }) => text));
    expect(twinNotes).toEqual(['Slipway: made twice, because an answer was lost. CHG0030002 stands for both.']);
    expect(ours).toEqual([expect.stringContaining('Slipway notice n1')]);
  });
});
