import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { appendLedger } from '../../src/azure/ledger';
import { createClient } from '../../src/client/slipway-client';
import type { GateRow } from '../../src/domain/gate';
import type { GoPlan } from '../../src/domain/plan';
import type { RolloutRow } from '../../src/domain/rollout';
import { gateKey } from '../../src/domain/tables';
import { callAsOperator, requestOf, rolloutRow, sha256, tell } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';
import { openBrowser } from './browser';
import { accessibilityOf } from './serious';

/** What the page says to people who are asked, signed in or not, and of a rollout that brings an old release back: with rows in memory. */
callAsOperator();
const approver = 'approver@example.com';
const [openedAt, expiresAt] = ['2026-11-23T10:00:00.000Z', '2026-11-24T10:00:00.000Z'];
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
  door = await serveFrontDoor({ pageFolder: path.join(__dirname, '../../dist/src/dashboard') });
  page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.setDefaultTimeout(30_000);
});
// Without what is signed in with, the laptop's operator calls.
beforeEach(async () => {
  process.env['WEBSITE_AUTH_ENABLED'] = 'true';
  await page.setExtraHTTPHeaders({});
});
afterAll(async () => {
  delete process.env['WEBSITE_AUTH_ENABLED'];
  await browser.close();
  await door.close();
});

const signInAs = (address: string) =>
  page.setExtraHTTPHeaders({
    'x-ms-client-principal': Buffer.from(
      JSON.stringify({
        auth_typ: 'aad',
        role_typ: 'roles',
        claims: [
          { typ: 'preferred_username', val: address },
          { typ: 'roles', val: 'Slipway.Read' },
        ],
      }),
    ).toString('base64'),
  });

/** One that waits for its approver, and what else is so. */
async function asked(version: string, changes: Partial<RolloutRow> = {}): Promise<string> {
  const { id } = await createClient({ baseUrl: door.url }).start(requestOf({ version }), version);
  const gate = { name: 'release', kind: 'signed-link', approvers: [approver], needed: 1, proof: 'code' };
  const plan = {
    ...{ kind: 'go', sentence: 'It goes.', gates: [gate], combine: 'all', policyHash: sha256, way: 'zip-push', adopts: false },
    ...{ replaces: { marker: null, version: '2.0.0' }, madeAt: openedAt, standstills: [] },
  } as unknown as GoPlan;
  await tell(door.ports, id, { phase: 'asking', plan, ask: { state: 'open', openedAt, expiresAt, decisions: [] }, ...changes });
  const value: GateRow = {
    ...{ v: 1, gate: 'release', kind: 'signed-link', rolloutId: id, proof: 'code', needed: 1, keyId: 'l1', openedAt, expiresAt },
    ...{ approvers: [{ address: approver, mailNumber: 1, wrongCodes: 0 }], digest: (await rolloutRow(door.ports, id)).release.sha256 },
  };
  await door.ports.rows.write([{ kind: 'insert', partition: id, row: gateKey('release'), value }]);
  return id;
}
const ended = (id: string) =>
  tell(door.ports, id, { phase: 'done', ending: { outcome: 'cancelled', at: expiresAt, reason: 'So.', next: '', serves: '2.0.0' } });

test('a roll-back is told as one in the lists, in the cell and before a yes to it', async () => {
  const id = await asked('1.0.0', { kind: 'revert' });
  await signInAs(approver);
  await page.goto(door.url);
  await page
    .getByRole('region', { name: 'Waiting for a person' })
    .getByRole('link', { name: 'hello back to 1.0.0 in production' })
    .waitFor();
  await page.getByRole('cell').getByRole('link', { name: 'back to 1.0.0 ask' }).waitFor();
  await page.getByRole('region', { name: 'Rollouts', exact: true }).getByRole('link', { name: 'hello back to 1.0.0' }).waitFor();
  await page.goto(`${door.url}/dashboard/rollouts/${id}`);
  await page.getByText(/^hello back to 1\.0\.0 in production/).waitFor();
  expect(await page.title()).toBe('hello back to 1.0.0 in production · Slipway');
  await page.getByRole('button', { name: 'Approve' }).click();
  const says = await page.getByRole('dialog').getByRole('paragraph').first().innerText();
  expect(says).toMatch(/^Says yes at gate release, as approver@example\.com, to hello back to 1\.0\.0 in production \(package \w{12}\)/);
  expect(says).toContain('it takes 2.0.0 back: 1.0.0 is swapped into production, which serves 2.0.0 until then.');
  await ended(id);
});

test('whoever could sign in is told so where somebody is waited for, and the laptop’s operator who they are', async () => {
  const id = await asked('3.0.0');
  const hint = () => page.getByText('Sign in to answer here, or follow the link in the mail.');
  for (const at of ['', `/dashboard/rollouts/${id}`]) {
    await page.goto(`${door.url}${at}`);
    await hint().waitFor();
    expect(await hint().getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe(
      `/.auth/login/aad?post_login_redirect_uri=${encodeURIComponent(at === '' ? '/' : at)}`,
    );
    expect(await page.getByRole('banner').innerText()).toMatch(/You are olga, this laptop’s operator\.\s+Sign in as an approver$/);
  }
  await signInAs(approver.toUpperCase());
  await page.reload();
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  expect(await hint().count()).toBe(0);
  await page.goto(door.url);
  await page.getByRole('region', { name: 'Waiting for a person' }).getByText('waits for you').waitFor();
  await page.getByRole('cell').getByText('waits for you').waitFor();
  expect(await page.getByRole('banner').innerText()).toMatch(/\bAPPROVER@EXAMPLE\.COM\s+Sign out$/);
  expect(await hint().count()).toBe(0);
  await ended(id);
});

test('the tab is called by what the rollout is, and by where one goes from there', async () => {
  const id = await asked('6.0.0');
  await page.goto(`${door.url}/dashboard/rollouts/${id}`);
  await page.getByText('Waiting for approver@example.com').waitFor();
  expect(await page.title()).toBe('hello 6.0.0 to production · Slipway');
  await page.getByRole('link', { name: 'Live', exact: true }).click();
  await page.getByRole('heading', { name: 'Live' }).waitFor();
  expect(await page.title()).toBe('Live · Slipway');
  await page.goBack();
  await page.getByText('Waiting for approver@example.com').waitFor();
  expect(await page.title()).toBe('hello 6.0.0 to production · Slipway');
  await ended(id);
});

test('where nobody can sign in, and where a service alone is waited for, nobody is told to', async () => {
  const id = await asked('4.0.0');
  process.env['WEBSITE_AUTH_ENABLED'] = 'false';
  await page.goto(`${door.url}/dashboard/rollouts/${id}`);
  await page.getByText('Waiting for approver@example.com').waitFor();
  expect(await page.getByRole('link', { name: 'Sign in' }).count()).toBe(0);
  process.env['WEBSITE_AUTH_ENABLED'] = 'true';
  const row = await rolloutRow(door.ports, id);
  const service = { name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com' };
  await tell(door.ports, id, { plan: { ...row.plan, gates: [service] } as unknown as GoPlan });
  for (const at of [`/dashboard/rollouts/${id}`, '']) {
    await page.goto(`${door.url}${at}`);
    await page
      .getByText(/waiting for|waits for/i)
      .first()
      .waitFor();
    await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor();
    expect(await page.getByText('Sign in to answer here').count()).toBe(0);
  }
  await ended(id);
});

test('on the narrowest phone the outcome of a change and what the ledger says of it are in the view, and the header is one row', async () => {
  const id = await asked('5.0.0', {
    phases: [{ phase: 'swapping', startedAt: openedAt, endedAt: openedAt }],
    ...{ phase: 'done', ending: { outcome: 'needs-attention', at: openedAt, reason: 'It was so.', next: 'Look.', serves: '5.0.0' } },
  });
  await appendLedger(door.ports, { app: 'hello', environment: 'production' }, { id: `${id}:a`, kind: 'ended', at: expiresAt, data: long });
  for (const who of [undefined, 'somebody.with.a.long.name@example.com']) {
    if (who !== undefined) await signInAs(who);
    for (const [at, there] of [
      ['/dashboard/figures', page.getByRole('cell', { name: /needs-attention/ })],
      ['/dashboard/ledger/hello/production', page.getByText('nobody knows')],
      [`/dashboard/rollouts/${id}`, page.getByText('nobody knows')],
    ] as const) {
      await page.goto(`${door.url}${at}`);
      await there.waitFor();
      expect(await accessibilityOf(page)).toEqual([]);
    }
  }
});

const long = { outcome: 'needs-attention', reason: 'It was so, and nobody knows why it was so and not otherwise.', sha256 };
