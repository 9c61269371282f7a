import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TableClient } from '@azure/data-tables';
import { releaseSettingsKey } from '../../src/domain/tables';
import { answerAsk, decide, endOf, invitation, mailsOf, makeApp, reach, type App } from './app';
import { startStack, type Stack } from './harness';
import { slipway } from '../cli/command-line';

/** A value that stands for every secret: it is pushed through every way in, and must come out nowhere. */
const marked = 'MARKEDSECRET';

let stack: Stack;
let app: App;
beforeAll(async () => {
  stack = await startStack({ apps: { secretive: {} } });
  app = await makeApp(stack, 'secretive');
});
afterAll(() => stack.stop());

const get = async (path: string): Promise<string> => await (await fetch(stack.host.url + path)).text();

/** Every row, but the one that holds the values of a release's settings until its revert may need them. */
async function rows(): Promise<string[]> {
  const texts: string[] = [];
  for await (const entity of TableClient.fromConnectionString(stack.storage, 'slipway', { allowInsecureConnection: true }).listEntities())
    if (entity.rowKey !== releaseSettingsKey) texts.push(JSON.stringify(entity));
  return texts;
}

/** What the command line shows, refusals included. */
async function terminal(id: string): Promise<string[]> {
  const commands = ['list', `status ${id}`, `cancel ${id}`, 'ledger verify secretive production', `start --setting ${marked}`];
  const written = commands.flatMap((command) => [
    slipway(command, { url: stack.host.url }),
    slipway(`${command} --json`, { url: stack.host.url }),
  ]);
  return (await Promise.all(written)).map(({ out, err }) => out + err);
}

/** Everything that a person, an operator or a thief of a log, a table or a mail could read. */
async function everything(id: string): Promise<Record<'history' | 'rows' | 'api' | 'mails' | 'terminal', string[]>> {
  return {
    history: stack.left(),
    rows: await rows(),
    api: [
      await get('/api/rollouts'),
      await get(`/api/rollouts/${id}`),
      await get('/api/lanes'),
      await get('/api/ledger/secretive/production'),
    ],
    terminal: await terminal(id),
    mails: stack.azure.mails().map((mail) => JSON.stringify(mail)),
  };
}

it('lets no setting value, signed address, token or code out of where it belongs', async () => {
  const request = await app.request({ version: '2.0.0', settings: { API_KEY: marked } });
  const { json } = await stack.call('/api/rollouts', {
    method: 'POST',
    body: {
      ...request,
      package: { ...request.package, url: `${request.package.url}?sig=${marked}` },
      buildUrl: `https://builds.example.com/run?buildId=7&sig=${marked}#${marked}`,
    },
  });
  await reach(stack, json.id, 'asking');
  await stack.until('the approver is asked', () => mailsOf(stack, json.id).length > 1);
  const asked = invitation(stack, json.id);
  expect((await decide({ ...asked, code: 'AAAA-AAAA' }, 'yes')).status).not.toBe(200);
  await answerAsk(stack, json.id, 'yes', 'looks good');
  expect(await endOf(stack, json.id)).toMatchObject({ outcome: 'deployed' });

  const token = asked.link.split('/').at(-1) ?? '';
  const signature = token.split('.').at(-1) ?? '';
  const seen = await everything(json.id);
  expect(seen.history.length).toBeGreaterThan(50);
  expect(seen.rows.length).toBeGreaterThan(20);
  for (const [place, texts] of Object.entries(seen)) {
    const holding = (secret: string) => texts.filter((text) => text.includes(secret)).map((text) => `${place}: ${text.slice(0, 200)}`);
    expect(holding(marked)).toEqual([]);
    // The mail alone carries link and code: that is what it is for.
    if (place !== 'mails') expect([...holding(signature), ...holding(asked.code), ...holding(asked.code.replace('-', ''))]).toEqual([]);
  }
});

it('shows nothing secret of a message it could not take', async () => {
  const before = stack.azure.mails().length;
  await stack.enqueue(
    JSON.stringify({ app: 'secretive', package: { url: `https://x.example/a.zip?sig=${marked}` }, settings: { K: marked }, token: marked }),
  );
  await stack.until('the message is told', () => stack.azure.mails().length > before, { stepSeconds: 0 });
  const texts = Object.values(await everything('none')).flat();
  expect(texts.filter((text) => text.includes(marked))).toEqual([]);
});
