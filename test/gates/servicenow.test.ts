import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFileRequest } from '../../src/activities/file-request';
import { readServiceGate } from '../../src/azure/request-rows';
import { changeRow } from '../../src/azure/rows';
import type { RolloutRow } from '../../src/domain/rollout';
import { noticeRow } from '../../src/domain/notice-row';
import { buildNotice } from '../../src/domain/notice-model';
import { channelOfGate } from '../../src/domain/recipients';
import { rolloutKey } from '../../src/domain/tables';
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

async function open(...columns: string[]) {
  const unwritable = new Set(columns);
  const at = await openWorld(hello.hostName, {}, async () => undefined);
  const records = await bringServiceNow(at, {}, unwritable);
  const file = async () => (await createFileRequest(at.ports)({ rolloutId, gate: 'change' }, at.call)).kind;
  return { at, unwritable, changes: () => records.changes.all(), file };
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
