import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { playTracks } from '../../local/start/tour';
import { startTourStage, type TourStage } from '../../local/start/tour-stage';
import { openBrowser } from './browser';

/** npm run pictures: what people get over each channel, taken from the inbox after a tour. */
const repository = path.join(__dirname, '../..');
const folder = path.join(repository, 'docs/pictures');

let stage: TourStage;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const { signal } = new AbortController();
  stage = await startTourStage(repository, () => undefined, signal);
  const screen = { say: () => undefined, show: () => undefined, settle: () => undefined };
  await playTracks({ stage, screen, signal, answered: new Set() });
  browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 560, height: 900 }, deviceScaleFactor: 1.5, reducedMotion: 'reduce' });
  page = await context.newPage();
}, 240_000);
afterAll(async () => {
  await browser.close();
  await stage.stop();
});

/** As its reader sees it, and no more of the page than it takes. */
async function take(at: string, name: string, width = 560): Promise<void> {
  await page.setViewportSize({ width, height: 200 });
  await page.goto(new URL(at, stage.azure.inboxUrl).href);
  await page.locator('body').screenshot({ path: path.join(folder, `${name}.png`) });
}

const message = (service: string, says: string): string => {
  const found = stage.azure.messages().find((one) => one.service === service && JSON.stringify(one.body).includes(says));
  if (!found) throw new Error(`Nothing came over ${service} that says "${says}".`);
  return `messages/${encodeURIComponent(found.id)}/view`;
};

test('what came over each channel, and all of it in the inbox', async () => {
  const failure = stage.azure.mails().find(({ subject }) => subject.startsWith('Rolled back'));
  await take(`mails/${encodeURIComponent(failure?.operationId ?? '')}/html`, 'failure-mail', 640);
  await take(message('slack', 'Rolled back'), 'slack');
  await take(message('teams', 'Deployed'), 'teams');
  await take(message('sms', 'Needs attention'), 'phone', 400);
  await take(message('pagerduty', 'Needs attention'), 'pagerduty');
  await page.setViewportSize({ width: 760, height: 1000 });
  await page.goto(stage.azure.inboxUrl);
  await page.screenshot({ path: path.join(folder, 'inbox-after-tour.png') });
});
