import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OrchestratorTurn } from '../../local/host';
import { answerAsk, endOf, makeApp, reach, type App } from '../scenarios/app';
import { bundleOrchestrators } from '../scenarios/bundled-orchestrators';
import { startStack, type Stack } from '../scenarios/harness';
import { createTurnCheck } from '../scenarios/turn-check';

/**
 * Our own upgrade: a rollout that an older version began is gone on with by this one, so whatever that version's story did at a history, this one must
 * do too. `recorded/` holds the last turn of each story of every version that was released (`npm run record-history`); it has the whole history in it.
 */
const folder = path.join(__dirname, 'recorded');
let stack: Stack;
let app: App;
const turns = new Map<string, OrchestratorTurn>();

beforeAll(async () => {
  stack = await startStack({ apps: { hello: {} } });
  app = await makeApp(stack, 'hello');
  stack.onTurn((turn) => void turns.set(turn.instanceId, turn));
  const deployed = await app.start({ version: '2.0.0' });
  await answerAsk(stack, deployed, 'yes');
  expect(await endOf(stack, deployed)).toMatchObject({ outcome: 'deployed' });
  const rejected = await app.start({ version: '3.0.0' });
  await answerAsk(stack, rejected, 'no');
  expect(await endOf(stack, rejected)).toMatchObject({ outcome: 'rejected' });
  // The one that matters most: it waits, for days maybe, while Slipway is upgraded.
  await reach(stack, await app.start({ version: '4.0.0' }), 'asking');
  await stack.settle();
});
afterAll(() => stack.stop());

/** Which of these would be told otherwise, and where. */
async function toldOtherwise(told: Iterable<OrchestratorTurn>, change?: Parameters<typeof bundleOrchestrators>[0]): Promise<string[]> {
  const check = createTurnCheck(await bundleOrchestrators(change), stack.model);
  const found: string[] = [];
  for (const turn of told) await check(turn).catch((error: unknown) => found.push(error instanceof Error ? error.message : String(error)));
  return found;
}

test('what this version told it tells again', async () => {
  expect([...turns.values()].map(({ functionName }) => functionName)).toEqual(expect.arrayContaining(['rollout', 'deliverNotice']));
  expect(await toldOtherwise(turns.values())).toEqual([]);
});

test('two activities that change places without a version branch are found', async () => {
  const [first, second] = ['"switchOffTriggers"', '"writeMarker"'] as const;
  const found = await toldOtherwise(turns.values(), (text) =>
    text.replace(first, 'another').replace(second, first).replace('another', second),
  );
  expect(found).toHaveLength(3);
  for (const sentence of found) expect(sentence).toContain(first);
});

test('histories of every released version are told alike', async () => {
  const version = process.env['SLIPWAY_RECORD_HISTORY'];
  if (version !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${version}.json.gz`), gzipSync(JSON.stringify([...turns.values()])));
  }
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const stored = files.map((file) => JSON.parse(gunzipSync(readFileSync(path.join(folder, file))).toString('utf8')) as OrchestratorTurn[]);
  expect(await toldOtherwise(stored.flat())).toEqual([]);
});
