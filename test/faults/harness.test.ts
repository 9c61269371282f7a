import { describe, expect, it } from '@jest/globals';
import type { Effect } from './effects';
import { byChance, fate, inTurn, never } from './fates';
import { callName, type Service } from './name-call';
import { commitParts } from '../../local/host/commit-points';
import { points } from './points';
import { report } from './report';
import type { Played } from './play';
import { Tally, type Part, type PointCount } from './tally';
import { dice, Turnstile } from './turnstile';

const places = new Map<number, Service>([
  [1, 'arm'],
  [2, 'tables'],
]);
const call = (port: number, method: string, path: string, body = '') => callName(places, { port, method, path, body: Buffer.from(body) });
const effect = (point: string, more: Partial<Effect> = {}): Effect => ({
  kind: 'call',
  point,
  also: [],
  subject: 'one',
  isRead: false,
  ...more,
});

describe('the name of an effect', () => {
  it('of a call says what is asked of whom', () => {
    expect(
      call(1, 'POST', '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/x/slots/staging/slotsswap?api-version=1'),
    ).toEqual({
      what: 'arm swap',
      isRead: false,
    });
    expect(call(2, 'GET', "/a/slipway(PartitionKey='p',RowKey='decision-g-0a')")).toEqual({ what: 'read decision', isRead: true });
    const batch = '{"PartitionKey":"p","RowKey":"gate-g"}\nPUT http://x/slipway(PartitionKey=\'p\',RowKey=\'rollout\') HTTP/1.1';
    expect(call(2, 'POST', '/a/$batch', batch)).toEqual({ what: 'write gate+rollout', isRead: false });
  });

  it('is none for what nobody knows: another service, another request, another statement', () => {
    expect(call(3, 'GET', '/')).toBeUndefined();
    expect(call(1, 'DELETE', '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/x')).toBeUndefined();
    expect(commitParts([{ sql: 'INSERT INTO elsewhere VALUES (1)', parameters: [] }])).toEqual([]);
  });

  it('of a commit says what is written together', () => {
    const start = { sql: 'INSERT OR IGNORE INTO instances (id) VALUES (?)', parameters: ['n', 'e', 'deliverNotice', null, 'Pending'] };
    const first = { sql: 'INSERT INTO inbox (instance_id) VALUES (?)', parameters: ['n', 'e', '{"EventType":0}'] };
    const history = { sql: 'INSERT INTO history (instance_id) VALUES (?)', parameters: ['i', 2, '', '[[4,"postSwap",null]]'] };
    const update = { sql: 'UPDATE instances SET status = ?', parameters: ['Running', null, 'i'], orchestration: 'rollout' };
    expect(commitParts([start, first, history, update])).toEqual([
      { what: 'turn of rollout, to postSwap', subject: 'i' },
      { what: 'start of deliverNotice', subject: 'n' },
    ]);
    expect(commitParts([first])).toEqual([{ what: 'start queued', subject: 'n' }]);
    expect(commitParts([{ sql: first.sql, parameters: ['i', null, '{"EventType":15}'] }])).toEqual([{ what: 'event kept', subject: 'i' }]);
  });
});

describe('where the power goes', () => {
  const seen = (choose: ReturnType<typeof inTurn>, names: string[]): string[] => {
    const lived = fate(choose);
    for (const name of names) {
      const one = effect(name);
      if (!lived.cutsAt(one, 'before')) lived.cutsAt(one, 'after');
    }
    return lived.cuts.map(({ point, side, nth }) => `${point} ${side} ${nth}`);
  };

  it('is each place once, in turn', () => {
    const done = new Set<string>();
    expect(seen(inTurn(done, 1), ['a', 'a', 'a', 'b'])).toEqual(['a before 1', 'a after 2', 'b before 1']);
    expect(seen(inTurn(done, 1), ['a', 'b', 'b'])).toEqual(['b after 1']);
  });

  it('follows from the seed', () => {
    const names = Array.from({ length: 300 }, (_, n) => `p${n % 7}`);
    const of = (seed: number): string[] => seen(byChance(dice(seed), 20, 99), names);
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
    expect(of(3).length).toBeGreaterThan(3);
  });

  it('is never twice between the row of a swap attempt and its request', () => {
    const names = ['postSwap: write swap', 'postSwap: read ledger', 'postSwap: write swap', 'postSwap: read ledger', 'postSwap: arm swap'];
    expect(seen((one) => one.point === 'postSwap: read ledger', names)).toEqual(['postSwap: read ledger before 1']);
  });
});

describe('the turnstile', () => {
  it('lets one out at a time, in an order that the seed alone says', async () => {
    const orderOf = async (seed: number, labels: string[]): Promise<string> => {
      const turnstile = new Turnstile(dice(seed));
      const order: string[] = [];
      let isOut = false;
      const pass = async (label: string): Promise<void> => {
        await turnstile.pass(label);
        expect(isOut).toBe(false);
        isOut = true;
        order.push(label);
        await new Promise((resolve) => setImmediate(resolve));
        isOut = false;
        turnstile.back();
      };
      await Promise.all(labels.map(pass));
      return order.join('');
    };
    const labels = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(await orderOf(5, labels)).toBe(await orderOf(5, [...labels].reverse()));
    expect(new Set(await Promise.all([1, 2, 3, 4].map((seed) => orderOf(seed, labels)))).size).toBeGreaterThan(1);
  });
});

describe('the report', () => {
  const whole: Record<string, PointCount> = Object.fromEntries(points.map(({ point }) => [point, { hit: 1, crashed: 1, killed: 0 }]));
  const part = (way: Part['way'], changes: Partial<Part> = {}): Part => ({
    way,
    rollouts: 1,
    crashes: 1,
    seeds: 1,
    points: way === 'kill' ? {} : whole,
    reads: [],
    failures: [],
    missed: [],
    common: [{ swaps: ['applied'] }],
    sequences: {},
    ...changes,
  });
  const wrong = (power: Partial<Part>, kill: Partial<Part> = {}): string =>
    report(part('power cut', power), part('kill', kill), { seed: 1, seconds: 1 }).wrong.join(' ');

  it('has nothing to say where every point was come to and both ways agree', () => {
    expect(report(part('power cut'), part('kill'), { seed: 1, seconds: 1 })).toMatchObject({
      crashes: 1,
      kills: 1,
      violations: 0,
      wrong: [],
    });
  });

  it('fails a run with an effect outside a named point, with one never come to, with a place never cut at, and with ways that disagree', () => {
    expect(wrong({ points: { ...whole, 'postSwap: arm delete': { hit: 1, crashed: 0, killed: 0 } } })).toContain(
      '"postSwap: arm delete" is no named fault point',
    );
    const { 'postSwap: arm swap': _gone, ...others } = whole;
    expect(wrong({ points: others })).toContain('Fault point "postSwap: arm swap" was never come to');
    expect(wrong({ missed: ['postSwap: arm swap (after)'] })).toContain('never cut at postSwap: arm swap (after)');
    expect(wrong({}, { common: [{ swaps: [] }] })).toContain('Power cuts and kills disagree on story 1');
  });

  it('adds up what was broken', () => {
    const failure = { way: 'kill' as const, scenario: 's', seed: 1, violations: ['one', 'two'], cuts: [] };
    expect(report(part('power cut'), part('kill', { failures: [failure] }), { seed: 1, seconds: 1 }).violations).toBe(2);
  });
});

it('counts without cutting where nobody chooses', () => {
  const lived = fate(never);
  lived.cutsAt(effect('a'), 'before');
  lived.cutsAt(effect('a', { isRead: true }), 'before');
  expect([lived.hits.get('a'), lived.cuts]).toEqual([2, []]);
});

describe('a seed that is played twice', () => {
  const played = (trace: string[]): Played => ({ ...fate(never), trace, scenario: 's', seed: 4, violations: [], gist: {} });
  const again = (first: string[], second: string[]): Part => {
    const tally = new Tally('power cut', () => undefined);
    tally.addSeeded(played(first));
    tally.addAgain(played(first), played(second));
    return tally.part;
  };

  it('is the same when every effect and their order are', () => {
    const { failures, sequences } = again(['a', 'b', 'cut after'], ['a', 'b', 'cut after']);
    expect(failures).toEqual([]);
    expect(sequences).toEqual({ 4: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(again(['b', 'a'], ['b', 'a']).sequences).not.toEqual(again(['a', 'b'], ['a', 'b']).sequences);
  });

  it('fails with the first effect that differs', () => {
    expect(again(['a', 'b', 'c'], ['a', 'c', 'b']).failures).toMatchObject([
      { seed: 4, violations: ['Played twice, the seed gave two sequences: effect 2 differs. First: a, b, c. Then: a, c, b.'] },
    ]);
    expect(again(['a'], ['a', 'b']).failures).toHaveLength(1);
    expect(again(['a', 'b'], ['a']).failures).toHaveLength(1);
  });
});
