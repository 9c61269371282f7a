import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobServiceClient } from '@azure/storage-blob';
import type { BuiltRelease, HelloFault } from '../../examples/hello-release/build';
import type { Screen } from '../../src/cli/screen';
import type { Outcome } from '../../src/domain/rollout';
import type { RolloutSummary, RolloutView } from '../../src/domain/rollout-view';
import { decide, invitationsIn, type Invitation } from './approver';
import { buildHello } from './release';
import { siteOf, type Place, type TourStage } from './tour-stage';

/** What somebody who is no part of Slipway puts into production at the end. */
export const strangersVersion = '9.9.9';

export interface Touring {
  stage: TourStage;
  screen: Screen;
  signal: AbortSignal;
  /** Rollouts that the approver has answered: what was said takes a moment to be seen. */
  answered: Set<string>;
}

export interface Scene {
  outcome: Outcome;
  says: string;
  place: Place;
  version: string;
  fault?: HelloFault;
  /** What people, and Azure, do meanwhile: looked for until it answers that it has been done. */
  meanwhile?: (touring: Touring, view: RolloutView) => Promise<boolean>;
}

const isAsked = ({ ask }: RolloutView): boolean => ask?.state === 'open';

/** The mail by which the approver of this rollout is asked, once it is there. */
const invitationTo = ({ stage }: Touring, view: RolloutView): Invitation | undefined =>
  invitationsIn(stage.azure.mails(), view.version).at(-1);

/** Whoever is asked has the mail: an ask that ends before is not mailed any more. */
const isHeard = (touring: Touring, view: RolloutView): boolean => isAsked(view) && invitationTo(touring, view) !== undefined;

const production503 = 'production-503';

const cancelled: Scene = {
  outcome: 'cancelled',
  says: 'A rollout is cancelled by whoever asked for it.',
  place: 'billing.production',
  version: '1.5.0',
  async meanwhile(touring, view) {
    if (!isHeard(touring, view)) return false;
    await touring.stage.client.cancel(view.id, 'The notes of this release are not written yet');
    return true;
  },
};

const superseded: Scene = {
  outcome: 'superseded',
  says: 'A newer release comes while this one waits for its approver.',
  place: 'billing.production',
  version: '1.4.0',
  async meanwhile(touring, view) {
    if (!isHeard(touring, view)) return false;
    await begin(touring, cancelled);
    return true;
  },
};

const expired: Scene = { outcome: 'expired', says: 'Nobody answers the ask in time.', place: 'hello.test', version: '1.1.0' };

const rejected: Scene = {
  outcome: 'rejected',
  says: 'The approver says no.',
  place: 'hello.production',
  version: '1.2.0',
  meanwhile: (touring, view) => answer(touring, view, 'no', 'The tests look thin'),
};

const failed: Scene = {
  outcome: 'failed',
  says: 'The package does not hold the version it is said to be, and a check finds that.',
  place: 'orders.production',
  version: '1.3.0',
  fault: 'wrong-value',
};

const deployed: Scene = {
  outcome: 'deployed',
  says: 'All goes well.',
  place: 'hello.production',
  version: '2.0.0',
  meanwhile: (touring, view) => answer(touring, view, 'yes'),
};

const unchanged: Scene = { ...deployed, outcome: 'unchanged', says: 'The same release is asked for once more.' };

const rolledBack: Scene = {
  outcome: 'rolled-back',
  says: 'Production answers 503 after the swap.',
  place: 'search.production',
  version: '3.0.0',
  async meanwhile(touring, view) {
    await answer(touring, view, 'yes');
    const { faults } = touring.stage.azure;
    if (view.phase === 'watching') faults.on(production503, { site: siteOf('search.production'), slot: 'production' });
    if (view.phase === 'undoing') faults.off(production503);
    return view.phase === 'undoing';
  },
};

const needsAttention: Scene = {
  outcome: 'needs-attention',
  says: 'Somebody else deploys to production while it is watched.',
  place: 'orders.production',
  version: '4.0.0',
  async meanwhile(touring, view) {
    await answer(touring, view, 'yes');
    if (view.phase !== 'watching') return false;
    const { zip } = await buildHello(touring.stage.folder.repository, strangersVersion);
    await touring.stage.azure.strangerPushes(siteOf('orders.production'), 'production', zip);
    return true;
  },
};

/** What is played at the same time; in each, one after the other. A release that is deployed resolves the incidents before it. */
export const tracks: readonly (readonly Scene[])[] = [
  [rejected, deployed, unchanged],
  [failed, needsAttention],
  [superseded, cancelled],
  [expired],
  [rolledBack],
];

/** Plays one scene, and tells whoever shows it how the rollout stands. */
export async function playScene(touring: Touring, scene: Scene, show: (view: RolloutView) => void): Promise<void> {
  const { stage, signal } = touring;
  // One that came in the scene before is there already.
  const isIts = ({ app, environment, version, outcome }: RolloutSummary): boolean =>
    `${app}.${environment}` === scene.place && version === scene.version && outcome === null;
  const id = (await stage.client.rollouts()).find(isIts)?.id ?? (await begin(touring, scene));
  let isDone = scene.meanwhile === undefined;
  for (;;) {
    const view = await stage.client.rollout(id, signal);
    show(view);
    if (view.phase === 'done') return;
    if (!isDone) isDone = (await scene.meanwhile?.(touring, view)) ?? true;
    await sleep(250, undefined, { signal });
  }
}

async function begin({ stage, signal }: Touring, { place, version, fault }: Scene): Promise<string> {
  const built: BuiltRelease = await buildHello(stage.folder.repository, version, fault);
  const releases = BlobServiceClient.fromConnectionString(stage.storage).getContainerClient('releases');
  await releases.createIfNotExists();
  const blob = releases.getBlockBlobClient(`hello-${built.sha256}.zip`);
  await blob.uploadData(built.zip, { blobHTTPHeaders: { blobContentType: 'application/zip' } });
  signal.throwIfAborted();
  const { sha256, functions } = built;
  const [app = '', environment = ''] = place.split('.');
  const request = { app, environment, version, package: { url: blob.url, sha256 }, functions, actor: 'the build on this laptop' };
  return (await stage.client.start(request, randomUUID())).id;
}

/** Plays the approver, with nothing but the mail: true once it has answered, or need not any more. */
async function answer(touring: Touring, view: RolloutView, said: 'yes' | 'no', comment = ''): Promise<boolean> {
  const { screen, answered } = touring;
  if (answered.has(view.id)) return true;
  if (!isAsked(view)) return false;
  const invitation = invitationTo(touring, view);
  if (!invitation) return false;
  screen.say(`${invitation.approver} opens the mail "${invitation.subject}" and says ${said}.`);
  answered.add(view.id);
  await decide(invitation, said, comment);
  return true;
}
