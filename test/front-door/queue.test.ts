import { InvocationContext, type StorageQueueHandler } from '@azure/functions';
import { badMessagesPartition, type BadMessageRow } from '../../src/commands/keep-bad-message';
import type { NoticeRow } from '../../src/domain/notice';
import type { RolloutRow } from '../../src/domain/rollout';
import { rolloutKey } from '../../src/domain/tables';
import { poisonQueueHandler, putBackOutput } from '../../src/triggers/poison.queue';
import { rolloutsQueueHandler } from '../../src/triggers/rollouts.queue';
import { endedAs, frontDoorPorts, recordedInstances, requestOf, tell } from './ports';

function door() {
  const { ports, time } = frontDoorPorts();
  const recorded = recordedInstances();
  const take = rolloutsQueueHandler(ports, () => recorded.instances);
  const putBack = poisonQueueHandler(ports, () => recorded.instances);
  let ids = 0;
  /** As the queue trigger of the JavaScript package does: text that is JSON arrives parsed. */
  const deliver = async (handler: StorageQueueHandler, text: string, id = `message-${(ids += 1)}`): Promise<unknown> => {
    let entry: unknown = text;
    try {
      entry = JSON.parse(text);
    } catch {
      // stays text
    }
    const context = new InvocationContext({ functionName: 'q', logHandler: () => undefined, triggerMetadata: { id, dequeueCount: 1 } });
    await handler(entry, context);
    return context.extraOutputs.get(putBackOutput);
  };
  const kept = () => ports.rows.list<BadMessageRow>(badMessagesPartition, '').then((rows) => rows.map(({ value }) => value));
  const notices = () => ports.rows.list<NoticeRow>('notices', 'notice-').then((rows) => rows.map(({ value }) => value));
  const rollouts = () => ports.rows.everywhere<RolloutRow>(rolloutKey).then((rows) => rows.map(({ value }) => value));
  return { ports, time, ...recorded, take, putBack, deliver, kept, notices, rollouts };
}

const text = (changes: Parameters<typeof requestOf>[0] = {}) => JSON.stringify(requestOf(changes));
const base64 = (plain: string) => Buffer.from(plain).toString('base64');
const event = (id: string) =>
  JSON.stringify({ specversion: '1.0', id, source: '/ci', type: 'dev.slipway.rollout.requested', data: requestOf() });

describe('queue of rollouts', () => {
  it.each([
    ['JSON', text()],
    ['base64 of JSON', base64(text())],
    ['a CloudEvent', event('e1')],
    ['base64 of a CloudEvent', base64(event('e1'))],
    ['base64 with a line at its end', `${base64(text())}\n`],
  ])('takes %s', async (_what, message) => {
    const { take, deliver, rollouts, kept } = door();
    await deliver(take, message);
    expect(await rollouts()).toMatchObject([{ app: 'hello', requester: { name: 'The build queue', verified: false, via: 'queue' } }]);
    expect(await kept()).toEqual([]);
  });

  it('knows a message by its event, else its requestId, else its own id', async () => {
    const { ports, take, deliver, rollouts } = door();
    await deliver(take, text(), 'm1');
    await deliver(take, text(), 'm1');
    expect(await rollouts()).toHaveLength(1);
    await deliver(take, text({ requestId: 'r' }), 'm2');
    await deliver(take, text({ requestId: 'r' }), 'm3');
    expect(await rollouts()).toHaveLength(2);
    await deliver(take, event('e'), 'm4');
    for (const row of await rollouts()) await tell(ports, row.id, endedAs('deployed'));
    await deliver(take, event('e'), 'm5');
    expect(await rollouts()).toHaveLength(3);
    await deliver(take, text(), 'm6');
    expect(await rollouts()).toHaveLength(4);
  });

  it('throws on a fault of its own, and the next delivery goes on', async () => {
    const { take, deliver, failNextStart, started, rollouts } = door();
    failNextStart();
    await expect(deliver(take, text(), 'm1')).rejects.toThrow();
    await deliver(take, text(), 'm1');
    expect(started).toHaveLength(1);
    expect(await rollouts()).toHaveLength(1);
  });

  it.each([
    ['invalid-json', 'hello'],
    ['invalid-json', ''],
    ['invalid-json', base64('no json')],
    ['invalid-json', `!${base64(text())}`],
    ['invalid-json', `${base64(text())}!`],
    ['invalid-json', Buffer.from([0x22, 0xff, 0x22]).toString('base64')],
    ['invalid-json', base64('\u0000\u0001').repeat(3)],
    ['invalid-request', '17'],
    ['invalid-request', 'null'],
    ['invalid-request', '"quoted 1"'.replace('quoted ', '')],
    ['invalid-request', '[]'],
    ['invalid-request', '['.repeat(5000) + ']'.repeat(5000)],
    ['invalid-request', '{"app":"hello"}'],
    ['invalid-request', '{"specversion":"0.3","data":{}}'],
    ['unknown-target', text({ app: 'nobody' })],
  ])('keeps and tells what it cannot take (%s), completes it, and starts nothing', async (code, message) => {
    const { take, deliver, kept, notices, rollouts, started } = door();
    await deliver(take, message, 'm1');
    expect(await kept()).toMatchObject([{ queue: 'slipway-rollouts', messageId: 'm1', problem: { code } }]);
    const told = await notices();
    expect(told.map(({ recipient }) => recipient).sort()).toEqual(['team@example.com']);
    expect(told[0]?.model.next.length).toBeGreaterThan(0);
    expect(started.every(({ orchestrator }) => orchestrator === 'deliverNotice')).toBe(true);
    expect(await rollouts()).toEqual([]);
  });

  it('tells once an hour for each kind of mistake, and keeps every message', async () => {
    const { time, take, deliver, kept, notices } = door();
    await Promise.all(Array.from({ length: 20 }, () => deliver(take, 'rubbish')));
    expect(await notices()).toHaveLength(1);
    await deliver(take, '{}');
    expect(await notices()).toHaveLength(2);
    // Some of the mistakes mended: what is left is another kind.
    await deliver(take, JSON.stringify({ ...requestOf(), version: '' }));
    expect(await notices()).toHaveLength(3);
    time.nowMs += 3_599_000;
    await deliver(take, 'rubbish');
    expect(await notices()).toHaveLength(3);
    time.nowMs += 1_000;
    await deliver(take, 'rubbish');
    expect(await notices()).toHaveLength(4);
    expect(await kept()).toHaveLength(24);
  });

  it('still tells after a crash between the row of the hour and the notices', async () => {
    const { ports, take, deliver, notices, kept } = door();
    const { write } = ports.rows;
    ports.rows.write = (changes) => (changes[0].partition === 'notices' ? Promise.reject(new Error('crash')) : write(changes));
    await expect(deliver(take, 'rubbish', 'm1')).rejects.toThrow('crash');
    ports.rows.write = write;
    await deliver(take, 'rubbish', 'm1');
    expect(await notices()).toHaveLength(1);
    expect(await kept()).toHaveLength(1);
  });

  it('has the notices of the hour once it has the hour: they are sent though the message that was cut off comes back under another id', async () => {
    const { ports, take, deliver, notices } = door();
    const { write } = ports.rows;
    ports.rows.write = async (changes) => {
      const written = await write(changes);
      if (changes.some(({ row }) => row.includes('invalid-json'))) throw new Error('crash');
      return written;
    };
    await expect(deliver(take, 'rubbish', 'm1')).rejects.toThrow('crash');
    ports.rows.write = write;
    await deliver(take, 'rubbish', 'm2');
    expect(await notices()).toMatchObject([{ state: 'to-send' }]);
  });

  it('keeps at most 4 KB and nothing secret', async () => {
    const { ports, take, deliver, kept } = door();
    const secret = 'S3CRETS3CRET';
    const bad = {
      ...requestOf({
        app: 'nobody',
        settings: { Db: secret },
        package: { url: `https://u:${secret}@b.example/x.zip?sig=${secret}`, sha256: 'zz' },
      }),
      apiKey: secret,
      nested: { Authorization: `Bearer ${secret}`, note: `AccountKey=${secret};x` },
      filler: 'ü'.repeat(4000),
    };
    await deliver(take, JSON.stringify(bad));
    await deliver(take, base64(JSON.stringify(bad)));
    await deliver(take, `not json ${JSON.stringify(bad)}`);
    await deliver(take, base64(`not json ${JSON.stringify(bad)}`));
    const rows = await kept();
    expect(rows).toHaveLength(4);
    for (const { copy } of rows) expect(Buffer.byteLength(copy)).toBeLessThanOrEqual(4096);
    expect(rows[0]?.copy).toContain('nobody');
    const all = JSON.stringify([rows, await ports.rows.everywhere('rollout'), await ports.rows.list('notices', '')]);
    expect(all).not.toContain(secret);
    expect(all).not.toContain(base64(secret).slice(0, 12));
  });
});

describe('poison queue', () => {
  it('puts a message back once storage answers, with a notice, and joins what an earlier delivery started', async () => {
    const { ports, take, putBack, deliver, rollouts, notices } = door();
    await deliver(take, text(), 'first id');
    const { write } = ports.rows;
    ports.rows.write = () => Promise.reject(new Error('storage is away'));
    await expect(deliver(putBack, text(), 'poison id')).rejects.toThrow('storage is away');
    ports.rows.write = write;
    const back = await deliver(putBack, text(), 'poison id');
    expect(await notices()).toHaveLength(1);
    await deliver(take, String(back), 'third id');
    expect(await rollouts()).toHaveLength(1);
  });

  it.each([
    ['requestId', text({ requestId: 'r' })],
    ['event', event('e')],
  ])('keeps the key of a message known by its %s', async (_what, message) => {
    const { ports, take, putBack, deliver, rollouts } = door();
    await deliver(take, message);
    for (const { id } of await rollouts()) await tell(ports, id, endedAs('deployed'));
    await deliver(take, String(await deliver(putBack, message)));
    expect(await rollouts()).toHaveLength(1);
  });

  it('puts back unchanged what the queue itself will keep', async () => {
    const { putBack, deliver } = door();
    expect(await deliver(putBack, 'rubbish')).toBe('rubbish');
    expect(await deliver(putBack, '{"app":"hello"}')).toBe('{"app":"hello"}');
  });

  it('gives up at once on an event in base64 that came back ten times', async () => {
    const { putBack, deliver, kept } = door();
    const often = base64(JSON.stringify({ ...(JSON.parse(event('e')) as object), slipwayputbacks: 10 }));
    expect(await deliver(putBack, often)).toBeUndefined();
    expect(await kept()).toMatchObject([{ problem: { code: 'put-back-too-often' } }]);
  });

  it('gives up after ten times, and keeps and tells it', async () => {
    const { putBack, deliver, kept } = door();
    let message: unknown = text();
    let times = 0;
    for (; typeof message === 'string'; times += 1) message = await deliver(putBack, message);
    expect(times).toBe(11);
    expect(await kept()).toMatchObject([{ queue: 'slipway-rollouts-poison', problem: { code: 'put-back-too-often' } }]);
  });
});
