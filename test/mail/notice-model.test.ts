import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { moments, type Moment } from '../../src/domain/notice';
import { buildNotice, checksInShort, isAlarm, isClosing, noticeId } from '../../src/domain/notice-model';
import type { GateApprover } from '../../src/domain/gate';
import { reminderNotice, waitingNotice } from '../../src/domain/notice-row';
import { outcomes, type RolloutRow } from '../../src/domain/rollout';
import { sayTime } from '../../src/domain/say';
import { ann, gate, iso, plan, rollout } from './world';

const ask = { gate: 'release', approver: ann, expiresAt: iso(3600), mailNumber: 1, proof: 'link' as const };
const ended = (outcome: (typeof outcomes)[number]): RolloutRow => ({
  ...rollout,
  ending: { outcome, at: iso(90), reason: 'Something happened.', next: 'Do something.', serves: 'hello in production serves 1.0.0 now.' },
});

test('checks in short are counted, or said to be none', () => {
  expect(checksInShort([])).toBe('none is asked for');
  expect(checksInShort(rollout.checks)).toBe('1 of 1 healthy');
  expect(checksInShort([...rollout.checks, { name: 'b', verdict: 'unhealthy', seen: '500' }])).toBe('1 of 2 healthy');
});

describe('a notice', () => {
  test('of an ask says who asks what, what is live, and every piece of evidence', () => {
    expect(buildNotice('waiting', rollout, iso(60), ask)).toEqual({
      moment: 'waiting',
      rolloutId: rollout.id,
      app: 'hello',
      environment: 'production',
      version: '2.0.0',
      statusPath: `/dashboard/rollouts/${rollout.id}`,
      headline: 'Waiting for you: hello 2.0.0 to production',
      sentence: 'ada asks to take hello 2.0.0 to production, and it waits for your yes or no.',
      serves: 'hello in production serves 1.0.0 now.',
      facts: [
        { name: 'Asked by', value: 'ada' },
        { name: 'Live now', value: '1.0.0' },
        { name: 'Would be', value: '2.0.0' },
        { name: 'Commit', value: 'c0ffee1' },
        { name: 'Build', value: 'https://build.example.com/7' },
        { name: 'Digest', value: '9c1e07d2ab41' },
        { name: 'Settings it brings', value: 'COLOUR' },
        { name: 'Policy', value: 'abcdef012345' },
        { name: 'A revert would restore', value: '1.0.0' },
        { name: 'Rollout', value: rollout.id },
      ],
      checks: [{ name: 'says hello', verdict: 'healthy', seen: '200' }],
      did: ['Staged: hello-2.0.0.zip, 41 kB (3.0 s)'],
      next: ['Answer before it expires: without an answer the rollout ends and nothing changes.'],
      ask,
      at: iso(60),
    });
  });

  test('of a first rollout says that Slipway does not know what it replaces', () => {
    const row = {
      ...rollout,
      actor: 'build 7',
      requester: { name: 'queue', verified: false, via: 'queue' as const },
      plan: { ...plan, adopts: true, replaces: { marker: null, version: null } },
    };
    const { facts, serves } = buildNotice('reminder', row, iso(60), ask);
    expect(serves).toBe("hello in production serves a release without Slipway's marker.");
    expect(Object.fromEntries(facts.map(({ name, value }) => [name, value]))).toMatchObject({
      'Asked by': 'queue (not verified); the build says: build 7',
      'Live now': "a release without Slipway's marker",
      'A revert would restore': 'what is live now, as long as the staging slot holds it: Slipway never rolled it out',
      'First time': 'Slipway has not touched this app here before',
    });
  });

  test('says what production says of itself where no marker does, and that it was so before once it has ended', () => {
    const said = { ...plan, replaces: { marker: null, version: null, says: '1.0.0' } };
    const asks = buildNotice('waiting', { ...rollout, why: 'customers complain', plan: said }, iso(60), ask);
    expect(asks.serves).toBe("hello in production serves what says it is 1.0.0, a release without Slipway's marker.");
    expect(asks.facts).toContainEqual({ name: 'Live now', value: "1.0.0, as it says; without Slipway's marker" });
    expect(asks.facts).toContainEqual({ name: 'Why', value: 'customers complain' });
    const ending = { outcome: 'deployed', at: iso(90), reason: 'It is live.', next: 'Nothing.', serves: 'It serves 2.0.0.' } as const;
    const told = buildNotice('success', { ...rollout, plan: said, ending }, iso(90));
    expect(told.facts.map(({ name }) => name)).toContain('Live before');
    expect(told.facts.map(({ name }) => name)).not.toContain('Live now');
  });

  test('says who lets it pass windows and freezes, and why', () => {
    const override = { by: 'olga', reason: 'The shop is down', at: iso(0) };
    const { sentence, facts } = buildNotice('start', { ...rollout, override }, iso(0));
    expect(sentence).toBe('olga lets the rollout of hello 2.0.0 to production pass windows and freezes: The shop is down.');
    const told = buildNotice('success', { ...ended('deployed'), override }, iso(90));
    expect([told.headline, told.sentence].join()).not.toContain('olga');
    expect(facts).toContainEqual({ name: 'Override', value: 'olga lets it pass windows and freezes: The shop is down' });
  });

  test('says why it can not wait, where it was before, and every setting that it brings', () => {
    const row = {
      ...rollout,
      hotfix: 'a leak',
      promotes: 'hello-test-1',
      release: { ...rollout.release, settingNames: ['COLOUR', 'SIZE'] },
    };
    expect(buildNotice('waiting', row, iso(60), ask).facts).toEqual(
      expect.arrayContaining([
        { name: 'Hotfix', value: 'a leak' },
        { name: 'Promoted from', value: 'hello-test-1' },
        { name: 'Settings it brings', value: 'COLOUR, SIZE' },
      ]),
    );
  });

  test('of an ask says what keeps it from swapping, and how others answered', () => {
    const sentences = ['The line of hello stands.', 'A freeze lasts until Monday.'];
    const standstills = sentences.map((sentence) => ({ kind: 'stop' as const, sentence }));
    const said = { gate: 'release', approver: ann, at: iso(30) };
    const decisions = [
      { ...said, answer: 'yes' as const },
      { ...said, answer: 'no' as const, comment: 'not before Monday' },
    ];
    const { facts } = buildNotice(
      'waiting',
      { ...rollout, plan: { ...plan, standstills }, ask: { ...rollout.ask!, decisions } },
      iso(60),
      ask,
    );
    expect(facts).toContainEqual({ name: 'May not swap now', value: sentences.join(' ') });
    expect(facts.filter(({ name }) => name.endsWith('at gate release'))).toEqual([
      { name: 'Yes at gate release', value: `${ann}, ${sayTime(iso(30))}` },
      { name: 'No at gate release', value: `${ann}, ${sayTime(iso(30))}: “not before Monday”` },
    ]);
  });

  test('of a slot that Slipway staged before says nothing of a first time', () => {
    const staged = { ...plan.live, staging: { ...plan.live.staging, marker: 'hello-1.0123456789ab' } };
    const row = { ...rollout, plan: { ...plan, adopts: true, live: staged } };
    expect(buildNotice('waiting', row, iso(60), ask).facts.map(({ name }) => name)).not.toContain('First time');
  });

  test('of an ask says what the preflight found, and a closing one no more', () => {
    const row = { ...rollout, preflight: { warnings: ['The warm-up is careless.'], travelling: ['COLOUR', 'SIZE'] } };
    const found = (of: RolloutRow) =>
      buildNotice('waiting', of, iso(60), ask).facts.filter(({ name }) => name === 'Settings that differ and travel' || name === 'Mind');
    expect(found(row)).toEqual([
      { name: 'Settings that differ and travel', value: 'COLOUR, SIZE' },
      { name: 'Mind', value: 'The warm-up is careless.' },
    ]);
    expect(found({ ...row, preflight: { warnings: [], travelling: [] } })).toEqual([]);
    expect(found({ ...ended('failed'), preflight: row.preflight })).toEqual([]);
  });

  test('of a rollout that was never planned names nothing that was not read', () => {
    const { plan: _, ...row } = {
      ...rollout,
      kind: 'revert' as const,
      release: { version: '1.0.0', sha256: '', functions: [], settingNames: [] },
      checks: [],
      phases: [{ phase: 'queued' as const, startedAt: iso(0), note: 'second in the lane' }],
    };
    const model = buildNotice('start', row, iso(60));
    expect(model.headline).toBe('Started: hello back to 1.0.0 in production');
    expect(model.sentence).toBe('ada asked to bring hello back to 1.0.0 in production, and it is on its way.');
    expect(model.serves).toBe('What hello in production serves was not read.');
    expect(model.facts.map(({ name }) => name)).toEqual(['Asked by', 'Would be', 'Rollout']);
    expect(model.did).toEqual(['Waited: second in the lane']);
    expect(model.next).toEqual(['There is nothing to do now: you hear how it ends.']);
  });

  test.each(outcomes.map((outcome) => [outcome]))('of the outcome %s says what happened and what production serves', (outcome) => {
    const model = buildNotice('failure', ended(outcome), iso(91));
    expect(model.headline.toLowerCase().replace(' ', '-')).toMatch(new RegExp(`^${outcome}:`));
    expect(model).toMatchObject({
      sentence: 'Something happened.',
      serves: 'hello in production serves 1.0.0 now.',
      next: ['Do something.'],
    });
    expect(model.facts.some(({ name }) => name === 'Would be')).toBe(false);
  });

  test('of an end whose row is not there yet still says its state', () => {
    expect(buildNotice('failure', rollout, iso(91))).toMatchObject({
      headline: 'Failed: hello 2.0.0 to production',
      sentence: 'The rollout of hello 2.0.0 to production ended.',
      next: [],
    });
    expect(buildNotice('start', ended('cancelled'), iso(91)).headline).toBe('Started: hello 2.0.0 to production');
  });

  test('of a check that was never tried says what is known', () => {
    const row = { ...rollout, checks: [{ name: 'c', verdict: 'inconclusive' as const, seen: 'not tried', tries: [] }] };
    expect(buildNotice('waiting', row, iso(60), ask).checks).toEqual([{ name: 'c', verdict: 'inconclusive', seen: 'not tried' }]);
  });

  test('alarms are closing', () => {
    expect(moments.filter(isAlarm)).toEqual(['failure', 'rolled-back', 'needs-attention']);
    expect(moments.filter(isClosing)).toEqual(['success', 'failure', 'rolled-back', 'needs-attention', 'ended']);
  });
});

describe('the id of a notice', () => {
  const parts = fc.tuple(
    fc.string(),
    fc.constantFrom<Moment>(...moments),
    fc.constant('mail'),
    fc.emailAddress(),
    fc.nat(1000),
    fc.option(fc.string(), { nil: undefined }),
  );

  test('is a UUIDv5 that depends on each part and on nothing else', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(noticeId(...a)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(noticeId(...a)).toBe(noticeId(...a));
        const plain = (p: typeof a) => JSON.stringify([p[0], p[1], p[2], p[3].toLowerCase(), p[4], p[5]]);
        expect(noticeId(...a) === noticeId(...b)).toBe(plain(a) === plain(b));
      }),
    );
  });

  test('of a reminder is told from that of the ask, and of a reminder of another mail', () => {
    const [approver] = gate.approvers as [GateApprover];
    const ids = [
      waitingNotice(rollout, gate, approver, iso(0), 1),
      reminderNotice(rollout, gate, approver, 1, iso(0)),
      reminderNotice(rollout, gate, approver, 2, iso(0)),
      reminderNotice(rollout, gate, { ...approver, mailNumber: 2 }, 1, iso(0)),
      reminderNotice(rollout, { ...gate, gate: 'security' }, approver, 1, iso(0)),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('stays the same over versions of Slipway', () => {
    expect(noticeId('hello-production-2-0-0-4f1a09c2', 'waiting', 'mail', 'Ann@example.com', 1, 'release')).toBe(
      'a4e6a883-78a7-557c-954d-70e8d3c2eeee',
    );
  });
});
