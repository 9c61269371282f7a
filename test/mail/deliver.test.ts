import { describe, expect, test } from '@jest/globals';
import type { Moment, NoticeRow } from '../../src/domain/notice';
import type { RolloutRow } from '../../src/domain/rollout';
import { createSendNotice, mostAttempts } from '../../src/activities/send-notice';
import { createTellPeople } from '../../src/activities/tell-people';
import { insertNotice } from '../../src/azure/notice-rows';
import { readLedger } from '../../src/azure/ledger';
import { buildNotice, noticeId } from '../../src/domain/notice-model';
import { noticeRow } from '../../src/domain/notice-row';
import { noticeKey } from '../../src/domain/tables';
import { makeLink } from '../../src/gates/signed-link';
import { ann, ben, gate, iso, keys, plan, rollout, rolloutId, settings, subject, world, type World } from './world';

const tell = (at: World, moment: Moment, more: { number?: number; gate?: string } = {}) =>
  createTellPeople(at.ports)({ rolloutId, moment, ...more }, { instances: at.instances });
const send = (at: World, id: string, partition = rolloutId) =>
  createSendNotice(at.ports)({ rolloutId: partition, noticeId: id }, { instances: at.instances });
const place = { app: 'hello', environment: 'production' };
const recipients = async (at: World) => (await at.notices()).map(({ recipient }) => recipient).sort();

/** One open notice to Ann. */
async function asked(
  row: Partial<RolloutRow> = {},
  gateRow: Partial<typeof gate> = {},
  linkKeys = keys,
): Promise<{ at: World; id: string }> {
  const at = world(linkKeys);
  await at.put(row, gateRow);
  await tell(at, 'waiting', { gate: 'release' });
  return { at, id: noticeId(rolloutId, 'waiting', 'mail', ann, 1, 'release') };
}
const noticeIn = async (at: World, id: string, partition = rolloutId) =>
  (await at.ports.rows.read<NoticeRow>(partition, noticeKey(id)))?.value;

describe('telling people', () => {
  test('asks each approver who has not decided, once, and starts the deliveries', async () => {
    const at = world();
    const decision = { gate: 'release', approver: ben.toUpperCase(), answer: 'yes' as const, at: iso(5) };
    await at.put({ ask: { state: 'open', openedAt: iso(0), expiresAt: iso(3600), decisions: [decision] } });
    expect(await tell(at, 'waiting', { gate: 'release' })).toEqual({ notices: 1 });
    const [notice] = await at.notices();
    expect(notice).toMatchObject({
      recipient: ann,
      moment: 'waiting',
      state: 'to-send',
      attempts: 0,
      model: { ask: { approver: ann, mailNumber: 1, proof: 'link' } },
    });
    expect(at.started).toEqual([
      { orchestrator: 'deliverNotice', instanceId: `deliver-${notice?.id}`, input: { rolloutId, noticeId: notice?.id } },
    ]);
    at.setTime(500);
    await tell(at, 'waiting');
    expect(await at.notices()).toEqual([notice]);
    expect(await tell(at, 'waiting', { gate: 'another' })).toEqual({ notices: 0 });
  });

  test('reminds by notices of their own, and asks again under another number', async () => {
    const at = world();
    await at.put();
    await tell(at, 'waiting');
    await tell(at, 'reminder', { number: 1 });
    await tell(at, 'reminder', { number: 1 });
    await tell(at, 'reminder', { number: 2 });
    await tell(at, 'reminder');
    await tell(at, 'waiting', { number: 101 });
    expect((await at.notices()).map(({ moment, recipient }) => `${moment} ${recipient}`).sort()).toEqual(
      [ann, ben].flatMap((one) => [`reminder ${one}`, `reminder ${one}`, `waiting ${one}`, `waiting ${one}`]).sort(),
    );
  });

  test('tells the audiences of the frozen policy, each address once', async () => {
    const at = world();
    await at.put();
    expect(await tell(at, 'needs-attention')).toEqual({ notices: 3 });
    expect((await recipients(at)).map((one) => one.toLowerCase())).toEqual([ann, 'night@example.com', 'team@example.com']);
  });

  test('tells by today’s policy where no plan was made, and nobody where the environment is gone', async () => {
    const { plan: _, ...unplanned } = rollout;
    const at = world();
    await at.ports.rows.write([{ kind: 'insert', partition: rolloutId, row: 'rollout', value: unplanned }]);
    expect(await tell(at, 'start')).toEqual({ notices: 2 });
    const gone = world();
    await gone.ports.rows.write([{ kind: 'insert', partition: rolloutId, row: 'rollout', value: { ...unplanned, app: 'gone' } }]);
    expect(await tell(gone, 'start')).toEqual({ notices: 0 });
  });

  test('prints the head of the ledger in closing notices', async () => {
    const at = world();
    await at.put();
    const lane = 'hello.production';
    await at.ports.rows.write([{ kind: 'insert', partition: lane, row: 'head', value: { v: 1, number: 3, seal: 'seal-3' } }]);
    await tell(at, 'success');
    await tell(at, 'start');
    expect((await at.notices()).map(({ moment, model }) => [moment, model.ledgerHead ?? null]).sort()).toEqual([
      ['start', null],
      ['start', null],
      ['success', 'seal-3'],
      ['success', 'seal-3'],
    ]);
  });

  test('of a rollout without a row is a fault', async () => {
    await expect(tell(world(), 'start')).rejects.toThrow(/has no row/);
  });

  test('goes on with a notice that a crash left without a delivery, and leaves one that was sent', async () => {
    const { at, id } = await asked();
    at.started.length = 0;
    await tell(at, 'waiting');
    expect(at.started).toHaveLength(2);
    await send(at, id);
    at.started.length = 0;
    await tell(at, 'waiting');
    expect(at.started.map(({ instanceId }) => instanceId)).not.toContain(`deliver-${id}`);
    expect(at.started).toHaveLength(1);
  });
});

describe('sending a notice', () => {
  test('mails link and code made for this approver, keyed by the notice, and says that it is sent', async () => {
    const { at, id } = await asked();
    expect(await send(at, id)).toEqual({ kind: 'settled' });
    const link = await makeLink(keys, 'k2', subject);
    expect(at.sent).toMatchObject([{ operationId: id, message: { to: ann } }]);
    expect(at.sent[0]?.message.text).toContain(`http://127.0.0.1:7071/api/approvals/${link?.token}#${link?.code}`);
    const row = await noticeIn(at, id);
    expect(row).toMatchObject({ state: 'sent', attempts: 1, settledAt: iso(60) });
    expect(JSON.stringify(row)).not.toContain(link?.code);
    expect(JSON.stringify(row)).not.toContain(link?.token);
    expect(await send(at, id)).toEqual({ kind: 'settled' });
    expect(at.sent).toHaveLength(1);
  });

  test('twice, because a crash came before its row was written, is the same bytes under the same key', async () => {
    const { at, id } = await asked();
    const before = await noticeIn(at, id);
    await send(at, id);
    const row = await at.ports.rows.read(rolloutId, noticeKey(id));
    await at.ports.rows.write([
      { kind: 'replace', partition: rolloutId, row: noticeKey(id), value: before as NoticeRow, etag: row?.etag ?? '' },
    ]);
    at.setTime(300);
    await send(at, id);
    expect(at.sent).toHaveLength(2);
    expect(at.sent[1]).toEqual(at.sent[0]);
  });

  test('sends no code under proof by sign-in', async () => {
    const { at, id } = await asked({}, { proof: 'entra' });
    await send(at, id);
    const { code = 'none' } = (await makeLink(keys, 'k2', subject)) ?? {};
    const { text = '', html = '' } = at.sent[0]?.message ?? {};
    expect(text + html).not.toContain(code);
    expect(text).toContain(`The page asks you to sign in as ${ann}.`);
    expect(text).toContain('/api/approvals/');
  });

  test('sends the code apart from the link under proof by code', async () => {
    const { at, id } = await asked({}, { proof: 'code' });
    await send(at, id);
    const { code = '' } = (await makeLink(keys, 'k2', subject)) ?? {};
    expect(at.sent[0]?.message.text).not.toContain(`#${code}`);
    expect(at.sent[0]?.message.text).toContain(code);
  });

  test('that has to wait says for how long: the service’s figure, or ever longer', async () => {
    const { at, id } = await asked();
    at.answers.push(
      { kind: 'later', afterSeconds: 90, code: '429' },
      { kind: 'later', afterSeconds: 1, code: '503' },
      { kind: 'later', afterSeconds: 99_999, code: '429' },
    );
    expect(await send(at, id)).toEqual({ kind: 'again', afterSeconds: 90 });
    expect(await send(at, id)).toEqual({ kind: 'again', afterSeconds: 20 });
    expect(await send(at, id)).toEqual({ kind: 'again', afterSeconds: 3600 });
    expect(await noticeIn(at, id)).toMatchObject({ state: 'to-send', attempts: 3, lastError: '429' });
    expect(await send(at, id)).toEqual({ kind: 'settled' });
    expect(await noticeIn(at, id)).toMatchObject({ state: 'sent', attempts: 4 });
  });

  test.each<[string, World['answers'], number, RegExp]>([
    ['is refused', [{ kind: 'refused', code: '400 InvalidSender', text: 'no such domain' }], 1, /^400 InvalidSender: no such domain$/],
    [
      'is put off too often',
      Array.from({ length: mostAttempts }, () => ({ kind: 'later', afterSeconds: 1, code: '503' }) as const),
      mostAttempts,
      /^503, 8 times$/,
    ],
  ])('that %s is given up and put on record', async (_, answers, attempts, why) => {
    const { at, id } = await asked();
    at.answers.push(...answers);
    for (let n = 1; n < attempts; n += 1) expect((await send(at, id)).kind).toBe('again');
    expect(await send(at, id)).toEqual({ kind: 'settled' });
    expect(await noticeIn(at, id)).toMatchObject({ state: 'given-up', attempts });
    const entries = await readLedger(at.ports, place);
    expect(entries).toMatchObject([{ kind: 'notice-given-up', data: { rolloutId, notice: id, recipient: ann, attempts } }]);
    expect(String(entries[0]?.data['why'])).toMatch(why);
    expect(at.sent).toEqual([]);
  });

  test('that can’t be made any more is given up and put on record', async () => {
    const late = await asked();
    late.at.setTime(3600);
    await send(late.at, late.id);
    const keyless = await asked({}, { keyId: 'gone' });
    await send(keyless.at, keyless.id);
    expect(await readLedger(late.at.ports, place)).toMatchObject([{ data: { why: 'the ask expired before the mail could be sent' } }]);
    expect((await readLedger(keyless.at.ports, place))[0]?.data['why']).toMatch(/link key gone/);
    expect([...late.at.sent, ...keyless.at.sent]).toEqual([]);
  });

  test('that nobody needs any more is not sent, and is no failure', async () => {
    const { at, id } = await asked({ intent: { kind: 'cancel', by: 'ada', reason: 'r', at: iso(1) } });
    await send(at, id);
    expect(await noticeIn(at, id)).toMatchObject({ state: 'given-up', lastError: 'no longer asked: withdrawn' });
    expect(await readLedger(at.ports, place)).toEqual([]);
    expect(at.sent).toEqual([]);
  });

  test('whose row is missing is a fault; whose gate is missing is given up', async () => {
    const at = world();
    await expect(send(at, 'nothing')).rejects.toThrow(/has no row/);
    const ask = { gate: 'lost', approver: ann, expiresAt: iso(3600), mailNumber: 1, proof: 'link' as const };
    const notice = noticeRow('lost', { channel: 'mail', recipient: ann }, buildNotice('waiting', rollout, iso(1), ask));
    await insertNotice(at.ports, at.instances, rolloutId, notice);
    await send(at, 'lost');
    expect(await noticeIn(at, 'lost')).toMatchObject({ state: 'given-up', lastError: 'gate lost has no row' });
  });

  test('goes by the budget of the hour: what does not fit waits without counting as tried, and failures have a part of their own', async () => {
    const at = world();
    await at.put();
    Object.assign(at.ports, { mailBudget: { perHour: 3, keptForFailures: 2 } });
    const put = (id: string, moment: Moment) =>
      insertNotice(
        at.ports,
        at.instances,
        rolloutId,
        noticeRow(id, { channel: 'mail', recipient: ann }, buildNotice(moment, rollout, iso(1))),
      );
    for (const id of ['start-1', 'start-2']) await put(id, 'start');
    for (const id of ['fail-1', 'fail-2', 'fail-3']) await put(id, 'failure');
    expect(await send(at, 'start-1')).toEqual({ kind: 'settled' });
    expect(await send(at, 'start-2')).toEqual({ kind: 'again', afterSeconds: 3600 });
    expect(await noticeIn(at, 'start-2')).toMatchObject({ state: 'to-send', attempts: 0 });
    at.answers.push({ kind: 'later', afterSeconds: 60, code: '429' });
    expect((await send(at, 'fail-1')).kind).toBe('again');
    for (const id of ['fail-1', 'fail-2']) expect(await send(at, id)).toEqual({ kind: 'settled' });
    expect((await send(at, 'fail-3')).kind).toBe('again');
    at.setTime(60 + 3600);
    for (const id of ['start-2', 'fail-3']) expect(await send(at, id)).toEqual({ kind: 'settled' });
    expect(at.sent.map(({ operationId }) => operationId)).toEqual(['start-1', 'fail-1', 'fail-2', 'start-2', 'fail-3']);
  });

  test('that is given up goes to whom policy names instead, once, and the record says so', async () => {
    const { at, id } = await asked({
      plan: { ...plan, policy: { ...plan.policy, notices: { ...plan.policy.notices, fallback: ['on-call', 'room'] } } },
    });
    Object.assign(at.ports, { settings: { ...settings, channels: { room: { kind: 'slack', url: 'ROOM_URL' } } } });
    at.answers.push({ kind: 'refused', code: '400', text: 'no' });
    await send(at, id);
    const instead = (await at.notices()).filter(
      (notice) => notice.id !== id && notice.moment === 'waiting' && notice.model.ask === undefined,
    );
    expect(instead.map(({ channel, recipient }) => `${channel} ${recipient}`).sort()).toEqual(['mail night@example.com', 'room room']);
    expect(instead[0]?.model).toMatchObject({
      headline: 'Waiting: hello 2.0.0 to production',
      facts: expect.arrayContaining([{ name: 'Instead of', value: `mail to ${ann}, which was given up: 400: no` }]),
    });
    for (const one of instead) expect(at.started.map(({ instanceId }) => instanceId)).toContain(`deliver-${one.id}`);
    const [entry] = await readLedger(at.ports, place);
    expect(entry?.data['fallback']).toEqual(['mail to night@example.com', 'room to room']);
    // Where a fallback fails too, everybody else has been told already.
    const inRoom = instead.find(({ channel }) => channel === 'room') as NoticeRow;
    await send(at, inRoom.id);
    expect(await at.notices()).toHaveLength(2 + instead.length);
  });

  test('over a channel that settings no longer name is given up and put on record', async () => {
    const at = world();
    await at.put();
    const notice = noticeRow('roomless', { channel: 'room', recipient: 'room' }, buildNotice('failure', rollout, iso(1)));
    await insertNotice(at.ports, at.instances, rolloutId, notice);
    expect(await send(at, 'roomless')).toEqual({ kind: 'settled' });
    expect(await noticeIn(at, 'roomless')).toMatchObject({ state: 'given-up', attempts: 1 });
    expect(await readLedger(at.ports, place)).toMatchObject([{ kind: 'notice-given-up', data: { channel: 'room' } }]);
    expect(at.sent).toEqual([]);
  });

  test('that no rollout has goes out too, and is given up without a chain to put it on', async () => {
    const at = world();
    const model = { ...buildNotice('failure', rollout, iso(1)), rolloutId: '', app: '', environment: '', statusPath: '' };
    for (const id of ['one', 'two'])
      await insertNotice(at.ports, at.instances, 'notices', noticeRow(id, { channel: 'mail', recipient: ann }, model));
    expect(at.started[0]).toEqual({
      orchestrator: 'deliverNotice',
      instanceId: 'deliver-one',
      input: { rolloutId: 'notices', noticeId: 'one' },
    });
    await send(at, 'one', 'notices');
    at.answers.push({ kind: 'refused', code: '400', text: 'no' });
    await send(at, 'two', 'notices');
    expect((await noticeIn(at, 'one', 'notices'))?.state).toBe('sent');
    expect((await noticeIn(at, 'two', 'notices'))?.state).toBe('given-up');
  });
});
