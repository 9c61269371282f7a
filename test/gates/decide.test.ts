import { describe, expect, test } from '@jest/globals';
import { createDecide, mostWrongCodes, type Answering } from '../../src/commands/decide';
import { createReadApproval } from '../../src/commands/read-approval';
import type { Row, Rows } from '../../src/azure/rows';
import type { RolloutRow } from '../../src/domain/rollout';
import { decisionKey, rolloutKey } from '../../src/domain/tables';
import { makeLink, type ApprovalLink, type LinkSubject } from '../../src/gates/signed-link';
import { ann, ben, gate, iso, keys, rollout, rolloutId, subject, world, type World } from '../mail/world';

const linkOf = async (about: Partial<LinkSubject> = {}, keyId = 'k2'): Promise<ApprovalLink> => {
  const link = await makeLink(keys, keyId, { ...subject, ...about });
  if (!link) throw new Error(`There is a key ${keyId}.`);
  return link;
};
const yes = (link: ApprovalLink): Answering => ({ ...link, answer: 'yes', comment: '', signedInAs: [], groups: [] });
const decideIn = (at: World) => (answering: Answering) => createDecide(at.ports)(answering, at.instances);

describe('a decision', () => {
  test('with link and code is a row, a record in the rollout, and a nudge for the round that is open', async () => {
    const at = world();
    await at.put();
    const answer = await decideIn(at)({ ...yes(await linkOf()), comment: '  looks good ' });
    const decision = { gate: 'release', approver: ann, answer: 'yes', comment: 'looks good', at: iso(60) };
    expect(answer).toEqual({ kind: 'decided', decision, journey: 'hello 2.0.0 to production' });
    expect((await at.ports.rows.read(rolloutId, decisionKey('release', ann)))?.value).toEqual({ v: 1, ...decision, proof: 'link' });
    expect(await at.row()).toEqual({ ...rollout, ask: { ...rollout.ask, decisions: [decision] }, lastWriteAt: iso(60) });
    expect(at.woken).toEqual([{ instanceId: rolloutId, round: 7 }]);
  });

  test('in the millisecond in which the round opened is seen to be newer, should its nudge be lost', async () => {
    const at = world();
    await at.put({ roundOpenedAt: iso(60) });
    await decideIn(at)(yes(await linkOf()));
    const row = await at.row();
    expect(row.lastWriteAt > (row.roundOpenedAt ?? '')).toBe(true);
  });

  test('stands though the nudge fails', async () => {
    const at = world();
    await at.put();
    const deaf = { ...at.instances, wake: () => Promise.reject(new Error('the host is going down')) };
    expect((await createDecide(at.ports)(yes(await linkOf()), deaf)).kind).toBe('decided');
    expect((await at.row()).ask?.decisions).toHaveLength(1);
  });

  test('is given once: the second hears who decided what and when', async () => {
    const at = world();
    await at.put();
    const decide = decideIn(at);
    expect(await decide({ ...yes(await linkOf()), answer: 'no', comment: ' ' })).toEqual({ kind: 'needs-comment' });
    await decide({ ...yes(await linkOf()), answer: 'no', comment: 'thin tests' });
    at.setTime(120);
    const second = await decide(yes(await linkOf()));
    expect(second).toMatchObject({
      kind: 'already-decided',
      decision: { approver: ann, answer: 'no', at: iso(60) },
      journey: 'hello 2.0.0 to production',
    });
    expect(await decide(yes(await linkOf({ approver: ben })))).toEqual(second);
    expect((await at.row()).ask?.decisions).toHaveLength(1);
  });

  test('of two approvers at once is kept for both, and of one approver twenty times at once for one', async () => {
    const at = world();
    await at.put();
    const [anns, bens] = [yes(await linkOf()), yes(await linkOf({ approver: ben }))];
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => decideIn(at)(n % 2 ? anns : bens)));
    expect(answers.filter(({ kind }) => kind === 'decided')).toHaveLength(2);
    expect(answers.filter(({ kind }) => kind === 'already-decided')).toHaveLength(18);
    expect((await at.row()).ask?.decisions.map(({ approver }) => approver).sort()).toEqual([ann, ben]);
  });

  test('that races a cancel is judged again on what the cancel wrote', async () => {
    const at = world();
    await at.put();
    const intent = { kind: 'cancel', by: 'ada', reason: 'wrong version', at: iso(59) } as const;
    const rows = beforeFirstWrite(at.ports.rows, async () => {
      const row = (await at.ports.rows.read<RolloutRow>(rolloutId, rolloutKey)) as Row<RolloutRow>;
      await at.ports.rows.write([
        { kind: 'replace', partition: rolloutId, row: rolloutKey, value: { ...row.value, intent }, etag: row.etag },
      ]);
    });
    expect(await createDecide({ ...at.ports, rows })(yes(await linkOf()), at.instances)).toMatchObject({ kind: 'withdrawn', intent });
    expect((await at.row()).ask?.decisions).toEqual([]);
    expect(at.woken).toEqual([]);
  });

  test('counts by a link of an older key that is still kept', async () => {
    const at = world();
    await at.put({}, { keyId: 'k1' });
    expect((await decideIn(at)(yes(await linkOf({}, 'k1')))).kind).toBe('decided');
  });
});

describe('nothing is decided', () => {
  const ending = { outcome: 'cancelled', at: iso(50), reason: 'Cancelled.', next: 'Start again.', serves: '1.0.0' } as const;
  const decision = { gate: 'other', approver: 'eve@example.com', answer: 'yes', at: iso(30) } as const;
  const ask = rollout.ask;
  if (!ask) throw new Error('The rollout asks.');
  const { ask: _, ...unasked } = rollout;

  test.each<[string, Partial<RolloutRow>, Partial<typeof gate>, Partial<LinkSubject>, object]>([
    ['after the end', { ending }, {}, {}, { kind: 'ended', ending }],
    [
      'while a newer release takes its place',
      { intent: { kind: 'supersede', by: 'slipway', reason: '2.0.1', at: iso(9) } },
      {},
      {},
      { kind: 'withdrawn' },
    ],
    [
      'once the ask is granted',
      { ask: { ...ask, state: 'granted', decisions: [decision] } },
      {},
      {},
      { kind: 'already-decided', decision },
    ],
    ['once the ask is settled by nobody', { ask: { ...ask, state: 'granted' } }, {}, {}, { kind: 'not-asked' }],
    ['once the ask was found expired', { ask: { ...ask, state: 'expired' } }, {}, {}, { kind: 'expired', at: iso(3600) }],
    ['when the ask is over', { ask: { ...ask, expiresAt: iso(60) } }, {}, {}, { kind: 'expired' }],
    ['when the gate is over', {}, { expiresAt: iso(60) }, {}, { kind: 'expired', at: iso(60) }],
    ['by a link that ran out', {}, {}, { expiresAt: iso(60) }, { kind: 'expired', at: iso(60) }],
    ['by somebody who is not asked', {}, {}, { approver: 'eve@example.com' }, { kind: 'link-refused', why: 'not-an-approver' }],
    [
      'by an older mail',
      {},
      { approvers: [{ address: ann, mailNumber: 2, wrongCodes: 0 }] },
      {},
      { kind: 'link-refused', why: 'newer-mail' },
    ],
    ['about another package', {}, {}, { digest: 'f'.repeat(64) }, { kind: 'link-refused', why: 'other-digest' }],
    [
      'about a package that was exchanged',
      { release: { ...rollout.release, sha256: 'f'.repeat(64) } },
      {},
      {},
      { kind: 'link-refused', why: 'other-digest' },
    ],
    ['at another gate', {}, {}, { gate: 'other' }, { kind: 'not-asked' }],
    ['of another rollout', {}, {}, { rolloutId: 'hello-production-3-0-0-00000000' }, { kind: 'not-asked' }],
  ])('%s', async (_, row, gateRow, about, expected) => {
    const at = world();
    await at.put(row, gateRow);
    const before = [await at.row(), await at.gate()];
    const link = await linkOf(about);
    expect(await decideIn(at)(yes(link))).toMatchObject(expected);
    expect(await createReadApproval(at.ports)(link.token)).toMatchObject(expected);
    expect([await at.row(), await at.gate()]).toEqual(before);
    expect(await at.ports.rows.list(rolloutId, 'decision-')).toEqual([]);
  });

  test('before anybody is asked', async () => {
    const at = world();
    await at.ports.rows.write([{ kind: 'insert', partition: rolloutId, row: rolloutKey, value: unasked }]);
    expect(await decideIn(at)(yes(await linkOf()))).toEqual({ kind: 'not-asked' });
    const over = world();
    await over.ports.rows.write([{ kind: 'insert', partition: rolloutId, row: rolloutKey, value: { ...unasked, ending } }]);
    expect(await decideIn(over)(yes(await linkOf()))).toMatchObject({ kind: 'ended', ending });
  });

  test('by reading, a thousand times', async () => {
    const at = world();
    await at.put();
    const before = [await at.row(), await at.gate()];
    const { token } = await linkOf();
    for (let n = 0; n < 1000; n += 1) expect((await createReadApproval(at.ports)(token)).kind).toBe('question');
    expect([await at.row(), await at.gate()]).toEqual(before);
  });

  test('by a damaged link or a forged one', async () => {
    const at = world();
    await at.put();
    const link = await linkOf();
    expect(await decideIn(at)({ ...yes(link), token: 'no-token' })).toEqual({ kind: 'link-refused', why: 'malformed' });
    const forged = await makeLink([{ id: 'k2', key: new Uint8Array(32).fill(7) }], 'k2', subject);
    expect(await decideIn(at)({ ...yes(link), token: forged?.token ?? '' })).toEqual({ kind: 'link-refused', why: 'bad-signature' });
  });
});

describe('a code', () => {
  test('that is missing costs nothing', async () => {
    const at = world();
    await at.put();
    expect(await decideIn(at)({ ...yes(await linkOf()), code: ' -' })).toEqual({ kind: 'needs-code' });
    expect(await at.gate()).toEqual(gate);
  });

  test('that is wrong ten times locks the mail, and a new one with a new code goes to that approver alone', async () => {
    const at = world();
    await at.put();
    const link = await linkOf();
    const wrong = { ...yes(link), code: 'AAAA-AAAA' };
    for (let left = mostWrongCodes - 1; left > 0; left -= 1) expect(await decideIn(at)(wrong)).toEqual({ kind: 'wrong-code', left });
    expect(await decideIn(at)(wrong)).toEqual({ kind: 'locked' });
    expect((await at.gate()).approvers).toEqual([
      { address: ann, mailNumber: 2, wrongCodes: 0 },
      { address: ben, mailNumber: 1, wrongCodes: 0 },
    ]);
    const notices = await at.notices();
    expect(notices).toMatchObject([{ moment: 'waiting', recipient: ann, state: 'to-send', model: { ask: { mailNumber: 2 } } }]);
    expect(at.started).toEqual([
      { orchestrator: 'deliverNotice', instanceId: `deliver-${notices[0]?.id}`, input: { rolloutId, noticeId: notices[0]?.id } },
    ]);
    expect(await decideIn(at)(yes(link))).toEqual({ kind: 'link-refused', why: 'newer-mail' });
    expect((await decideIn(at)({ ...yes(await linkOf({ mailNumber: 2 })), code: link.code })).kind).toBe('wrong-code');
    expect((await decideIn(at)(yes(await linkOf({ mailNumber: 2 })))).kind).toBe('decided');
    expect((await at.gate()).approvers[0]).toEqual({ address: ann, mailNumber: 2, wrongCodes: 0 });
  });

  test('that is wrong many times at once is counted each time', async () => {
    const at = world();
    await at.put();
    const wrong = { ...yes(await linkOf()), code: 'AAAA-AAAA' };
    const answers = await Promise.all(Array.from({ length: 30 }, () => decideIn(at)(wrong)));
    expect(answers.filter(({ kind }) => kind === 'wrong-code')).toHaveLength(mostWrongCodes - 1);
    expect(answers.filter(({ kind }) => kind === 'locked')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'link-refused')).toHaveLength(20);
  });
});

test('a decision whose row is there but not in the rollout is a fault, not a loop', async () => {
  const at = world();
  await at.put();
  await at.ports.rows.write([{ kind: 'insert', partition: rolloutId, row: decisionKey('release', ann), value: {} }]);
  await expect(decideIn(at)(yes(await linkOf()))).rejects.toThrow(/Nothing was decided/);
});

test('the question shows the evidence that the mail shows', async () => {
  const at = world();
  await at.put();
  expect(await createReadApproval(at.ports)((await linkOf()).token)).toMatchObject({
    kind: 'question',
    approver: ann,
    expiresAt: iso(3600),
    proof: 'link',
    notice: { headline: 'Waiting for you: hello 2.0.0 to production', checks: [{ name: 'says hello', verdict: 'healthy' }] },
  });
});

test('a revert is named as one', async () => {
  const at = world();
  await at.put({ kind: 'revert', intent: { kind: 'cancel', by: 'ada', reason: 'r', at: iso(1) } });
  expect(await decideIn(at)(yes(await linkOf()))).toMatchObject({ journey: 'hello back to 2.0.0 in production' });
});

/** Somebody else writes between the reading and the first write. */
function beforeFirstWrite(rows: Rows, meanwhile: () => Promise<void>): Rows {
  let isFirst = true;
  return {
    ...rows,
    async write(changes) {
      if (isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return rows.write(changes);
    },
  };
}
