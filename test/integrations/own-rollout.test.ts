import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvocationContext } from '@azure/functions';
import { QueueServiceClient } from '@azure/storage-queue';
import fc from 'fast-check';
import { requestKeyOf } from '../../src/domain/admission';
import { rolloutIdOf } from '../../src/domain/rollout-id';
import { rolloutsQueueHandler } from '../../src/triggers/rollouts.queue';
import { startAzurite, type Azurite } from '../azurite';
import { callAsOperator, endedAs, tell } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';
import { buildMachine, integrations, signedAddresses } from './build-world';

/** Which rollout a build waits for that asked by queue message, and what becomes of it where it may not look. */

callAsOperator();
let azurite: Azurite;
let signed: Awaited<ReturnType<typeof signedAddresses>>;
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
let machine: ReturnType<typeof buildMachine>;
beforeAll(async () => {
  azurite = await startAzurite();
  signed = await signedAddresses(azurite.connectionString);
});
beforeEach(async () => {
  door = await serveFrontDoor();
  machine = buildMachine();
  machine.write('hello.zip', 'a package');
});
afterEach(async () => {
  machine.remove();
  await door.close();
});
afterAll(() => azurite.stop());

const asks = ['--app', 'hello', '--version', '2.0.0', '--package', 'hello.zip', '--poll-seconds', '0.05', '--request-id', 'build-1'];
const id = rolloutIdOf('hello', 'production', '2.0.0', 'request:build-1');
const byMessage = () => ['--upload-to', signed.container, '--queue', signed.queue, '--url', door.url];

/** The message that a build has sent, once it is there, and off the queue. */
async function sentBy(build: Promise<object>): Promise<unknown> {
  const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient('slipway-rollouts');
  let ended: object | undefined;
  void build.then((answer) => (ended = answer));
  for (;;) {
    const hasEnded = ended;
    const [message] = (await queue.receiveMessages()).receivedMessageItems;
    if (message) {
      await queue.deleteMessage(message.messageId, message.popReceipt);
      return JSON.parse(message.messageText) as unknown;
    }
    if (hasEnded) throw new Error(`The build sent nothing: ${JSON.stringify(hasEnded)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('it waits for the rollout of its own message, whatever else there is of the same package; a repeated step joins it', async () => {
  const take = rolloutsQueueHandler(door.ports, () => door.instances);
  const context = new InvocationContext({ triggerMetadata: { id: 'm' }, logHandler: () => undefined });
  const other = ['--upload-to', signed.container, '--url', door.url, '--wait', 'none'];
  expect(await machine.release([...asks.slice(0, -1), 'another', ...other])).toMatchObject({ code: 0 });
  for (let time = 0; time < 2; time += 1) {
    const build = machine.release([...asks, ...byMessage(), '--wait', 'end']);
    await take(await sentBy(build), context);
    await tell(door.ports, id, endedAs('deployed'));
    const { code, out } = await build;
    expect(out).toContain(`Rollout ${id} is on its way: hello 2.0.0 to production.`);
    expect(code).toBe(0);
  }
  machine.write('hello.zip', 'another package');
  const changed = machine.release([...asks, ...byMessage(), '--wait', 'end']);
  await sentBy(changed);
  expect(await changed).toMatchObject({ code: 3, err: expect.stringContaining(`as rollout ${id}, with another package`) as string });
  expect(door.started.map((one) => one.id)).toEqual([rolloutIdOf('hello', 'production', '2.0.0', 'request:another'), id]);
});

test('it says which rollout it missed where its message never became one', async () => {
  const build = machine.release([...asks, ...byMessage(), '--wait-minutes', '0']);
  await sentBy(build);
  expect(await build).toMatchObject({
    code: 1,
    err: `Slipway has not taken the message up yet: there is no rollout ${id}. See its page for bad messages.\n`,
  });
});

test('where it may not look, it has asked all the same: only a build that waits for the end fails', async () => {
  delete process.env['SLIPWAY_LOCAL_OPERATOR'];
  const sentence =
    'Slipway does not let this build look at its rollout (401). Say --audience with the application id URI of Slipway, and give the identity that the build signs in as the app role Slipway.Read (step 6 of Slipway’s docs/first-hour.md), or say --wait none.';
  const asked = machine.release([...asks, ...byMessage()]);
  await sentBy(asked);
  expect(await asked).toMatchObject({
    code: 0,
    err: `${sentence} The rollout is asked for, and goes on; this build does not wait for it.\n`,
    out: expect.stringMatching(/Slipway is asked for hello 2\.0\.0 to production, by a message on its queue\.\n$/) as string,
  });
  const toTheEnd = machine.release([...asks, ...byMessage(), '--wait', 'end']);
  await sentBy(toTheEnd);
  expect(await toTheEnd).toMatchObject({ code: 3, err: `${sentence}\n` });
  // This one asked for nothing: to look was all it had to do.
  expect(await machine.release(['--rollout', id, '--url', door.url])).toMatchObject({ code: 3, err: `${sentence}\n` });
});

const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
const anything = fc.record({
  app: name,
  environment: name,
  version: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/),
  requestId: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
});

test('the id is the one that Slipway gives, and the key one that Slipway takes, another for each app and environment', async () => {
  const cases = fc.sample(anything, 500);
  machine.write('cases.json', JSON.stringify(cases));
  machine.write(
    'ask.mjs',
    `import { readFileSync } from 'node:fs';
     import { keyOf, rolloutIdOf } from ${JSON.stringify(pathToFileURL(path.join(integrations, 'release.mjs')).href)};
     const keyed = (one) => keyOf({ 'request-id': '', ...one }, one);
     console.log(JSON.stringify(JSON.parse(readFileSync('cases.json', 'utf8')).map((one) => ({
       key: keyed(one), id: rolloutIdOf(one, keyed(one)), again: keyed(one), said: keyOf({ ...one, 'request-id': 'said' }, one),
       others: [keyed({ ...one, app: one.app + 'x' }), keyed({ ...one, environment: one.environment + 'x' })] }))));`,
  );
  const { out, err } = await machine.run(process.execPath, ['ask.mjs']);
  expect(err).toBe('');
  const answers = JSON.parse(out) as { key: string; id: string; again: string; said: string; others: string[] }[];
  expect(answers).toHaveLength(cases.length);
  for (const [at, { app, environment, version }] of cases.entries()) {
    const { key, id: given, again, said, others } = answers[at]!;
    expect(key).toMatch(/^[\x20-\x7e]{1,200}$/);
    expect([again, said]).toEqual([key, 'said']);
    expect(others).not.toContain(key);
    expect(given).toBe(rolloutIdOf(app, environment, version, requestKeyOf({ requestId: key }) ?? ''));
  }
});
