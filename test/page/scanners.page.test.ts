import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { invitation, makeApp, reach, view, type Invitation } from '../scenarios/app';
import { approver, startStack, type Stack } from '../scenarios/harness';
import { openBrowser } from './browser';

/** What mail gateways do to the links in mails, with a real browser: none of it is a decision, but where `proof: link` gives everything away. */
let stack: Stack;
let browser: Browser;
const proofs = ['link', 'code', 'entra'] as const;
type Proof = (typeof proofs)[number];

const asked = {} as Record<Proof, Invitation & { id: string; mailed: string }>;

beforeAll(async () => {
  stack = await startStack({
    apps: Object.fromEntries(
      proofs.map((proof) => [proof, { gates: [{ name: 'release', kind: 'signed-link', approvers: [approver], proof }] }]),
    ),
  });
  browser = await openBrowser();
  for (const proof of proofs) {
    const app = await makeApp(stack, proof);
    const id = await app.start({ version: '2.0.0' });
    await reach(stack, id, 'asking');
    await stack.settle();
    asked[proof] = { id, ...mailOf(id) };
  }
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

/** The link as the mail has it (`mailed`), and what a person would answer with. */
function mailOf(id: string): Invitation & { mailed: string } {
  const mail = stack.azure.mails().findLast(({ to, plainText }) => to[0]?.address === approver && plainText?.includes(id));
  const mailed = /http\S+\/api\/approvals\/\S+/.exec(mail?.plainText ?? '')?.[0] ?? '';
  const [link = ''] = mailed.split('#');
  return {
    link,
    code: mailed.includes('#') || /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/.test(mail?.plainText ?? '') ? invitation(stack, id).code : '',
    mailed,
  };
}

async function expectUndecided(proof: Proof): Promise<void> {
  await stack.advance(2);
  const { phase, ask } = await view(stack, asked[proof].id);
  expect({ phase, state: ask?.state, decisions: ask?.decisions }).toEqual({ phase: 'asking', state: 'open', decisions: [] });
}

/** A page of its own, with nothing of an earlier one, that is closed in the end. */
async function inBrowser<T>(visit: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext();
  try {
    return await visit(await context.newPage());
  } finally {
    await context.close();
  }
}

const answerButtons = (page: Page) => page.locator('button[name=answer]');

/** Presses each button in turn, opening the link anew for each, and says what the page was called after each. */
async function pressEveryButton(link: string): Promise<string[]> {
  const titles: string[] = [];
  const count = await inBrowser(async (page) => {
    await page.goto(link);
    return answerButtons(page).count();
  });
  for (let nth = 0; nth < count; nth += 1)
    await inBrowser(async (page) => {
      await page.goto(link);
      const button = answerButtons(page).nth(nth);
      // After an answer that counted there is no second button to press.
      if ((await button.count()) === 0) return;
      await button.click();
      await page.waitForLoadState();
      titles.push(await page.title());
    });
  return titles;
}

/** Without the browser's own look at what is required, as a program would: every form, once as it is and once with each of its buttons. */
async function submitEveryForm(link: string): Promise<number> {
  const ways = await inBrowser(async (page) => {
    await page.goto(link);
    return page.evaluate(() => [...document.forms].flatMap((form, nth) => [[nth, -1], ...[...form.elements].map((_, at) => [nth, at])]));
  });
  let submitted = 0;
  for (const [nth = 0, at = -1] of ways)
    await inBrowser(async (page) => {
      await page.goto(link);
      const sent = page.waitForRequest((request) => request.method() === 'POST', { timeout: 2000 }).catch(() => undefined);
      await page.evaluate(
        ([form, element]) => {
          const target = document.forms[form ?? 0];
          const button = target?.elements[element ?? -1];
          if (!target) return;
          target.noValidate = true;
          if (button instanceof HTMLButtonElement) target.requestSubmit(button);
          else target.submit();
        },
        [nth, at],
      );
      if (await sent) submitted += 1;
      await page.waitForLoadState();
    });
  return submitted;
}

describe.each(proofs)('with proof: %s', (proof) => {
  test('GET, HEAD and a prefetch decide nothing', async () => {
    const { link } = asked[proof];
    for (const method of ['GET', 'HEAD'])
      for (const headers of [{}, { 'sec-purpose': 'prefetch' }, { purpose: 'prefetch' }])
        expect((await fetch(link, { method, headers })).status).toBe(200);
    await inBrowser(async (page) => {
      await page.goto(`${stack.host.url}/api/rollouts`);
      const fetched = page.waitForResponse(link);
      await page.evaluate((href) => document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href })), link);
      expect((await fetched).status()).toBe(200);
    });
    await expectUndecided(proof);
  });

  test('a browser that runs the scripts of the whole link and waits for an hour decides nothing', async () => {
    await inBrowser(async (page) => {
      const sent: string[] = [];
      page.on('request', (request) => sent.push(request.method()));
      await page.clock.install();
      await page.goto(asked[proof].mailed);
      await page.clock.fastForward('01:00:00');
      await page.waitForLoadState('networkidle');
      expect(await answerButtons(page).count()).toBe(2);
      expect([...new Set(sent)]).toEqual(['GET']);
    });
    await expectUndecided(proof);
  });

  test('a bot that submits every form without the fragment decides nothing', async () => {
    expect(await submitEveryForm(asked[proof].link)).toBeGreaterThanOrEqual(3);
    await expectUndecided(proof);
  });
});

describe('a bot that has the whole link and presses every button', () => {
  test('never decides with proof: code, whose link does not bring the code', async () => {
    const { mailed, link, code } = asked.code;
    expect([mailed, code]).toEqual([link, expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)]);
    expect(await pressEveryButton(mailed)).toHaveLength(2);
    expect(await submitEveryForm(mailed)).toBeGreaterThanOrEqual(3);
    await expectUndecided('code');
  });

  test('never decides with proof: entra, where it is not signed in as the approver', async () => {
    expect(await pressEveryButton(asked.entra.mailed)).toEqual(['Somebody else is signed in', 'A no needs a reason']);
    await expectUndecided('entra');
  });

  test('decides with proof: link, which is why there are the two others', async () => {
    const { mailed, link, id } = asked.link;
    expect(mailed).not.toBe(link);
    const titles = await pressEveryButton(mailed);
    expect(titles).toEqual(['You said yes: link 2.0.0 to production']);
    expect((await view(stack, id)).ask?.decisions).toMatchObject([{ approver, answer: 'yes' }]);
  });
});
