import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { announce, announcementOf } from '../../local/start/release';
import { openBrowser } from './browser';
import { startAll } from './laptop';

/** npm run pictures: takes docs/pictures/ anew, from a laptop on which everything is real. */
const folder = path.join(__dirname, '../../docs/pictures');

let all: Awaited<ReturnType<typeof startAll>>;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  all = await startAll();
  browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1120, height: 860 }, deviceScaleFactor: 1.5, reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  page = await context.newPage();
});
afterAll(async () => {
  await browser.close();
  await all.stop();
});

const take = async (of: Page, name: string, fullPage = false): Promise<void> => {
  await of.screenshot({ path: path.join(folder, `${name}.png`), fullPage });
};

/** Asks for a rollout as a build does, and shows its place on the page once it waits for its approver. */
async function atTheGate(version: string): Promise<void> {
  const { repository, storage, api } = all;
  await announce({ repository, storage, api, byHttp: true }, announcementOf(version, '1.0.0', new Date().toISOString()));
  await page.goto(all.slipwayUrl);
  await page.getByRole('link', { name: `hello ${version}`, exact: true }).click();
  await page.getByRole('heading', { level: 1 }).filter({ hasText: 'Waiting for' }).waitFor();
}

test('the mail, the approval page, the inbox, and a rollout that ends well', async () => {
  await atTheGate('2.0.0');
  const inbox = await page.context().newPage();
  await inbox.setViewportSize({ width: 760, height: 900 });
  await inbox.goto(all.inboxUrl);
  await take(inbox, 'inbox');
  await inbox.getByRole('link', { name: /Waiting for you/ }).click();
  const button = inbox.frameLocator('iframe').locator('a[href*="/api/approvals/"]').first();
  await button.waitFor();
  await take(inbox, 'mail');
  const [approval] = await Promise.all([page.context().waitForEvent('page'), button.press('Enter')]);
  await approval.setViewportSize({ width: 760, height: 900 });
  await approval.getByRole('button', { name: 'Yes, go on' }).waitFor();
  await take(approval, 'approval');
  await approval.getByRole('button', { name: 'Yes, go on' }).click();
  await approval.getByRole('heading', { name: /^You said yes/ }).waitFor();
  await approval.close();
  await inbox.close();
  await page.getByRole('heading', { level: 1 }).filter({ hasText: 'is in production' }).waitFor();
  await page.locator('.lane.done', { hasText: 'tell' }).waitFor();
  await page.getByText('The chain of').waitFor();
  // The moment that is looked at says in words what it was.
  await page.locator('.moment').first().hover();
  await take(page, 'timeline');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'timeline-dark');
});

test('what is live while the next one waits', async () => {
  await page.emulateMedia({ colorScheme: 'light' });
  await atTheGate('3.0.0');
  await page.getByRole('link', { name: 'Slipway' }).click();
  await page.getByRole('heading', { name: 'Waiting for a person' }).waitFor();
  await page.setViewportSize({ width: 1120, height: 620 });
  await take(page, 'live');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'live-dark');
  await page.setViewportSize({ width: 375, height: 760 });
  await take(page, 'live-phone');
});
