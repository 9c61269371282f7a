import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { settingsSchema } from '../../src/domain/settings';
import type { GoPlan } from '../../src/domain/plan';
import { standstillOf } from '../../src/domain/stop';
import { createClient } from '../../src/client/slipway-client';
import { callAsOperator, endedAs, requestOf, rolloutRow, tell } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';
import { openBrowser } from './browser';
import { accessibilityOf } from './serious';

/** What a person does on the page in states that a laptop's settings never come to: over the real API, with rows in memory. */
callAsOperator();
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
  door = await serveFrontDoor({ pageFolder: path.join(__dirname, '../../dist/src/dashboard') });
  const place = (name: string) => ({ functionApp: `hello-${name}`, policy: name });
  door.ports.settings = settingsSchema.parse({
    ...door.ports.settings,
    apps: {
      hello: { environments: { test: place('test'), production: place('production') } },
      shop: { environments: { production: { functionApp: 'shop-production', policy: 'test' } } },
    },
    policies: {
      test: {},
      production: { calendar: { zone: 'UTC', freezes: [{ from: '2026-11-20', to: '2026-11-30', reason: 'the great sale' }] } },
    },
  });
  page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
});
afterAll(async () => {
  await browser.close();
  await door.close();
});

const api = () => createClient({ baseUrl: door.url });
const dialog = () => page.getByRole('dialog');

/** Presses a button of the page and, where it asks for one, gives a reason; answers the sentence that said what it would do. */
async function act(name: string, reason?: string): Promise<string> {
  await page.getByRole('button', { name, exact: true }).click();
  const says = await dialog().getByRole('paragraph').first().innerText();
  expect(await accessibilityOf(page)).toEqual([]);
  if (reason !== undefined) await dialog().getByRole('textbox').fill(reason);
  await dialog().getByRole('button', { name, exact: true }).click();
  await dialog().waitFor({ state: 'detached' });
  return says;
}

test('a freeze is marked where it holds, and the line is stopped and started, each with a reason', async () => {
  await page.goto(door.url);
  const production = page.locator('td[data-environment=production]').first();
  await production.getByText('Frozen until Tue 2026-12-01 00:00 (UTC): the great sale.').waitFor();
  expect(await page.locator('td[data-environment=test]').first().getByText('Frozen').count()).toBe(0);
  expect(await act('Stop the line of shop', 'the till is broken')).toMatch(/^Keeps every rollout of shop from swapping/);
  await page.getByText('olga stopped the line of shop', { exact: true }).waitFor();
  expect(await act('Stop the line', 'the database moves')).toMatch(/^Keeps every rollout of every app from swapping/);
  await page.getByText('olga stopped the line of all apps', { exact: true }).waitFor();
  await production.getByText(/olga stopped the line at .*: the database moves\./).waitFor();
  expect(await page.getByRole('button', { name: /^Stop the line/ }).count()).toBe(0);
  expect(await accessibilityOf(page)).toEqual([]);
  await act('Start the line of shop again', 'mended');
  expect(await act('Start the line again', 'it has moved')).toMatch(/^Lets rollouts of all apps swap again/);
  await page.getByRole('button', { name: 'Stop the line', exact: true }).waitFor();
  expect(await api().line()).toEqual([]);
});

test('what was deployed in one environment is promoted to the next', async () => {
  const { id } = await api().start(requestOf({ environment: 'test' }), 'promote');
  await tell(door.ports, id, endedAs('deployed'));
  await page.goto(`${door.url}/dashboard/rollouts/${id}`);
  expect(await act('Promote to production')).toMatch(
    /^Starts a rollout of the same package, hello 2\.0\.0, to production, by the policy there/,
  );
  await page.waitForURL(/\/dashboard\/rollouts\/hello-production-2-0-0-/);
  const promoted = await rolloutRow(door.ports, page.url().split('/').at(-1) ?? '');
  expect(promoted).toMatchObject({ environment: 'production', promotes: id });
});

test('one that waits for the end of a freeze is let pass, for a reason that everybody hears', async () => {
  const { id } = await api().start(requestOf({ version: '3.0.0' }), 'override');
  const plan = {
    ...{ kind: 'go', sentence: 'It goes.', gates: [], combine: 'all', policyHash: 'ab'.repeat(32), way: 'zip-push', adopts: false },
    ...{
      replaces: { marker: null, version: '2.0.0' },
      madeAt: '2026-11-23T10:00:00.000Z',
      policy: door.ports.settings.policies['production'],
    },
    standstills: [{ kind: 'freeze', sentence: 'Frozen until Tue 2026-12-01 00:00 (UTC): the great sale.' }],
  } as unknown as GoPlan;
  await tell(door.ports, id, { phase: 'planning', plan });
  await page.goto(`${door.url}/dashboard/rollouts/${id}`);
  expect(await act('Override the calendar', 'customers can not pay')).toMatch(
    /^Lets this rollout pass the windows and freezes of production/,
  );
  await page.getByRole('button', { name: 'Override the calendar' }).waitFor({ state: 'detached' });
  await page.getByText('olga let it pass windows and freezes: customers can not pay').waitFor();
  expect((await rolloutRow(door.ports, id)).override).toMatchObject({ by: 'olga', reason: 'customers can not pay' });
  expect(await accessibilityOf(page)).toEqual([]);
});

test('one that a stopped line alone holds is offered no way past the calendar, and one that a freeze holds too is', async () => {
  const { id } = await api().start(requestOf({ version: '5.0.0' }), 'stopped');
  await api().changeLine('stop', 'hello', 'the till is broken');
  const [stopped] = await api().line();
  const stop = standstillOf(stopped!).sentence;
  const freeze = 'Frozen until Tue 2026-12-01 00:00 (UTC): the great sale.';
  const ask = { state: 'open' as const, openedAt: '2026-11-23T10:00:00.000Z', expiresAt: '2026-11-24T10:00:00.000Z', decisions: [] };
  await tell(door.ports, id, { phase: 'asking', ask: { ...ask, held: [stop], stoppedLines: ['hello'] } });
  const isHeld = new RegExp(
    `very yes is there; held: olga stopped the line of hello at .*It expires in .* unless that ends: slipway line start hello`,
  );
  // The oldest of those that are on their way is the one that is shown.
  for (const other of await api().rollouts({ outcome: 'running' }))
    if (other.id !== id) await tell(door.ports, other.id, endedAs('failed'));
  await page.goto(door.url);
  await page.getByText('ask, held', { exact: true }).waitFor();
  await page.getByRole('cell').getByText(isHeld).waitFor();
  await page.goto(`${door.url}/dashboard/rollouts/${id}`);
  await page.getByRole('heading', { name: isHeld }).waitFor();
  await page.getByRole('button', { name: 'Cancel', exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Override the calendar' }).count()).toBe(0);
  await tell(door.ports, id, { ask: { ...ask, held: [stop, freeze] } });
  await page.getByRole('button', { name: 'Override the calendar' }).waitFor();
  await api().changeLine('start', 'hello', 'mended');
});

test('a refusal is said in the dialog, in the words of the API, and leaves it open', async () => {
  const { id } = await api().start(requestOf({ version: '4.0.0' }), 'late');
  await page.goto(`${door.url}/dashboard/rollouts/${id}`);
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await tell(door.ports, id, { phase: 'watching' });
  await dialog().getByRole('button', { name: 'Cancel', exact: true }).click();
  await dialog().getByRole('alert').getByText('it is too late to cancel it').waitFor();
});

test('on the narrowest phone nothing stands out of the timeline, however long it took and whatever is pointed at', async () => {
  const admittedMs = Date.parse('2026-11-23T10:00:00.000Z');
  const after = (seconds: number) => new Date(admittedMs + seconds * 1000).toISOString();
  await page.setViewportSize({ width: 320, height: 700 });
  // Ticks lie elsewhere with each length; the last ones wait long, and the wait is broken.
  for (const took of [...Array.from({ length: 16 }, (_, nth) => 20 + 3 * nth), 3_600, 86_000, 500_000]) {
    const { id } = await api().start(requestOf({ version: `6.0.${took}` }), `took ${took}`);
    const decision = (approver: string, at: string) => ({
      gate: 'release',
      approver,
      answer: 'yes' as const,
      at,
      comment: 'it looks right to me',
    });
    await tell(door.ports, id, {
      ...endedAs('deployed'),
      phases: [
        { phase: 'asking', startedAt: after(0), endedAt: after(took - 8) },
        { phase: 'watching', startedAt: after(took - 8), endedAt: after(took) },
      ],
      ask: {
        ...{ state: 'granted' as const, openedAt: after(0), expiresAt: after(took + 60) },
        decisions: [decision('ann@example.com', after(took / 2 - 8)), decision('bob@example.com', after(took - 8))],
      },
    });
    await page.goto(`${door.url}/dashboard/rollouts/${id}`);
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await page.locator('.moment').first().waitFor();
    expect({ took, width: await width() }).toEqual({ took, width: 320 });
    for (const moment of await page.locator('.moment').all()) {
      await moment.focus();
      expect({ took, moment: await moment.getAttribute('aria-label'), width: await width() }).toMatchObject({ took, width: 320 });
    }
  }
  await page.setViewportSize({ width: 1200, height: 900 });
});
