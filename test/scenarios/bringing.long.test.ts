import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, endOf, expectTold, mailsOf, makeApp, reach, rollOut, type App } from './app';
import { sponsor, startStack, type Stack } from './harness';

/** Settings that come with a release: written before it is pushed, carried by the swap, named and never shown, and set back where it did not stay. */
const reference = '@Microsoft.KeyVault(SecretUri=https://vault.example.com/secrets/database)';
const value = 'S3CRET-COLOUR';
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps: { carried: {}, rejected: {}, breached: {} } });
});
afterAll(() => stack.stop());

type Settings = Record<string, string | undefined>;
async function settingsOf({ site }: App): Promise<{ production: Settings; staging: Settings }> {
  const [production, staging] = await Promise.all([
    stack.arm.webApps.listApplicationSettings(sponsor.resourceGroup, site),
    stack.arm.webApps.listApplicationSettingsSlot(sponsor.resourceGroup, site, 'staging'),
  ]);
  return { production: production.properties ?? {}, staging: staging.properties ?? {} };
}

/** As somebody set it in both slots before Slipway came. */
async function makeBlue(name: string): Promise<App> {
  const app = await makeApp(stack, name);
  const { production, staging } = await settingsOf(app);
  const blue = (properties: Settings) => ({ properties: { ...(properties as Record<string, string>), COLOUR: 'blue' } });
  await stack.arm.webApps.updateApplicationSettings(sponsor.resourceGroup, app.site, blue(production));
  await stack.arm.webApps.updateApplicationSettingsSlot(sponsor.resourceGroup, app.site, 'staging', blue(staging));
  await stack.advance(5);
  return app;
}

test('a value and a Key Vault reference are in staging before the push, go to production with the swap, and are told by name', async () => {
  const app = await makeBlue('carried');
  const id = await app.start({ version: '2.0.0', settings: { COLOUR: value, DATABASE: reference } });
  await reach(stack, id, 'asking');
  expect(await settingsOf(app)).toMatchObject({ production: { COLOUR: 'blue' }, staging: { COLOUR: value, DATABASE: reference } });
  const { settingWrites, pushes } = stack.azure.receipts();
  const written = settingWrites.find(({ site, slot, names }) => site === app.site && slot === 'staging' && names.includes('DATABASE'));
  const pushed = pushes.find(({ site, answered }) => site === app.site && answered === 202);
  expect(written!.atMs).toBeLessThanOrEqual(pushed!.atMs);

  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  const asked = mailsOf(stack, id).find(({ subject }) => subject.startsWith('Waiting for you'));
  expect(asked?.plainText).toMatch(/Settings it brings: COLOUR, DATABASE/);
  expect(await settingsOf(app)).toMatchObject({ production: { COLOUR: value, DATABASE: reference }, staging: { COLOUR: 'blue' } });
  expect((await settingsOf(app)).staging).not.toHaveProperty('DATABASE');
  expect([...stack.left(), ...stack.azure.mails().map((mail) => JSON.stringify(mail))].join('\n')).not.toContain(value);
});

test('what a release brought that was not wanted is set back, or taken out, when the next one is staged', async () => {
  const app = await makeBlue('rejected');
  const unwanted = await app.start({ version: '2.0.0', settings: { COLOUR: 'red', DATABASE: reference } });
  await answerAsk(stack, unwanted, 'no');
  await expectTold(stack, unwanted, { outcome: 'rejected' });
  expect((await settingsOf(app)).staging).toMatchObject({ COLOUR: 'red', DATABASE: reference });
  await rollOut(stack, app, { version: '3.0.0' });
  const { production, staging } = await settingsOf(app);
  expect([production['COLOUR'], staging['COLOUR']]).toEqual(['blue', 'blue']);
  expect([production, staging].filter((settings) => 'DATABASE' in settings)).toEqual([]);
  expect(await app.production()).toBe('3.0.0');
});

test('what a release brought that is swapped back goes with it', async () => {
  const app = await makeBlue('breached');
  const id = await app.start({ version: '2.0.0', settings: { COLOUR: 'red' } });
  await answerAsk(stack, id, 'yes');
  await reach(stack, id, 'watching');
  expect((await settingsOf(app)).production['COLOUR']).toBe('red');
  stack.azure.faults.on('production-503', { site: app.site, slot: 'production' });
  await reach(stack, id, 'undoing');
  stack.azure.faults.off('production-503');
  expect((await endOf(stack, id)).outcome).toBe('rolled-back');
  expect(await settingsOf(app)).toMatchObject({ production: { COLOUR: 'blue' }, staging: { COLOUR: 'red' } });
  expect(await app.production()).toBe('1.0.0');
});
