import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createGrantSwap } from '../../src/activities/grant-swap';
import { createLookAtAsk } from '../../src/activities/look-at-ask';
import { createFileRequest } from '../../src/activities/file-request';
import { createLookAtRequest } from '../../src/activities/look-at-request';
import { createTellPeople } from '../../src/activities/tell-people';
import { changeRow } from '../../src/azure/rows';
import type { GateRow } from '../../src/domain/gate';
import type { DecisionRecord, RolloutRow } from '../../src/domain/rollout';
import { settingsSchema, type Policy, type Settings } from '../../src/domain/settings';
import { gateKey, rolloutKey } from '../../src/domain/tables';
import type { NoticeRow } from '../../src/domain/notice';
import { closeRequest } from '../../src/gates/close-request';
import { ann, ben, iso, rollout, rolloutId } from '../mail/world';
import { bringChange, bringServiceNow } from './contract-services';
import { openWorld, startHello, type World } from './contract-world';

/** What becomes of a gate that ServiceNow answers where ServiceNow, slipway.yaml or somebody else changes while it is asked. */

const change = {
  ...{ name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SNOW_LOGIN', type: 'emergency' },
  assignmentGroup: '0123456789abcdef0123456789abcdef',
};
const release = { name: 'release', kind: 'signed-link', approvers: [ann, ben] };
const second = { name: 'second', kind: 'signed-link', approvers: [ann] };
const settingsOf = (...gates: object[]): Settings =>
  settingsSchema.parse({
    azure: { subscription: 'sub', resourceGroup: 'rg' },
    people: { team: ['team@example.com'], 'on-call': ['night@example.com'] },
    apps: { hello: { environments: { production: { functionApp: 'hello-production', policy: 'careful' } } } },
    policies: { careful: { gates, combine: 'any' } },
  });
const policyOf = ({ policies }: Settings): Policy => policies['careful'] as Policy;

const yes: DecisionRecord = { gate: 'release', approver: ann, answer: 'yes', at: iso(30) };
const yesThere: DecisionRecord = { gate: 'change', approver: 'cora@example.com', answer: 'yes', at: iso(30), service: 'servicenow' };

let hello: Awaited<ReturnType<typeof startHello>>;
let at: World;
beforeAll(async () => {
  hello = await startHello();
});
afterAll(() => hello.stop());

/** A rollout whose ask was granted by these answers, any gate being enough; its change is there and approved. */
async function granted(...decisions: DecisionRecord[]): Promise<void> {
  const settings = settingsOf(release, change);
  const { ask } = rollout;
  if (!ask) throw new Error('The rollout above has it.');
  at = await openWorld(hello.hostName, { row: { ask: { ...ask, state: 'granted', decisions } } }, (world) => bringChange(world, true));
  at.ports.settings = settings;
  const { gates, combine } = policyOf(settings);
  await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (row) =>
    row.plan?.kind === 'go' ? { value: { ...row, plan: { ...row.plan, policy: policyOf(settings), gates, combine } } } : undefined,
  );
}

const staged = () => ({ marker: at.slots.staging.marker, content: at.slots.staging.content });
const grant = () => createGrantSwap(at.ports)({ rolloutId, epoch: 3, staged: staged() }, at.call);
const look = async (round: number) => (await createLookAtAsk(at.ports)({ rolloutId, round }, at.call)).verdict;
const row = async (): Promise<RolloutRow> => (await at.rows.read<RolloutRow>(rolloutId, rolloutKey))?.value as RolloutRow;
const gateNow = async (gate: string) => (await at.rows.read<GateRow>(rolloutId, gateKey(gate)))?.value;

describe('any gate, where both said yes', () => {
  beforeEach(() => granted(yes, yesThere));

  it('does without the yes that nobody can vouch for any more: it is read once, and the other one lets the swap go', async () => {
    at.ports.services = { logins: {}, endpoints: {} };
    expect(await grant()).toMatchObject({ kind: 'held' });
    expect((await row()).ask).toMatchObject({ state: 'open', requests: [{ gate: 'change', isDoubtful: true }] });
    expect(await look(8)).toBe('granted');
    expect(await grant()).toMatchObject({ kind: 'granted' });
    const ledger = await at.rows.list<{ kind: string; data: { decisions: DecisionRecord[] } }>('hello.production', 'ledger-');
    const entry = ledger.find(({ value }) => value.kind === 'granted');
    expect(entry?.value.data.decisions).toEqual([yes]);
  });

  it('swaps nothing where the ask was opened again while the slots were read', async () => {
    const read = at.ports.appControl.readSlots.bind(at.ports.appControl);
    at.ports.appControl.readSlots = async (target) => {
      await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (now) =>
        now.ask ? { value: { ...now, ask: { ...now.ask, state: 'open', decisions: [] } } } : undefined,
      );
      return read(target);
    };
    expect(await grant()).toEqual({ kind: 'held' });
    expect(await row()).toMatchObject({ phase: 'asking', ask: { state: 'open' } });
    expect((await at.rows.list<{ kind: string }>('hello.production', 'ledger-')).map(({ value }) => value.kind)).not.toContain('granted');
  });
});

describe('a gate that today’s policy lacks, while it names another', () => {
  beforeEach(async () => {
    await granted(yesThere);
    at.ports.settings = settingsOf(second);
  });

  it('is retired: what is approved there opens nothing, and is not even looked at', async () => {
    expect(await grant()).toMatchObject({ kind: 'ask-again' });
    expect(await gateNow('change')).toMatchObject({ isRetired: true });
    expect(await createLookAtRequest(at.ports)({ rolloutId, gate: 'change' }, at.call)).toEqual({ isChanged: false });
    const seen = await createLookAtAsk(at.ports)({ rolloutId, round: 8 }, at.call);
    expect(seen.verdict).toBe('waiting');
    expect(seen.services).toBeUndefined();
    const late = { ...((await row()).ask ?? rollout.ask), decisions: [yesThere] } as RolloutRow['ask'];
    await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (now) => ({ value: { ...now, ...(late ? { ask: late } : {}) } }));
    expect(await look(9)).toBe('waiting');
  });

  it('is asked anew where policy names it once more', async () => {
    expect(await grant()).toMatchObject({ kind: 'ask-again' });
    at.ports.settings = settingsOf(change, second);
    const before = await gateNow('change');
    await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (now) =>
      now.ask ? { value: { ...now, ask: { ...now.ask, state: 'granted' } } } : undefined,
    );
    expect(await grant()).toMatchObject({ kind: 'ask-again' });
    const after = await gateNow('change');
    expect(after).toMatchObject({ request: { attempt: 0 } });
    expect(after).not.toHaveProperty('isRetired');
    expect(after).not.toMatchObject({ request: { correlation: before?.kind === 'servicenow' ? before.request.correlation : '' } });
  });
});

/** Ends the rollout, and closes what was made for its gates: what each closing came to. */
async function end(outcome: 'cancelled' | 'deployed'): Promise<string[]> {
  const ending = { outcome, at: iso(40), reason: 'It ended.', next: '', serves: '' };
  await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (now) => ({ value: { ...now, phase: 'telling', ending } }));
  await createTellPeople(at.ports)({ rolloutId, moment: outcome === 'deployed' ? 'success' : 'ended' }, at.call);
  const notices = (await at.rows.list<NoticeRow>(rolloutId, 'notice-')).filter(({ value }) => value.channel === 'gate:change');
  return Promise.all(notices.map(async ({ value }) => (await closeRequest(at.ports, value)).kind));
}

describe('a change whose making nobody heard the end of', () => {
  const made = { attempt: 1, attemptedAt: iso(-3600) };

  it('is found and cancelled where the rollout was cancelled meanwhile', async () => {
    at = await openWorld(hello.hostName, {}, async () => undefined);
    const records = await bringServiceNow(at, made);
    const value = await gateNow('change');
    const correlation = value?.kind === 'servicenow' ? value.request.correlation : '';
    records.create({ type: 'emergency', assignment_group: 'a', correlation_id: correlation }, 'slipway');
    expect((await row()).ask?.requests).toBeUndefined();
    expect(await end('cancelled')).toEqual(['sent']);
    expect(records.changes.all().map(({ columns }) => columns['state'])).toEqual(['4']);
  });

  it('is looked for again for as long as its making may be under way, and then was never made', async () => {
    at = await openWorld(hello.hostName, {}, async () => undefined);
    await bringServiceNow(at, { ...made, attemptedAt: iso(30) });
    expect(await end('cancelled')).toEqual(['later']);
    await at.ports.clock.sleep(120_000);
    expect(await end('cancelled')).toEqual(['sent']);
  });

  it('is not looked for where none was ever begun', async () => {
    at = await openWorld(hello.hostName, {}, async () => undefined);
    await bringServiceNow(at);
    expect(await end('cancelled')).toEqual([]);
  });
});

describe('a change whose question is put no more', () => {
  const changes = () => (at.effects as unknown as { changes: { columns: Record<string, string> }[] }).changes.map(({ columns }) => columns);

  it('is cancelled at the end, beside the one that stands', async () => {
    await granted(yesThere);
    at.ports.settings = settingsOf({ ...change, fields: { risk: '4' } });
    expect(await grant()).toMatchObject({ kind: 'ask-again' });
    expect(await createFileRequest(at.ports)({ rolloutId, gate: 'change' }, at.call)).toEqual({ kind: 'filed' });
    expect(changes().map(({ state }) => state)).toEqual(['-2', '-3']);
    expect(await end('cancelled')).toEqual(['sent', 'sent']);
    expect(changes().map(({ state }) => state)).toEqual(['4', '4']);
  });

  it.each([
    ['the gate is answered by a link now', [{ ...release, name: 'change' }]],
    ['today’s policy lacks the gate', [second]],
  ])('is cancelled also where %s, and whatever was deployed', async (_where, gates) => {
    await granted(yesThere);
    at.ports.settings = settingsOf(...gates);
    expect(await grant()).toMatchObject({ kind: 'ask-again' });
    expect(await end('deployed')).toEqual(['sent']);
    expect(changes()).toMatchObject([{ state: '4' }]);
  });
});
