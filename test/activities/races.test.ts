import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Call } from '../../src/activities/activity';
import { createBeginRollout } from '../../src/activities/begin-rollout';
import { createLookAtAsk } from '../../src/activities/look-at-ask';
import { appendLedger, readLedger, readLedgerHead } from '../../src/azure/ledger';
import type { Ports } from '../../src/azure/ports';
import { assertHolding } from '../../src/azure/rollout-rows';
import type { Rows } from '../../src/azure/rows';
import { createDecide } from '../../src/commands/decide';
import { verifyChain } from '../../src/domain/ledger';
import type { LaneRow } from '../../src/domain/lane';
import type { RolloutRow } from '../../src/domain/rollout';
import { laneKey, lanePartition, rolloutKey } from '../../src/domain/tables';
import { makeLink } from '../../src/gates/signed-link';
import { ann, keys, rollout, rolloutId, subject, world, type World } from '../mail/world';

/** What happens between an activity's reading and its writing. */

let at: World;
let ports: Ports;
const call: Call = { instances: { start: async () => {}, wake: async () => {}, status: async () => 'running', terminate: async () => {} } };

beforeEach(async () => {
  at = world();
  ports = { ...at.ports, ledgerKeys: keys } as unknown as Ports;
  await at.put();
});

const decide = async (): Promise<string> => {
  const link = await makeLink(keys, 'k2', subject);
  if (!link) throw new Error('There is a key k2.');
  return (await createDecide(at.ports)({ ...link, answer: 'no', comment: 'too thin', signedInAs: [], groups: [] }, at.instances)).kind;
};

/** The same rows; `meanwhile` happens once, directly before the first call of that kind that `isIt`. */
function interrupted(
  rows: Rows,
  kind: 'list' | 'write',
  meanwhile: () => Promise<unknown>,
  isIt: (given: unknown) => boolean = () => true,
): Rows {
  let isOver = false;
  return {
    ...rows,
    [kind]: async (...given: never[]) => {
      if (!isOver && isIt(given[0])) {
        isOver = true;
        await meanwhile();
      }
      return (rows[kind] as (...all: never[]) => Promise<unknown>)(...given);
    },
  };
}

const isVerdict = (changes: unknown): boolean =>
  (changes as { value: RolloutRow }[]).some(({ value }) => value.ask !== undefined && value.ask.state !== 'open');

describe('an ask that expires', () => {
  it('is not expired where an answer was written between its judgement and the verdict', async () => {
    at.setTime(3599);
    const rows = interrupted(ports.rows, 'write', decide, isVerdict);
    const clock = { ...ports.clock, now: () => Date.parse(rollout.ask?.expiresAt ?? '') };
    const { verdict, last } = await createLookAtAsk({ ...ports, rows, clock })({ rolloutId, round: 8 }, call);
    expect(verdict).toBe('rejected');
    expect(last).toMatchObject({ approver: ann, answer: 'no' });
    expect((await at.row()).ask?.state).toBe('rejected');
  });

  it('takes no answer once the verdict is written', async () => {
    const clock = { ...ports.clock, now: () => Date.parse(rollout.ask?.expiresAt ?? '') };
    expect((await createLookAtAsk({ ...ports, clock })({ rolloutId, round: 8 }, call)).verdict).toBe('expired');
    at.setTime(3599);
    expect(await decide()).toBe('expired');
    expect((await at.row()).ask?.decisions).toEqual([]);
  });
});

describe('a round', () => {
  it('is open before anything is read for it: whoever writes later wakes this round', async () => {
    let woken: number | undefined;
    const meanwhile = async (): Promise<void> => {
      await decide();
      woken = at.woken.at(-1)?.round;
    };
    const { verdict } = await createLookAtAsk({ ...ports, rows: interrupted(ports.rows, 'list', meanwhile) })(
      { rolloutId, round: 8 },
      call,
    );
    expect({ verdict, woken }).toEqual({ verdict: 'rejected', woken: 8 });
  });
});

describe('a rollout', () => {
  it('is told by the instance that claimed it first, however often that begins, and by no other', async () => {
    const begin = createBeginRollout(ports);
    await ports.rows.write([{ kind: 'insert', partition: 'fresh', row: rolloutKey, value: { ...rollout, id: 'fresh', starter: null } }]);
    const claim = async (starter: string): Promise<string> => (await begin({ rolloutId: 'fresh', starter }, call)).kind;
    const [one, other] = await Promise.all([claim('one'), claim('other')]);
    expect([one, other].sort()).toEqual(['elsewhere', 'ours']);
    const [ours, theirs] = one === 'ours' ? ['one', 'other'] : ['other', 'one'];
    expect([await claim(ours), await claim(theirs)]).toEqual(['ours', 'elsewhere']);
  });
});

describe('an act', () => {
  const lane = lanePartition(rollout.app, rollout.environment);
  const holding = (holder: string, epoch: number, state: LaneRow['state'] = 'held'): Promise<unknown> =>
    ports.rows.write([{ kind: 'insert', partition: lane, row: laneKey, value: { v: 1, state, holder, epoch, queue: [] } }]);
  const act = (): Promise<void> => assertHolding(ports, rollout, 3, [rollout.phase]);

  it('is allowed under the turn that it was begun in', async () => {
    await holding(rolloutId, 3);
    await expect(act()).resolves.toBeUndefined();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['an earlier turn of the same rollout', () => holding(rolloutId, 4)],
    ["another's turn", () => holding('another', 3)],
    ['a lane that is blocked', () => holding(rolloutId, 3, 'blocked')],
    ['no lane', async () => {}],
  ])('is refused under %s', async (_name, given) => {
    await given();
    await expect(act()).rejects.toThrow('epoch 3 is over');
  });
});

describe('the ledger', () => {
  it('is one chain whoever writes to it at once', async () => {
    const place = { app: 'hello', environment: 'production' };
    const deeds = Array.from({ length: 20 }, (_, n) => ({
      id: `deed ${n % 15}`,
      kind: 'phase',
      at: rollout.admittedAt,
      data: { n: n % 15 },
    }));
    // Some read faster than others: so one writes between another's reading and its writing.
    let reads = 0;
    const rows: Rows = {
      ...ports.rows,
      async read(partition, row) {
        const found = await ports.rows.read(partition, row);
        for (let ticks = (reads++ * 7) % 11; ticks > 0; ticks -= 1) await Promise.resolve();
        return found as never;
      },
    };
    await Promise.all(deeds.map((deed) => appendLedger({ ...ports, rows }, place, deed)));
    const entries = await readLedger(ports, place);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(15);
    expect(entries).toHaveLength(15);
    expect(verifyChain(entries, keys, await readLedgerHead(ports, place))).toMatchObject({ kind: 'whole', number: 15 });
  });
});
