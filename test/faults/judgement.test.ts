import { describe, expect, it } from '@jest/globals';
import { emptyHead, sealEntry, type Deed, type LedgerEntry } from '../../src/domain/ledger';
import type { StoredRow } from './evidence';
import { gist, violations, type Case, type Evidence } from './judgement';

/** The judge is only worth something if it finds what is wrong: one good story, and each way in which it could be a bad one. */

const id = 'hello-production-2-0-0-0badcafe';
const key = { id: 'k1', key: new Uint8Array(32).fill(7) };
const at = '2026-01-05T09:00:00.000Z';

const expected: Case = {
  app: 'hello',
  rollouts: [
    {
      version: '2.0.0',
      outcome: 'deployed',
      swaps: 1,
      pushes: 1,
      decisions: ['ann@example.com yes'],
      mails: { 'Started > team@example.com': [1, 1], 'Deployed > team@example.com': [1, 1] },
    },
  ],
  served: ['1.0.0', '2.0.0'],
  lane: 'free',
  otherMails: {},
};

const deed = (kind: string, data: object = {}): Deed => ({ id: `${id}:${kind}`, kind, at, data: { rolloutId: id, ...data } });

function chained(deeds: Deed[]): StoredRow[] {
  let head = emptyHead;
  const entries = deeds.map((one): LedgerEntry => {
    const entry = sealEntry(head, one, key);
    head = { v: 1, number: entry.number, seal: entry.seal };
    return entry;
  });
  const partition = 'hello.production';
  return [
    ...entries.map((value) => ({ partition, row: `ledger-${String(value.number).padStart(10, '0')}`, value })),
    ...entries.map((value) => ({ partition, row: `entry-${value.id}`, value: { v: 1 } })),
    { partition, row: 'head', value: head },
    { partition, row: 'lane', value: { v: 1, state: 'free', holder: null, epoch: 1, queue: [] } },
  ];
}

const deeds = [
  deed('admitted'),
  deed('decision', { approver: 'ann@example.com', answer: 'yes' }),
  deed('swap-posted', { attempt: 1 }),
  deed('ended', { outcome: 'deployed' }),
];

const rollout = (changes: object = {}): StoredRow => ({
  partition: id,
  row: 'rollout',
  value: {
    ...{ id, app: 'hello', environment: 'production' },
    release: { version: '2.0.0', sha256: 'ab' },
    phase: 'done',
    ending: { outcome: 'deployed', reason: 'It is in.' },
    ...changes,
  },
});

const mail = (subject: string) =>
  ({
    subject: `${subject}: hello 2.0.0 to production`,
    to: [{ address: 'team@example.com' }],
    plainText: `Evidence\nRollout: ${id}\n`,
  }) as never;

const push = { message: `${id}.1`, slot: 'staging', answered: 202 } as never;
const post = { answered: 202 } as never;
const swap = { site: 's', by: 'arm', outcome: 'applied', phases: [{ name: 'routing switched', atMs: 30 }] };

const change = (changes: object = {}, notes = ['Slipway begins the swap.', 'Deployed.\nSlipway notice n1']) =>
  ({
    number: 'CHG0030001',
    columns: { correlation_display: `Slipway ${id}`, state: '3', close_code: 'successful', ...changes },
    workNotes: notes.map((text) => ({ text })),
  }) as never;

const request = (status = 'Completed', notes = ['Slipway begins the swap.', 'Deployed.\nSlipway notice n1']) =>
  ({
    ...{ key: 'MC-1', status, values: { description: `https://slipway.example.com/dashboard/rollouts/${id}\nslipway0a` } },
    comments: notes.map((body) => ({ body })),
  }) as never;

const open: StoredRow = { partition: 'open', row: `open-${id}`, value: { v: 1, rolloutId: id } };
const ended: StoredRow = { partition: 'hello.production', row: `ended-8204571999999-${id}`, value: { v: 1, id } };

const good = (): Evidence => ({
  samples: [
    { atMs: 10, served: '1.0.0' },
    { atMs: 31, served: '2.0.0' },
    { atMs: 40, served: '2.0.0' },
  ],
  approvals: [{ atMs: 20, version: '2.0.0' }],
  receipt: {
    pushes: [push],
    swapPosts: [post],
    changes: [],
    requests: [],
    swaps: [swap],
    mailPosts: [],
    mails: [mail('Started'), mail('Deployed')],
  },
  rows: [
    rollout(),
    { partition: id, row: 'swap-1', value: {} },
    { partition: id, row: 'decision-release-1', value: { approver: 'ann@example.com', answer: 'yes' } },
    open,
    ...chained(deeds),
  ],
  ledgerKeys: [key],
});

const with_ = (change: (evidence: Evidence) => unknown): string => {
  const evidence = good();
  change(evidence);
  return violations(expected, evidence).join(' ');
};
const replaceRow = (evidence: Evidence, row: StoredRow): void => {
  evidence.rows = evidence.rows.map((one) => (one.row === row.row && one.partition === row.partition ? row : one));
};

describe('the judge', () => {
  it('has nothing to say of a good story', () => {
    expect(violations(expected, good())).toEqual([]);
    expect(with_(({ rows }) => rows.splice(rows.indexOf(open), 1, ended, { ...ended, partition: 'ended' }))).toBe('');
  });

  it.each<[string, (evidence: Evidence) => unknown, string]>([
    ['two requests to swap', ({ receipt }) => receipt.swapPosts.push(post), '2 requests to swap reached Azure instead of 1'],
    ['no swap applied', ({ receipt }) => (receipt.swaps = [{ ...swap, outcome: 'failed' }]), '0 swaps were applied instead of 1'],
    ['a push made twice', ({ receipt }) => receipt.pushes.push(push), 'one push was made twice'],
    [
      'a push to production',
      ({ receipt }) => (receipt.pushes = [{ ...(push as object), slot: 'production' } as never]),
      'pushed to production',
    ],
    [
      'a mail sent twice',
      ({ receipt }) => receipt.mails.push(mail('Deployed')),
      '"Deployed > team@example.com" was sent 2 times instead of 1',
    ],
    ['a mail never sent', ({ receipt }) => void receipt.mails.pop(), '"Deployed > team@example.com" was sent 0 times instead of 1'],
    [
      'production that goes to and fro',
      ({ samples }) => samples.push({ atMs: 50, served: '1.0.0' }),
      'Production served 1.0.0, 2.0.0, 1.0.0',
    ],
    ['production that does not answer', ({ samples }) => samples.push({ atMs: 50, served: 'status 503' }), 'status 503; it should'],
    ['production before the yes', ({ approvals }) => (approvals[0]!.atMs = 35), 'before anybody had said yes'],
    [
      'production before the swap',
      ({ receipt }) => (receipt.swaps = [{ ...swap, phases: [{ name: 'routing switched', atMs: 39 }] }]),
      'before a swap',
    ],
    [
      'another outcome',
      (evidence) => replaceRow(evidence, rollout({ ending: { outcome: 'failed', reason: 'x' } })),
      'it ended failed (x); deployed was due',
    ],
    ['a story that never ended', (evidence) => replaceRow(evidence, rollout({ phase: 'telling' })), 'it is telling at the end'],
    ['nobody who would find it', ({ rows }) => rows.splice(rows.indexOf(open), 1), 'it is neither open nor among what ended'],
    [
      'nobody who would find it in its lane',
      ({ rows }) => rows.splice(rows.indexOf(open), 1, { ...ended, partition: 'ended' }),
      'it is neither open nor among what ended',
    ],
    ['a second rollout', ({ rows }) => rows.push({ ...rollout(), partition: 'other' }), '2 rollouts of 2.0.0 were admitted'],
    [
      'a decision nobody gave',
      (evidence) => (evidence.rows = evidence.rows.filter(({ row }) => !row.startsWith('decision'))),
      'its rows have decisions of nobody',
    ],
    [
      'an end told twice',
      ({ rows }) => replaceChain(rows, [...deeds, { ...deed('ended', { outcome: 'deployed' }), id: 'again' }]),
      'tells of 2 ends',
    ],
    [
      'a chain that was cut',
      ({ rows }) =>
        void rows.splice(
          rows.findIndex(({ row }) => row === 'ledger-0000000002'),
          1,
        ),
      'chain is broken at 2',
    ],
    [
      'a lane that is kept',
      (evidence) => replaceRow(evidence, { partition: 'hello.production', row: 'lane', value: { state: 'held', queue: [] } }),
      'The lane is held',
    ],
    [
      'a notice left behind',
      ({ rows }) => rows.push({ partition: id, row: 'notice-1', value: { state: 'to-send', moment: 'success', recipient: 'x' } }),
      'notices were never sent: success to x',
    ],
  ])('finds %s', (_name, change, said) => {
    expect(with_(change)).toContain(said);
  });

  describe('of a change in ServiceNow', () => {
    const due: Case = {
      ...expected,
      rollouts: expected.rollouts.map((one) => ({ ...one, change: { state: '3', code: 'successful', decisions: [] } })),
    };
    const said = (...changes: never[]): string => {
      const evidence = good();
      evidence.receipt.changes = changes;
      return violations(due, evidence).join(' ');
    };

    it('has nothing to say where there is one, closed with what happened', () => {
      expect(said(change())).toBe('');
      expect(said(change(), change({ correlation_display: 'Slipway another' }))).toBe('');
    });

    it.each<[string, never[], string]>([
      ['none', [], 'ServiceNow has 0 changes of it instead of 1'],
      ['two', [change(), change()], 'ServiceNow has 2 changes of it instead of 1'],
      ['one left open', [change({ state: '0', close_code: '' })], 'CHG0030001 stands in 0 (); 3 (successful) was due'],
      ['one closed as what did not happen', [change({ close_code: 'unsuccessful' })], 'stands in 3 (unsuccessful)'],
      ['one without its closing note', [change({}, ['Slipway begins the swap.'])], 'has the notes Slipway begins the swap.'],
      ['one with two', [change({}, ['Slipway notice n1', 'Slipway notice n1'])], 'has the notes Slipway notice n1; Slipway notice n1'],
    ])('finds %s', (_what, changes, sentence) => {
      expect(said(...changes)).toContain(sentence);
    });

    it('finds one that nobody should have made', () => {
      expect(with_(({ receipt }) => receipt.changes.push(change()))).toContain('ServiceNow has 1 changes of it instead of 0');
    });
  });

  describe('of a request in Jira', () => {
    const due: Case = {
      ...expected,
      rollouts: expected.rollouts.map((one) => ({ ...one, request: { status: 'Completed', decisions: [] } })),
    };
    const said = (...requests: never[]): string => {
      const evidence = good();
      evidence.receipt.requests = requests;
      return violations(due, evidence).join(' ');
    };

    it('has nothing to say where there is one, closed with what happened', () => {
      expect(said(request())).toBe('');
    });

    it.each<[string, never[], string]>([
      ['none', [], 'Jira has 0 requests of it instead of 1'],
      ['two', [request(), request('Canceled')], 'Jira has 2 requests of it instead of 1'],
      ['one left open', [request('Implementing')], 'MC-1 is in Implementing; Completed was due'],
      [
        'one that began twice',
        [request('Completed', ['Slipway begins the swap.', 'Slipway begins the swap.', 'Slipway notice n1'])],
        'has the notes',
      ],
    ])('finds %s', (_what, requests, sentence) => {
      expect(said(...requests)).toContain(sentence);
    });

    it('finds one that nobody should have made', () => {
      expect(with_(({ receipt }) => receipt.requests.push(request()))).toContain('Jira has 1 requests of it instead of 0');
    });
  });

  it('keeps no time and no id in the gist that two ways are compared by', () => {
    const other = JSON.parse(JSON.stringify(good()).replaceAll('0badcafe', '12345678').replaceAll('"atMs":31', '"atMs":37')) as Evidence;
    expect(gist(other)).toEqual(gist(good()));
  });
});

function replaceChain(rows: StoredRow[], chain: Deed[]): void {
  const kept = rows.filter(({ partition }) => partition !== 'hello.production');
  rows.splice(0, rows.length, ...kept, ...chained(chain));
}
