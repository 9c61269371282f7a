import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { atOnce, group, push, site, startCloud, until, zipOf, type Cloud } from './cloud';
import { functionsApp } from './functions-app';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud({ runSlot: 'process', pace: atOnce });
  await cloud.azure.createSite(site({ package: await functionsApp('1.0.0') }));
  expect((await push(cloud, 'staging', await functionsApp('2.0.0'), '')).status).toBe(200);
});

afterAll(() => cloud.close());

interface Hello {
  version: string;
  COLOUR: string;
  KEEP: string;
  WEBSITE_SLOT_NAME: string;
  pid: number;
  posted: string;
}

const hello = async (slot?: string, body?: string): Promise<Hello | number> => {
  const answer = await fetch(`${cloud.azure.siteUrl('hello', slot)}/api/hello`, body === undefined ? {} : { method: 'POST', body });
  return answer.ok ? ((await answer.json()) as Hello) : answer.status;
};
const answering = (slot?: string): Promise<Hello> =>
  until(
    () => hello(slot),
    (each) => typeof each === 'object',
  ) as Promise<Hello>;

test('each slot runs its own package with its own settings, in a process of its own', async () => {
  const [production, staging] = [await answering(), await answering('staging')];
  expect(production).toMatchObject({ version: '1.0.0', KEEP: 'production', WEBSITE_SLOT_NAME: 'Production' });
  expect(staging).toMatchObject({ version: '2.0.0', KEEP: 'staging', WEBSITE_SLOT_NAME: 'staging' });
  expect(new Set([production.pid, staging.pid, process.pid]).size).toBe(3);
  expect(await hello('staging', 'what was sent')).toMatchObject({ posted: 'what was sent' });
});

test('its host says what it indexed, and its keys open it', async () => {
  await answering('staging');
  const names: (string | undefined)[] = [];
  for await (const each of cloud.client.webApps.listInstanceFunctionsSlot(group, 'hello', 'staging')) names.push(each.name);
  expect(names.sort()).toEqual(['hello/staging/hello', 'hello/staging/secret']);
  const { functionKeys } = await cloud.client.webApps.listHostKeysSlot(group, 'hello', 'staging');
  const secret = (key: string): Promise<Response> =>
    fetch(`${cloud.azure.siteUrl('hello', 'staging')}/api/secret`, { headers: { 'x-functions-key': key } });
  expect([(await secret(functionKeys?.['default'] ?? '')).status, (await secret('guessed')).status]).toEqual([200, 401]);
});

test('a settings change reaches the app by a restart', async () => {
  const before = await answering('staging');
  await cloud.client.webApps.updateApplicationSettingsSlot(group, 'hello', 'staging', { properties: { COLOUR: 'green', KEEP: 'staging' } });
  const after = await until(
    () => hello('staging'),
    (each) => typeof each === 'object' && each.COLOUR === 'green',
  );
  expect((after as Hello).pid).not.toBe(before.pid);
});

test('a swap visibly changes what production answers, without a gap, with the process that was warmed up', async () => {
  const answers: (Hello | number)[] = [];
  const swapping = cloud.client.webApps.swapSlot(
    group,
    'hello',
    'staging',
    { targetSlot: 'production', preserveVnet: false },
    { updateIntervalInMs: 1 },
  );
  await until(
    async () => {
      answers.push(await hello());
      return cloud.azure.receipts().swaps[0]?.outcome;
    },
    (outcome) => outcome === 'applied',
  );
  await swapping;
  expect(answers.filter((each) => typeof each === 'number')).toEqual([]);
  const production = await answering();
  expect(production).toMatchObject({ version: '2.0.0', COLOUR: 'green', KEEP: 'production' });
  expect(await answering('staging')).toMatchObject({ version: '1.0.0', COLOUR: 'blue', KEEP: 'staging' });
});

test('an app that does not start answers 503, and its functions are none', async () => {
  const broken = await zipOf({
    'host.json': '{"version":"2.0"}',
    'package.json': '{"main":"main.js"}',
    'main.js': "throw new Error('broken')",
  });
  expect((await push(cloud, 'staging', broken, '')).status).toBe(200);
  expect(await hello('staging')).toBe(503);
});
