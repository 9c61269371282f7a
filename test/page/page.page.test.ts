import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { buildHello } from '../../local/start/release';
import { openBrowser } from './browser';
import { startAll } from './laptop';
import { accessibilityOf, seriousOn } from './serious';

/** One story after the other on one laptop: what a person does on the page, in a real browser, with everything real behind it. */
let all: Awaited<ReturnType<typeof startAll>>;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const wrong: string[] = [];

beforeAll(async () => {
  all = await startAll();
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(all.slipwayUrl)) wrong.push(`asked ${request.url()}`);
  });
});
afterAll(async () => {
  await browser.close();
  await all.stop();
});

const expectAccessible = async () => expect(await accessibilityOf(page)).toEqual([]);

async function upload(version: string): Promise<{ url: string; sha256: string }> {
  const { zip, sha256 } = await buildHello(all.repository, version);
  const releases = BlobServiceClient.fromConnectionString(all.storage).getContainerClient('releases');
  await releases.createIfNotExists();
  const blob = releases.getBlockBlobClient(`${version}.zip`);
  await blob.uploadData(zip);
  return { url: blob.url, sha256 };
}

/** Fills in the form on the page; answers when the rollout's own place is shown. */
async function startOnPage(version: string): Promise<string> {
  const { url, sha256 } = await upload(version);
  await page.goto(all.slipwayUrl);
  await page.getByRole('link', { name: 'Start', exact: true }).click();
  await page.getByLabel('Version').fill(version);
  await page.getByLabel('Address of the package').fill(url);
  await page.getByLabel('Its sha256').fill(sha256);
  await page.getByLabel('Functions').fill('greet:queue');
  await page.getByRole('button', { name: 'Start the rollout' }).click();
  await page.waitForURL(/\/dashboard\/rollouts\//);
  return page.url().split('/').at(-1) ?? '';
}

const sentence = () => page.getByRole('heading', { level: 1 });
const says = (text: string | RegExp) => sentence().filter({ hasText: text }).waitFor();

/** Reads the newest mail in the inbox, follows its button, answers. */
async function answerInInbox(subject: RegExp, answer: 'Yes, go on' | 'No, stop it', comment = ''): Promise<void> {
  const inbox = await context.newPage();
  await inbox.goto(all.inboxUrl);
  await inbox.getByRole('link', { name: subject }).first().click();
  const [approval] = await Promise.all([
    context.waitForEvent('page'),
    inbox.frameLocator('iframe').locator('a[href*="/api/approvals/"]').first().click(),
  ]);
  await approval.waitForLoadState();
  expect(await seriousOn(approval)).toEqual([]);
  await approval.locator('#comment').fill(comment);
  await approval.getByRole('button', { name: answer }).click();
  await approval.getByRole('heading', { name: /^You said/ }).waitFor();
  await approval.close();
  await inbox.close();
}

const servedVersion = async (): Promise<string> => ((await (await fetch(all.helloUrl)).json()) as { version: string }).version;

test('a rollout is started on the page, watched, approved in the inbox, and seen live', async () => {
  await startOnPage('2.0.0');
  await says(/^◔\s*Waiting for approver@example.com/);
  await expectAccessible();
  const lanes = page.getByRole('listitem').filter({ has: page.locator('.lane-name') });
  // Every lane is there before it has anything to show, so that nothing moves what is being read.
  expect(await lanes.count()).toBeGreaterThanOrEqual(7);
  await answerInInbox(/Waiting for you: hello 2\.0\.0/, 'Yes, go on');
  await says('2.0.0 is in production');
  // The last mail may still be on its way.
  await page.locator('.lane:not(.done)').first().waitFor({ state: 'detached' });
  const shown = await lanes.evaluateAll((nodes) => nodes.map((node) => (node as HTMLElement).innerText.split('\n')[0]));
  expect(shown.filter((name) => name?.includes('✓'))).toHaveLength(shown.length);
  await page.getByText('The chain of').waitFor();
  await expectAccessible();
  await page.getByRole('link', { name: 'Slipway' }).click();
  await page.getByRole('cell', { name: /^2\.0\.0/ }).waitFor();
  await expectAccessible();
  expect(await servedVersion()).toBe('2.0.0');
});

test('it is rolled back on the page, which says before what that will do', async () => {
  await page.goto(all.slipwayUrl);
  await page.getByRole('cell').getByRole('link', { name: '2.0.0' }).click();
  await page.getByRole('button', { name: 'Roll back' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Starts a rollout that brings 1.0.0 back to production of hello').waitFor();
  expect(await seriousOn(page)).toEqual([]);
  const deployed = page.url();
  await dialog.getByRole('button', { name: 'Roll back' }).click();
  await page.waitForURL((url) => url.href !== deployed);
  await says(/Waiting for approver@example.com/);
  await answerInInbox(/Waiting for you: .*1\.0\.0/, 'Yes, go on');
  await says(/1\.0\.0 is in production/);
  expect(await servedVersion()).toBe('1.0.0');
});

test('one that waits is cancelled by keyboard alone', async () => {
  const id = await startOnPage('3.0.0');
  await says(/Waiting for approver@example.com/);
  await page.keyboard.press('Tab');
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  for (let presses = 0; (await focused()) !== 'Cancel' && presses < 30; presses += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('the build is stale');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Cancel');
  await page.keyboard.press('Enter');
  await says(/cancel/i);
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  expect((await all.api.rollout(id))?.ending).toMatchObject({
    outcome: 'cancelled',
    reason: expect.stringContaining('the build is stale'),
  });
  await page.getByRole('link', { name: 'Figures' }).click();
  await page.getByRole('heading', { name: 'Change failure rate' }).waitFor();
  await expectAccessible();
});

test('what was cancelled is tried again from the kept package, and rejected in the inbox', async () => {
  await page.goto(all.slipwayUrl);
  await page.getByRole('link', { name: 'hello 3.0.0' }).first().click();
  await page.getByRole('button', { name: 'Try again' }).click();
  const cancelled = page.url();
  await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click();
  await page.waitForURL((url) => url.href !== cancelled);
  await says(/Waiting for approver@example.com/);
  await answerInInbox(/Waiting for you: hello 3\.0\.0/, 'No, stop it', 'the tests look thin');
  await says(/approver@example\.com said no/);
});

test('whoever is asked signs in, and approves or rejects on the page', async () => {
  const signIn = async () => {
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Sign in on this laptop' }).waitFor();
    expect(await seriousOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'approver@example.com' }).click();
  };
  await startOnPage('4.0.0');
  await says(/Waiting for approver@example.com/);
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  const here = page.url();
  await signIn();
  await page.waitForURL(here);
  await page.getByRole('link', { name: 'Sign out' }).waitFor();
  await page.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Says yes at gate release, as approver@example.com, to hello 4.0.0').waitFor();
  await dialog.getByText('swapped into production, which serves 1.0.0 until then').waitFor();
  await expectAccessible();
  await dialog.getByLabel('A comment').fill('looks right');
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await says('4.0.0 is in production');
  await page.getByText('“looks right”').first().waitFor({ state: 'attached' });
  expect(await servedVersion()).toBe('4.0.0');
  const id = await startOnPage('5.0.0');
  await says(/Waiting for approver@example.com/);
  await page.getByRole('button', { name: 'Reject' }).click();
  await dialog.getByRole('button', { name: 'Reject' }).click();
  // A no without a reason is not sent.
  expect(await dialog.getByLabel('Why').evaluate((field) => (field as HTMLTextAreaElement).validity.valueMissing)).toBe(true);
  await dialog.getByLabel('Why').fill('too late in the day');
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await says(/approver@example\.com said no/);
  expect((await all.api.rollout(id))?.ending).toMatchObject({ outcome: 'rejected' });
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor();
  expect(await servedVersion()).toBe('4.0.0');
});

test('cut off, the page says so and keeps what it showed; in reach again, it goes on by itself', async () => {
  await page.getByRole('link', { name: 'Slipway' }).click();
  await page.getByRole('cell', { name: /4\.0\.0/ }).waitFor();
  await context.setOffline(true);
  await page.getByText(/Slipway does not answer: this is what was true/).waitFor();
  expect(await page.getByRole('cell', { name: /4\.0\.0/ }).count()).toBe(1);
  expect(await seriousOn(page)).toEqual([]);
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Ask again' }).click();
  await page.getByText('Slipway does not answer').waitFor({ state: 'detached' });
});

test('the start form says every mistake, and the ledger says whether its chain holds', async () => {
  await page.goto(`${all.slipwayUrl}/dashboard/start`);
  await page.getByLabel('Version').fill('not a version!');
  await page.getByLabel('Address of the package').fill('ftp://nowhere');
  await page.getByLabel('Its sha256').fill('a'.repeat(64));
  await page.getByRole('button', { name: 'Start the rollout' }).click();
  await page.getByRole('alert').getByText('2 things are wrong with the request').waitFor();
  await expectAccessible();
  await page.goto(`${all.slipwayUrl}/dashboard/ledger/hello/production`);
  await page.getByText('The chain of').waitFor();
  await expectAccessible();
});

test('nothing went wrong in the browser meanwhile, and only Slipway was asked', () => {
  expect(wrong).toEqual([]);
});
