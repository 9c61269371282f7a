import { HttpRequest, InvocationContext, type HttpHandler, type HttpResponseInit } from '@azure/functions';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSettings } from '../../src/domain/read-settings';
import { badMessagesPartition } from '../../src/commands/keep-bad-message';
import { rolloutKey } from '../../src/domain/tables';
import { listLanesHandler, unblockLaneHandler } from '../../src/triggers/lanes.http';
import { poisonQueueHandler, putBackOutput } from '../../src/triggers/poison.queue';
import {
  cancelRolloutHandler,
  listRolloutsHandler,
  nudgeRolloutHandler,
  readRolloutHandler,
  rollBackRolloutHandler,
  startRolloutByKeyHandler,
  startRolloutHandler,
} from '../../src/triggers/rollouts.http';
import { rolloutsQueueHandler } from '../../src/triggers/rollouts.queue';
import { callAsOperator, frontDoorPorts, recordedInstances, requestOf } from './ports';

/** Whatever comes in by HTTP, queue or file is taken, or refused in words that say what is wrong: nothing crashes, nothing is a fault of ours. */

callAsOperator();

const nasty = fc.constantFrom(
  '',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  '../..',
  '%00',
  '#?\\/',
  'a'.repeat(40_000),
  '1e999',
  '\u202e',
);
const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), nasty, fc.constantFrom(-1, 1e308, null, true));
/** A good request of which some things are something else, or one more. */
const almost = fc
  .tuple(
    fc.dictionary(
      fc.oneof(fc.constantFrom(...Object.keys(requestOf()), 'requestId', 'specversion', 'id', 'source', 'data'), nasty),
      value,
      { maxKeys: 4 },
    ),
    fc.boolean(),
  )
  .map(([changes, isEvent]) => {
    const request = { ...requestOf(), ...changes };
    return isEvent
      ? { specversion: '1.0', id: 'e', source: '/ci', type: 'dev.slipway.rollout.requested', data: request, ...changes }
      : request;
  });
const cut = (text: string, part: number): string => text.slice(0, Math.ceil((text.length * part) / 100));
const bodyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  almost.map((json) => JSON.stringify(json)),
  fc.tuple(almost, fc.nat(100)).map(([json, part]) => cut(JSON.stringify(json), part)),
  fc.tuple(fc.constantFrom('[', '{"a":', '"', '1', ' '), fc.nat(20_000)).map(([part, times]) => part.repeat(times)),
);
const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 400 });
const headers = fc.dictionary(
  fc.constantFrom(
    ...['idempotency-key', 'x-ms-client-principal', 'x-ms-client-principal-name', 'origin', 'sec-fetch-site', 'content-length'],
    ...['x-functions-key', 'x-forwarded-for', 'accept', 'host'],
  ),
  fc.oneof(
    printable,
    fc.jsonValue().map((json) => Buffer.from(JSON.stringify(json)).toString('base64')),
  ),
  { maxKeys: 3 },
);
const types = fc.oneof(
  fc.constantFrom('application/json', 'application/problem+json; charset=x', 'text/plain', 'application/json;'),
  printable,
);

describe('HTTP', () => {
  const { ports } = frontDoorPorts();
  const { instances } = recordedInstances();
  const bound = () => instances;
  const handlers: [string, HttpHandler][] = [
    ['startRollout', startRolloutHandler(ports, bound)],
    ['startRolloutByKey', startRolloutByKeyHandler(ports, bound)],
    ['nudgeRollout', nudgeRolloutHandler(ports, bound)],
    ['cancelRollout', cancelRolloutHandler(ports, bound)],
    ['rollBackRollout', rollBackRolloutHandler(ports, bound)],
    ['unblockLane', unblockLaneHandler(ports, bound)],
    ['readRollout', readRolloutHandler(ports)],
    ['listRollouts', listRolloutsHandler(ports)],
    ['listLanes', listLanesHandler(ports)],
  ];

  async function answerTo(handler: HttpHandler, sent: ConstructorParameters<typeof HttpRequest>[0]): Promise<HttpResponseInit> {
    const context = new InvocationContext({ functionName: 'underTest', logHandler: () => undefined });
    return await handler(new HttpRequest(sent), context);
  }

  it.each(handlers)('%s answers anything with what it did or with a problem', async (_name, handler) => {
    await fc.assert(
      fc.asyncProperty(
        bodyText,
        headers,
        types,
        fc.dictionary(fc.constantFrom('app', 'outcome', 'limit', 'environment'), printable),
        printable,
        async (text, given, type, query, id) => {
          const answer = await answerTo(handler, {
            method: 'POST',
            url: 'http://127.0.0.1:7071/api/x',
            headers: { ...given, 'content-type': type.trim() },
            query,
            params: { id, app: id, environment: id },
            body: { string: text },
          });
          expect(answer.status).toBeLessThan(500);
          const body = JSON.parse(String(answer.body)) as { detail?: string; next?: string };
          if ((answer.status ?? 0) < 400) return;
          expect(new Headers(answer.headers as Record<string, string>).get('content-type')).toBe('application/problem+json');
          expect([body.detail, body.next].every((words) => typeof words === 'string' && words.length > 5)).toBe(true);
          expect(String(answer.body).length).toBeLessThan(200_000);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('the queues', () => {
  const { ports } = frontDoorPorts();
  const { instances } = recordedInstances();
  const take = rolloutsQueueHandler(ports, () => instances);
  const putBack = poisonQueueHandler(ports, () => instances);
  let ids = 0;
  async function deliver(handler: typeof take, text: string): Promise<unknown> {
    let entry: unknown = text;
    try {
      entry = JSON.parse(text);
    } catch {
      // As the queue trigger does: what is no JSON stays text.
    }
    const context = new InvocationContext({
      functionName: 'q',
      logHandler: () => undefined,
      triggerMetadata: { id: `m${(ids += 1)}`, dequeueCount: 1 },
    });
    await handler(entry, context);
    return context.extraOutputs.get(putBackOutput);
  }
  const count = async (): Promise<number> =>
    (await ports.rows.list(badMessagesPartition, '')).length + (await ports.rows.everywhere(rolloutKey)).length;
  const message = fc.tuple(bodyText, fc.boolean()).map(([text, isBase64]) => (isBase64 ? Buffer.from(text).toString('base64') : text));

  it('lose no message: each starts or joins a rollout, or is kept and told', async () => {
    await fc.assert(
      fc.asyncProperty(message, async (text) => {
        const before = await count();
        await deliver(take, text);
        const isJoined = (await count()) === before;
        // Only what is a whole request can join one.
        if (isJoined) expect(text.length).toBeGreaterThan(100);
      }),
      { numRuns: 300 },
    );
  });

  it('put back what they were given, or keep it', async () => {
    await fc.assert(
      fc.asyncProperty(message, async (text) => {
        const before = (await ports.rows.list(badMessagesPartition, '')).length;
        const back = await deliver(putBack, text);
        if (typeof back !== 'string') expect((await ports.rows.list(badMessagesPartition, '')).length).toBe(before + 1);
      }),
      { numRuns: 150 },
    );
  });
});

describe('slipway.yaml', () => {
  const scraps = [
    'a',
    ':',
    ' ',
    '\n',
    '  ',
    '- ',
    '? ',
    '&a',
    '*a',
    '!!map',
    '|',
    '>',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    '#',
    '%YAML',
    '---',
    '...',
    '<<',
    '\t',
    'apps',
    'policies',
    '0x1',
    '~',
    '\u0000',
    '\ufeff',
  ];
  const refused = (text: string): void => {
    const read = readSettings(text);
    expect(read.kind).toBe('mistakes');
    if (read.kind === 'settings') return;
    expect(read.mistakes.length).toBeGreaterThan(0);
    expect(read.mistakes.length).toBeLessThanOrEqual(100);
    for (const { line, column, sentence } of read.mistakes)
      expect([line >= 1, column >= 1, sentence.length > 5]).toEqual([true, true, true]);
  };

  it('of any scraps is refused with places', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...scraps), { maxLength: 60 }), (parts) => refused(parts.join(''))),
      { numRuns: 500 },
    );
  });

  it('of any values is refused with places', () => {
    const keys = fc.constantFrom('azure', 'people', 'apps', 'policies', 'team', 'environments', 'gates', 'checks', 'watch', '__proto__');
    const document = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 5 }, value, fc.dictionary(keys, tie('node'), { maxKeys: 4 }), fc.array(tie('node'), { maxLength: 3 })),
    })).node;
    fc.assert(
      fc.property(document, (json) => refused(JSON.stringify(json) ?? '')),
      { numRuns: 300 },
    );
  });

  it.each([
    ['deep lists', '['.repeat(20_000)],
    ['deep maps', '{a: '.repeat(20_000)],
    ['deep blocks', Array.from({ length: 500 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
    ['many keys', Array.from({ length: 2_000 }, (_, n) => `k${n}: 1`).join('\n')],
    ['many documents', '---\n'.repeat(20_000)],
    ['many tags', '!!a '.repeat(10_000)],
    ['a long line', '"'.repeat(40_000)],
    ['a huge file', 'a'.repeat(50_000_000)],
  ])('of %s is refused', (_what, text) => refused(text));
});
