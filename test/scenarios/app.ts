import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import { BlobServiceClient } from '@azure/storage-blob';
import { buildHello, type BuiltRelease, type HelloFault } from '../../examples/hello-release/build';
import type { MailRecord, Snapshot, SwapPostReceipt } from '../../local/azure';
import type { ActivityName } from '../../src/activities/catalogue';
import { phases, type Outcome, type Phase } from '../../src/domain/rollout';
import type { RolloutView } from '../../src/domain/rollout-view';
import { approver, siteOf, sponsor, team, type Json, type Stack } from './harness';

export interface ReleaseInput {
  version: string;
  fault?: HelloFault;
  forMs?: number;
  /** Another package under that version. */
  zip?: Buffer;
  /** What is announced; default: the package's own. */
  sha256?: string;
  settings?: Record<string, string>;
}

/** One app of the stack, in production with 1.0.0, which a stranger put there; and what a person or a build system does to it. */
export interface App {
  name: string;
  site: string;
  request(release: ReleaseInput): Promise<Json>;
  /** Starts a rollout over HTTP; answers its id. */
  start(release: ReleaseInput, headers?: Record<string, string>): Promise<string>;
  /** The version production says it is, or its status if it answers none. */
  production(): Promise<string>;
}

/** The same version gives the same bytes: built once for all apps of a file. */
const built = new Map<string, Promise<BuiltRelease>>();
export function build({ version, fault, forMs }: Pick<ReleaseInput, 'version' | 'fault' | 'forMs'>): Promise<BuiltRelease> {
  const key = JSON.stringify([version, fault, forMs]);
  const found = built.get(key) ?? buildHello({ version, ...(fault && { fault }), ...(forMs !== undefined && { forMs }) });
  built.set(key, found);
  return found;
}

const settingsOf = (stack: Stack, name: string, slot: string): Record<string, string> => ({
  AzureWebJobsStorage: stack.storage,
  FUNCTIONS_EXTENSION_VERSION: '~4',
  FUNCTIONS_WORKER_RUNTIME: 'node',
  WEBSITE_SWAP_WARMUP_PING_PATH: '/api/hello',
  WEBSITE_SWAP_WARMUP_PING_STATUSES: '200',
  AzureFunctionsWebHost__hostid: `${name}-${slot}`,
});

/** Makes the site with its staging slot, and others, as somebody would have before Slipway came. */
export async function makeApp(stack: Stack, name: string, others: { name: string; package: Buffer }[] = []): Promise<App> {
  const site = siteOf(name);
  const settings = (slot: string): Record<string, string> => settingsOf(stack, name, slot);
  await stack.azure.createSite({
    ...sponsor,
    name: site,
    location: 'westeurope',
    planSku: 'EP1',
    kind: 'functionapp,linux',
    basicAuth: false,
    appSettings: settings('production'),
    stickyNames: ['AzureFunctionsWebHost__hostid'],
    slots: [
      { name: 'staging', basicAuth: false, appSettings: settings('staging') },
      ...others.map((slot) => ({ ...slot, appSettings: settings(slot.name) })),
    ],
    package: (await build({ version: '1.0.0' })).zip,
  });
  // Until it has started.
  await stack.advance(1);
  return appOf(stack, name);
}

/**
 * An app on Consumption on Linux: what a slot runs is named by a URL and read with the slot's own identity, which reads Slipway's packages and those of the
 * build system, from where production has 1.0.0.
 */
export async function makeAppByUrl(stack: Stack, name: string, readsContainers = ['slipway-packages', 'releases']): Promise<App> {
  const identities = { SystemAssigned: { readsContainers } };
  const first = await packageOf(stack, { version: '1.0.0' }, name);
  await stack.azure.createSite({
    ...sponsor,
    name: siteOf(name),
    location: 'westeurope',
    planSku: 'Y1',
    kind: 'functionapp,linux',
    basicAuth: false,
    identities: { SystemAssigned: { readsContainers: ['slipway-packages', 'releases'] } },
    appSettings: { ...settingsOf(stack, name, 'production'), WEBSITE_RUN_FROM_PACKAGE: first.package.url },
    stickyNames: ['AzureFunctionsWebHost__hostid'],
    slots: [{ name: 'staging', basicAuth: false, identities, appSettings: settingsOf(stack, name, 'staging') }],
  });
  await stack.advance(1);
  return appOf(stack, name);
}

/** The app as `infra/target.bicep` makes it, by its snapshot: with the settings, the sticky names and the grants that stand there, and no others. */
export async function makeAppFromSnapshot(stack: Stack, name: string, snapshot: Snapshot, principalId: string): Promise<App> {
  const settings = { AzureWebJobsStorage: stack.storage };
  await stack.azure.createFromSnapshot(snapshot, {
    principalId,
    name: siteOf(name),
    settings,
    package: (await build({ version: '1.0.0' })).zip,
  });
  await stack.advance(1);
  return appOf(stack, name);
}

function appOf(stack: Stack, name: string): App {
  const site = siteOf(name);
  return {
    name,
    site,
    request: (release) => packageOf(stack, release, name),
    async start(release, headers = {}) {
      const { status, json } = await stack.call('/api/rollouts', { method: 'POST', body: await packageOf(stack, release, name), headers });
      if (status !== 202) throw new Error(`The rollout was not taken: ${status} ${JSON.stringify(json)}`);
      return json.id;
    },
    async production() {
      const answer = await fetch(`${stack.azure.siteUrl(site)}/api/hello`);
      return answer.ok ? ((await answer.json()) as { version: string }).version : `status ${answer.status}`;
    },
  };
}

/** Builds and uploads a release, as a build system does, and answers the request for its rollout. */
export async function packageOf(stack: Stack, { version, zip, sha256, settings, ...fault }: ReleaseInput, app: string): Promise<Json> {
  const release = await build({ version, ...fault });
  const bytes = zip ?? release.zip;
  const digest = createHash('sha256').update(bytes).digest('hex');
  const releases = BlobServiceClient.fromConnectionString(stack.storage).getContainerClient('releases');
  await releases.createIfNotExists();
  const blob = releases.getBlockBlobClient(`${digest}.zip`);
  await blob.uploadData(bytes);
  return {
    app,
    environment: 'production',
    version,
    package: { url: blob.url, sha256: sha256 ?? digest },
    functions: release.functions,
    ...(settings && { settings }),
  };
}

export async function view(stack: Stack, id: string): Promise<RolloutView> {
  const { status, json } = await stack.call(`/api/rollouts/${id}`);
  if (status !== 200) throw new Error(`GET of rollout ${id} answered ${status}.`);
  return json;
}

/** Moves time on until the rollout is in that phase; fails at once when it ended in another way. */
export async function reach(stack: Stack, id: string, phase: Phase, stepSeconds = 1): Promise<RolloutView> {
  let now = await view(stack, id);
  await stack.until(
    `rollout ${id} is ${phase}`,
    async () => {
      now = await view(stack, id);
      if (now.ending && phase !== 'done')
        throw new Error(`Rollout ${id} ended ${now.ending.outcome} before it was seen ${phase}: ${now.ending.reason}`);
      if (phases.indexOf(now.phase) > phases.indexOf(phase))
        throw new Error(`Rollout ${id} is ${now.phase} already: it was ${phase} for less than a step.`);
      return now.phase === phase;
    },
    { stepSeconds },
  );
  return now;
}

/** Moves time on until the rollout has ended and told so. */
export async function endOf(stack: Stack, id: string): Promise<RolloutView> {
  let now = await view(stack, id);
  await stack.until(`rollout ${id} ends (it is ${now.phase})`, async () => (now = await view(stack, id)).phase === 'done', {
    stepSeconds: 2,
  });
  await stack.settle();
  return now;
}

/** Mails about one rollout, oldest first. */
export const mailsOf = (stack: Stack, id: string): MailRecord[] => stack.azure.mails().filter(({ plainText }) => plainText?.includes(id));

export interface Invitation {
  link: string;
  /** As in the link's fragment, or in the mail's text where the link has none. */
  code: string;
}

/** Link and code as they stand in the newest mail that asks this approver. */
export function invitation(stack: Stack, id: string, to: string = approver): Invitation {
  const texts = mailsOf(stack, id)
    .filter((mail) => mail.to.some(({ address }) => address === to))
    .map(({ plainText }) => plainText ?? '');
  const found = texts.flatMap((text) => /(http\S+\/api\/approvals\/[^\s#]+)(?:#(\S+))?/.exec(text) ?? []).slice(-3);
  const code = found[2] ?? /\b([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\b/.exec(texts.at(-1) ?? '')?.[1];
  if (!found[1] || !code)
    throw new Error(
      `No mail asks ${to} about ${id}. There are: ${mailsOf(stack, id)
        .map(({ subject }) => subject)
        .join('; ')}`,
    );
  return { link: found[1], code };
}

/** Posts the form behind the link, as the page does. */
export const decide = ({ link, code }: Invitation, answer: 'yes' | 'no', more: Record<string, string> = {}): Promise<Response> =>
  fetch(link, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ code, answer, comment: answer === 'no' ? 'not this one' : '', ...more }).toString(),
  });

/** Waits for the ask, then the approver answers it through the mail. */
export async function answerAsk(stack: Stack, id: string, answer: 'yes' | 'no', comment?: string): Promise<void> {
  await reach(stack, id, 'asking');
  await stack.until(`${approver} is asked about ${id}`, () =>
    mailsOf(stack, id).some(({ to }) => to.some(({ address }) => address === approver)),
  );
  const response = await decide(invitation(stack, id), answer, comment === undefined ? {} : { comment });
  if (response.status !== 200) throw new Error(`The answer was not taken: ${response.status} ${await response.text()}`);
}

/** An app of its own whose release 2.0.0 has the approver's yes. */
export async function approved(stack: Stack, name: string): Promise<{ app: App; id: string }> {
  const app = await makeApp(stack, name);
  const id = await app.start({ version: '2.0.0' });
  await answerAsk(stack, id, 'yes');
  return { app, id };
}

/**
 * Does something once, at the very point of a rollout's story where it has just decided on this activity: what the activities before it
 * saw is then out of date, though no time has gone by. `input`: only where the activity's input holds this text.
 */
export function atStep(stack: Stack, id: string, activity: ActivityName, act: () => void | Promise<void>, input = ''): void {
  let isDone = false;
  stack.onTurn(async ({ instanceId, response }) => {
    const next = response.actions.flat().at(-1);
    if (isDone || instanceId !== id || next?.functionName !== activity || !JSON.stringify(next).includes(input)) return;
    isDone = true;
    await act();
  });
}

/** The requests to swap that came over the wire, oldest first. */
export const postsOf = (stack: Stack, { site }: App): SwapPostReceipt[] =>
  stack.azure.receipts().swapPosts.filter((post) => post.site === site);

/** Who swapped, in the order in which the swaps were applied. */
export const swappersOf = (stack: Stack, { site }: App): string[] =>
  stack.azure.receipts().swaps.flatMap((swap) => (swap.site === site && swap.outcome === 'applied' ? [swap.by] : []));

/** From start to end with the approver's yes. */
export async function rollOut(stack: Stack, app: App, release: ReleaseInput): Promise<string> {
  const id = await app.start(release);
  await answerAsk(stack, id, 'yes');
  const { outcome, ending } = await endOf(stack, id);
  if (outcome !== 'deployed') throw new Error(`Rollout ${id} ended ${outcome}: ${ending?.reason}`);
  return id;
}

export interface Told {
  outcome: Outcome;
  /** Code of the error catalogue. */
  code?: string;
}

/**
 * The rollout ended so, with a mail that says what happened and what to do, and without Slipway or anybody having swapped:
 * production answered 1.0.0 throughout.
 */
export async function expectUntouched(stack: Stack, app: App, id: string, told: Told): Promise<RolloutView> {
  const ended = await expectTold(stack, id, told);
  const { swaps, swapPosts, pushes } = stack.azure.receipts();
  expect([...swaps, ...swapPosts].filter(({ site }) => site === app.site)).toEqual([]);
  expect(pushes.filter(({ site, slot }) => site === app.site && slot === 'production')).toEqual([]);
  expect(await app.production()).toBe('1.0.0');
  return ended;
}

/** The rollout ends so, and its closing mail says what happened and what to do. */
export async function expectTold(stack: Stack, id: string, told: Told): Promise<RolloutView> {
  const ended = await endOf(stack, id);
  expect({ id, ...ended.ending }).toMatchObject({ id, ...told });
  const oneLine = (text = ''): string => text.replace(/\s+/g, ' ');
  // Whichever came last, and whenever: a mail that had to be tried again arrives later.
  const closing = (): string | undefined =>
    mailsOf(stack, id)
      .filter(({ to }) => to[0]?.address === team)
      .map(({ plainText }) => oneLine(plainText))
      .find((text) => text.includes(oneLine(ended.ending?.reason)));
  await stack.until(`the team hears that ${id} ended: ${ended.ending?.reason}`, () => closing() !== undefined);
  expect(closing()).toContain(oneLine(ended.ending?.next));
  return ended;
}
