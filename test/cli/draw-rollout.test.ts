import fc from 'fast-check';
import { drawRollout, eventsBetween, fold, wrap } from '../../src/cli/draw-rollout';
import type { Drawn } from '../../src/cli/steps';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 5, 9) + seconds * 1000).toISOString();
const nowMs = Date.parse(at(30));
const plain = { width: 92, color: false, nowMs, tick: 0 };

const atGate: Drawn = {
  id: 'hello-production-2-0-0-4f1a09c2',
  app: 'hello',
  environment: 'production',
  kind: 'deploy',
  version: '2.0.0',
  phase: 'asking',
  phases: [
    { phase: 'queued', startedAt: at(0), endedAt: at(0.2), note: 'the package is kept' },
    { phase: 'planning', startedAt: at(0.2), endedAt: at(0.4) },
    { phase: 'announcing', startedAt: at(0.4), endedAt: at(0.7), note: 'mail to team' },
    { phase: 'staging', startedAt: at(0.7), endedAt: at(3.8), note: 'hello-2.0.0.zip, 41 kB, sha256 9c1e07d2ab41; the slot serves it' },
    { phase: 'proving', startedAt: at(3.8), endedAt: at(6), note: '3 of 3 checks healthy; slowest 412 ms, first answer after 1.9 s' },
    { phase: 'asking', startedAt: at(6) },
  ],
  checks: [
    { name: 'says hello', verdict: 'healthy', seen: '200 in 41 ms', tries: [{ at: at(4), verdict: 'healthy', seen: '200 in 41 ms' }] },
  ],
  plan: {
    kind: 'go',
    sentence: '',
    way: 'zip-push',
    adopts: false,
    replaces: { marker: null, version: '1.0.0' },
    gates: [{ name: 'release', kind: 'signed-link', approvers: ['approver@example.com'], needed: 1, proof: 'link' }],
    combine: 'all',
    policyHash: '',
    standstills: [],
  },
  ask: { state: 'open', openedAt: at(6), expiresAt: at(30 + 29 * 60), decisions: [] },
};

const deployed: Drawn = {
  ...atGate,
  phase: 'done',
  phases: [
    ...atGate.phases.slice(0, -1),
    { phase: 'asking', startedAt: at(6), endedAt: at(10), note: 'approver@example.com said yes' },
    { phase: 'swapping', startedAt: at(10), endedAt: at(14.1), note: 'production holds 2.0.0' },
    { phase: 'watching', startedAt: at(14.1), endedAt: at(20.1), note: '6 samples healthy' },
    { phase: 'telling', startedAt: at(20.1), endedAt: at(20.4), note: 'mail to team' },
    { phase: 'done', startedAt: at(20.4) },
  ],
  ending: {
    at: at(34),
    outcome: 'deployed',
    reason: 'hello 2.0.0 is in production.',
    serves: 'production serves 2.0.0.',
    next: 'Nothing is left to do.',
  },
};

const failed: Drawn = {
  ...atGate,
  phase: 'done',
  phases: [
    ...atGate.phases.slice(0, 4),
    { phase: 'proving', startedAt: at(3.8), endedAt: at(34), note: '1 of 3 checks unhealthy' },
    { phase: 'done', startedAt: at(34) },
  ],
  ending: {
    at: at(34),
    outcome: 'failed',
    reason: 'The check "says hello" saw 500.',
    serves: 'production serves 1.0.0.',
    next: 'Mend it and roll out again.',
  },
};

test('a rollout at its gate', () => {
  expect(drawRollout(atGate, plain)).toEqual([
    'hello 2.0.0 to production                            rollout hello-production-2-0-0-4f1a09c2',
    '  ✓ announce   mail to team                                                            0.3 s',
    '  ✓ stage      hello-2.0.0.zip, 41 kB, sha256 9c1e07d2ab41; the slot serves it         3.1 s',
    '  ✓ prove      3 of 3 checks healthy; slowest 412 ms, first answer after 1.9 s         2.2 s',
    '  ◔ ask        approver@example.com: the mail is in the inbox                    29 min left',
    '  · swap',
    '  · watch',
    '  · tell',
  ]);
});

test('a rollout at the gate of a service says what is heard of its request, and that it is being made until then', () => {
  const gate = {
    name: 'change',
    kind: 'servicenow' as const,
    approvers: ['ServiceNow (acme.service-now.com)'],
    needed: 1,
    proof: 'servicenow' as const,
  };
  const plan = { ...atGate.plan!, gates: [gate] } as NonNullable<Drawn['plan']>;
  const askLine = (more: Partial<Drawn>) => drawRollout({ ...atGate, plan, ...more }, plain)[4]?.replace(/ {2,}\d+ min left$/, '');
  expect(askLine({})).toBe('  ◔ ask        ServiceNow (acme.service-now.com): a request is being made there');
  const requests = [{ gate: 'change', service: 'servicenow' as const, number: 'CHG0030001', says: 'waits for approval' }];
  expect(askLine({ ask: { ...atGate.ask!, requests } })).toBe(
    '  ◔ ask        ServiceNow (acme.service-now.com): CHG0030001 waits for approval',
  );
});

const held: Drawn = {
  ...atGate,
  ask: {
    ...atGate.ask!,
    decisions: [{ gate: 'release', approver: 'approver@example.com', answer: 'yes', at: at(20) }],
    held: ['olga stopped the line of hello at 2026-01-05 09:00 UTC: the database moves; nobody knows for how long.'],
    stoppedLines: ['hello'],
  },
};

test('a rollout that is held says that every yes is there, what holds it and what ends that, whole', () => {
  expect(drawRollout(held, { ...plain, width: 80 }).slice(4, 8)).toEqual([
    '  ◔ ask        every yes is there; held: olga stopped the line of    29 min left',
    '               hello at 2026-01-05 09:00 UTC: the database moves;',
    '               nobody knows for how long. It expires at 2026-01-05',
    '               09:29 UTC unless that ends: slipway line start hello',
  ]);
  expect(eventsBetween(atGate, held, nowMs)).toEqual([
    expect.stringMatching(/^ {2}◔ ask {8}every yes is there; held: .*unless that ends: slipway line start hello {2}29 min left$/),
  ]);
  expect(eventsBetween(held, held, nowMs + 60_000)).toEqual([]);
  // A yes may be taken back in a service.
  expect(eventsBetween(held, atGate, nowMs)).toEqual([expect.stringContaining('the mail is in the inbox')]);
});

test('a rollout that waits for its turn says behind whom', () => {
  const queued: Drawn = { ...atGate, phase: 'queued', phases: [{ phase: 'queued', startedAt: at(0) }] };
  expect(drawRollout(queued, plain)[1]).toBe('  ◐ queue      waits for its turn and fetches the package');
  const turn = { behind: ['hello-production-1-9-0-0c1d2e3f'], says: 'waits for its turn behind hello-production-1-9-0-0c1d2e3f' };
  expect(drawRollout({ ...queued, turn }, plain)[1]).toBe('  ◐ queue      waits for its turn behind hello-production-1-9-0-0c1d2e3f');
  expect(eventsBetween(queued, { ...queued, turn }, nowMs)).toEqual([
    '  ◐ queue      waits for its turn behind hello-production-1-9-0-0c1d2e3f',
  ]);
});

test('at 60 columns details go, words stay whole', () => {
  expect(drawRollout(atGate, { ...plain, width: 60 })).toEqual([
    'hello 2.0.0 to production',
    'rollout hello-production-2-0-0-4f1a09c2',
    '  ✓ announce   mail to team                            0.3 s',
    '  ✓ stage      hello-2.0.0.zip, 41 kB                  3.1 s',
    '  ✓ prove      3 of 3 checks healthy; slowest 412 ms   2.2 s',
    '  ◔ ask        approver@example.com              29 min left',
    '  · swap',
    '  · watch',
    '  · tell',
  ]);
});

test('a step whose words need more room takes another line, and loses none', () => {
  const note = 'the package of the release was brought to the slot';
  const staged: Drawn = { ...atGate, phases: [{ phase: 'staging', startedAt: at(0), endedAt: at(3), note }] };
  expect(drawRollout(staged, { ...plain, width: 60 }).slice(3, 5)).toEqual([
    '  ✓ stage      the package of the release was brought  3.0 s',
    '               to the slot',
  ]);
  const gates = atGate.plan!.kind === 'go' ? [{ ...atGate.plan!.gates[0]!, approvers: ['first@example.com', 'second@example.com'] }] : [];
  const two: Drawn = { ...atGate, plan: { ...atGate.plan!, gates } as NonNullable<Drawn['plan']> };
  expect(drawRollout(two, { ...plain, width: 60 }).slice(5, 7)).toEqual([
    '  ◔ ask        first@example.com,                29 min left',
    '               second@example.com',
  ]);
});

test('a rollout that ended deployed says so, what production serves, and what is next', () => {
  expect(drawRollout(deployed, plain).slice(4)).toEqual([
    '  ✓ ask        approver@example.com said yes                                           4.0 s',
    '  ✓ swap       production holds 2.0.0                                                  4.1 s',
    '  ✓ watch      6 samples healthy                                                       6.0 s',
    '  ✓ tell       mail to team                                                            0.3 s',
    '',
    'deployed after 20 s',
    'hello 2.0.0 is in production.',
    'production serves 2.0.0.',
    'Nothing is left to do.',
  ]);
});

test('a failed rollout marks the part that failed by a glyph, and says why, not by colour alone', () => {
  expect(drawRollout(failed, plain).slice(3, 6)).toEqual([
    '  ✗ prove      failed: The check "says hello" saw 500                                   30 s',
    '  · ask',
    '  · swap',
  ]);
});

test.each([
  ['rejected', 'ann@example.com said no: “too late”. Production was not touched.', 'rejected: ann@example.com said no: “too late”'],
  ['cancelled', 'root cancelled it: not wanted. Production was not touched.', 'root cancelled it: not wanted'],
  [
    'expired',
    'Too few answered in time: the ask closed at 2026-01-05 09:30 UTC. Production was not touched.',
    'expired: Too few answered in time',
  ],
] as const)('an ask that ended %s says so beside its glyph', (outcome, reason, said) => {
  const ending = { at: at(80), outcome, reason, serves: '', next: '' };
  const asked: Drawn = { ...atGate, phase: 'done', phases: [{ phase: 'asking', startedAt: at(0), endedAt: at(80) }], ending };
  expect(drawRollout(asked, plain).find((line) => line.includes('ask'))).toMatch(new RegExp(`^  ✗ ask        ${said}.* 80 s$`));
});

test('an undo, and what needs attention, have marks of their own', () => {
  const phases = [...deployed.phases.slice(0, 7), { phase: 'watching' as const, startedAt: at(14), endedAt: at(20) }];
  const ending = { at: at(34), outcome: 'rolled-back' as const, reason: 'Bad.', serves: '1.0.0.', next: 'Look.' };
  const undone = {
    ...deployed,
    phases: [...phases, { phase: 'undoing' as const, startedAt: at(20), endedAt: at(24), note: '1.0.0 serves again' }],
    ending,
  };
  const lines = drawRollout(undone, plain);
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}✗ watch {6}rolled-back: Bad/));
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}↩ undo {7}1.0.0 serves again/));
  expect(drawRollout({ ...undone, ending: { ...ending, outcome: 'needs-attention' } }, plain)).toContainEqual(
    expect.stringMatching(/^ {2}‼ watch {6}needs-attention: Bad/),
  );
});

test('colour only where it is asked for, and the spinner turns', () => {
  const swapping: Drawn = { ...atGate, phase: 'swapping', phases: [{ phase: 'swapping', startedAt: at(10) }] };
  expect(drawRollout(swapping, { ...plain, tick: 1 })).toContainEqual('  ◓ swap       swaps the slot with production');
  expect(drawRollout(swapping, plain).join('')).not.toContain('\u001b');
  expect(drawRollout(swapping, { ...plain, color: true })).toContainEqual(
    '  \u001b[34m◐\u001b[0m swap       swaps the slot with production',
  );
});

test('where nobody wrote what an ask came to, the decisions say it', () => {
  const decisions = [{ gate: 'release', approver: 'approver@example.com', answer: 'yes' as const, at: at(9) }];
  const asked = { phase: 'asking' as const, startedAt: at(6), endedAt: at(10) };
  const granted: Drawn = { ...atGate, phases: [asked], ask: { state: 'granted', openedAt: at(6), expiresAt: at(90), decisions } };
  expect(drawRollout(granted, plain)).toContainEqual(expect.stringMatching(/✓ ask {8}approver@example.com said yes {2,}4.0 s$/));
});

test('without a terminal each event is one line, and none is said twice', () => {
  const proving: Drawn = {
    ...atGate,
    phase: 'proving',
    phases: [...atGate.phases.slice(0, 4), { phase: 'proving', startedAt: at(3.8) }],
    checks: [],
  };
  expect(eventsBetween(proving, atGate, nowMs)).toEqual([
    '    ✓ says hello: healthy, 200 in 41 ms',
    '  ✓ prove      3 of 3 checks healthy; slowest 412 ms, first answer after 1.9 s         2.2 s',
    '  ◔ ask        approver@example.com: the mail is in the inbox                    29 min left',
  ]);
  const long = 'word '.repeat(40).trim();
  const noted: Drawn = { ...proving, phases: [...proving.phases.slice(0, 3), { ...proving.phases[3]!, note: long }, proving.phases[4]!] };
  expect(eventsBetween(undefined, noted, nowMs)).toContainEqual(`  ✓ stage      ${long}  3.1 s`);
  expect(eventsBetween(atGate, atGate, nowMs + 60_000)).toEqual([]);
  expect(eventsBetween(deployed, deployed, nowMs)).toEqual([]);
  const telling: Drawn = {
    ...deployed,
    phase: 'telling',
    phases: [...deployed.phases.slice(0, -2), { phase: 'telling', startedAt: at(20.1) }],
  };
  expect(eventsBetween(telling, deployed, nowMs).slice(0, 3)).toEqual([
    '  ✓ tell       mail to team                                                            0.3 s',
    '',
    'deployed after 20 s',
  ]);
  expect(eventsBetween(undefined, proving, nowMs)[0]).toBe(
    'hello 2.0.0 to production                            rollout hello-production-2-0-0-4f1a09c2',
  );
});

test('no line is wider than the terminal, and no word is cut', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 120 }), fc.lorem({ maxCount: 30 }), (width, note) => {
      const view: Drawn = { ...atGate, phases: [{ phase: 'announcing', startedAt: at(0), endedAt: at(1), note }] };
      for (const line of drawRollout(view, { ...plain, width })) expect(line.length).toBeLessThanOrEqual(width);
      expect(wrap(note, width).join(' ')).toBe(note);
      for (const line of fold(`  ${note}`, width)) expect(line.length).toBeLessThanOrEqual(width);
      expect(fold(`  ${note}`, width).join(' ').split(/ +/)).toEqual(['', ...note.split(' ')]);
    }),
  );
});
