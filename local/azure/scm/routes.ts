import type { Access } from '../arm/access';
import { hasScm, slotId } from '../arm/site-resource';
import type { FaultBoard } from '../faults';
import type { Tokens } from '../identity/tokens';
import type { Pace } from '../pace';
import type { ReceiptBook } from '../receipts';
import type { Schedule } from '../schedule';
import type { Answer, Asked } from '../servers';
import { placeOf, production, type Sites, type Slot } from '../sites';
import { deploying, sha256, succeeded, type Deployment, type Deployments } from './deployments';

/**
 * The right SCM asks for: "Microsoft.Web/sites/publish/Action over the scope of the application" (Microsoft Learn, Kudu service overview). That of
 * a slot is asked for under the slot's own name, `Microsoft.Web/sites/slots/publish/Action` among the provider's operations.
 */
const publishAction = (slot: Slot): string => `Microsoft.Web/sites/${slot.name === production ? '' : 'slots/'}publish/action`;

export interface ScmParts {
  access: Access;
  sites: Sites;
  deployments: Deployments;
  tokens: Tokens;
  faults: FaultBoard;
  schedule: Schedule;
  pace: Pace;
  receipts: ReceiptBook;
}

const texts = {
  inProgress: 'There is a deployment currently in progress. Please try again when it completes.',
  remotePackage:
    'Run-From-Zip is set to a remote URL using WEBSITE_USE_ZIP app setting. Deployment is not supported in this configuration.',
  prepared: 'The slot cannot be changed because its configuration settings have been prepared for swap.',
};

/** The SCM (Kudu) site of one slot. */
export function scmRoutes(site: string, slotName: string, parts: ScmParts): (asked: Asked) => Promise<Answer> {
  const { sites, tokens, faults, schedule, access } = parts;
  return async (asked) => {
    const slot = sites.slot(site, slotName);
    const owner = sites.find(site);
    if (!slot || !owner || !hasScm(owner)) return { status: 404 };
    const waking = faults.strike('scm-waking', placeOf(slot));
    if (waking) return { status: waking.before < 4 ? 500 : 503 };
    if (schedule.now() < slot.scmWakesAtMs) return { status: 503 };
    const caller = tokens.check(asked.headers.authorization, ['https://management.azure.com', 'https://management.core.windows.net']);
    if (caller.kind === 'refused') return { status: 401, headers: { 'www-authenticate': `Basic realm="site"` } };
    if (!access.allows(publishAction(slot), slotId(owner, slot))) return { status: 403 };
    const { method, url } = asked;
    if (method === 'POST' && url.pathname === '/api/zipdeploy') {
      const zip = await asked.body();
      // Read again: while the package was on its way a swap may have given the slot another volume.
      return push(asked.url, zip, sites.slot(site, slotName) ?? slot, parts);
    }
    const one = /^\/api\/deployments\/([^/]+)$/.exec(url.pathname)?.[1];
    if (method === 'GET' && /^\/api\/deployments\/?$/.test(url.pathname)) {
      return { status: 200, body: newestFirst(parts.deployments.of(slot.volume)).map((each) => wire(each, url.host, parts)) };
    }
    if (method === 'GET' && one === 'latest') return latest(slot, url, parts);
    if (method === 'GET' && one !== undefined) {
      const found = parts.deployments.of(slot.volume).find((each) => each.id === one);
      return found
        ? { status: 200, body: wire(found, url.host, parts) }
        : { status: 404, body: { Message: `Deployment '${one}' not found.` } };
    }
    return { status: 404 };
  };
}

const newestFirst = (deployments: Deployment[]): Deployment[] => [...deployments].reverse();

async function push(url: URL, zip: Buffer, slot: Slot, parts: ScmParts): Promise<Answer> {
  const { deployments, receipts, schedule } = parts;
  const words = Object.fromEntries(url.searchParams);
  const refusal = whyNot(slot, deployments);
  const receipt = {
    atMs: schedule.now(),
    site: slot.site,
    slot: slot.name,
    deployer: words['deployer'] ?? null,
    message: words['message'] ?? null,
    sizeBytes: zip.length,
    sha256: sha256(zip),
  };
  if (refusal !== undefined) {
    receipts.push({ ...receipt, answered: 409, deploymentId: null });
    return { status: 409, body: refusal };
  }
  const deployment = deployments.begin(slot, zip, {
    deployer: words['deployer'],
    message: words['message'],
    author: words['author'],
    authorEmail: words['authorEmail'],
  });
  if (words['isAsync']?.toLowerCase() !== 'true') {
    const ended = await whenEnded(deployment, parts);
    const status = ended.status === succeeded ? 200 : 400;
    receipts.push({ ...receipt, answered: status, deploymentId: deployment.id });
    return { status, ...(status === 400 ? { body: ended.statusText } : {}) };
  }
  receipts.push({ ...receipt, answered: 202, deploymentId: deployment.id });
  return {
    status: 202,
    // The missing hyphen is the real one's: a reader of Retry-After finds nothing.
    headers: { location: latestUrl(url.host, deployment), 'scm-deployment-id': deployment.id, retryafter: '30' },
  };
}

function whyNot(slot: Slot, deployments: Deployments): string | undefined {
  if (/^https?:/i.test(slot.settings['WEBSITE_RUN_FROM_PACKAGE'] ?? '')) return texts.remotePackage;
  if (slot.targetSwapSlot !== null) return texts.prepared;
  return deployments.running(slot.volume) ? texts.inProgress : undefined;
}

/** The clock may move while we wait: a synchronous push is one long request. */
async function whenEnded(deployment: Deployment, { deployments, schedule, pace }: ScmParts): Promise<Deployment> {
  await schedule.sleep(Math.max(0, deployment.dueMs - schedule.now()) + Math.min(1, pace.deploymentMs));
  return deployments.ended(deployment.id);
}

function latestUrl(host: string, deployment: Deployment): string {
  const time = new Date(deployment.receivedMs)
    .toISOString()
    .replace('T', '_')
    .replaceAll(':', '-')
    .replace(/\.\d+Z$/, 'Z');
  return `https://${host}/api/deployments/latest?deployer=${encodeURIComponent(deployment.deployer)}&time=${time}`;
}

/** "Latest" is whichever came last, not the asker's own. */
function latest(slot: Slot, url: URL, parts: ScmParts): Answer {
  const all = newestFirst(parts.deployments.of(slot.volume));
  const pending = all.find((each) => each.endMs === null);
  if (pending)
    return { status: 202, headers: { location: latestUrl(url.host, pending), retryafter: '30' }, body: wire(pending, url.host, parts) };
  const last = all[0];
  return last ? { status: 200, body: wire(last, url.host, parts) } : { status: 404, body: { Message: "Deployment 'latest' not found." } };
}

function wire(deployment: Deployment, host: string, { deployments }: ScmParts): Record<string, unknown> {
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  const complete = deployment.endMs !== null;
  return {
    id: deployment.id,
    status: deployment.status,
    status_text: deployment.statusText,
    author_email: deployment.authorEmail,
    author: deployment.author,
    deployer: deployment.deployer,
    message: deployment.message,
    progress: deployment.status === deploying ? 'Running deployment command...' : '',
    received_time: iso(deployment.receivedMs),
    start_time: iso(deployment.startMs),
    end_time: iso(deployment.endMs),
    last_success_end_time: deployment.status === succeeded ? iso(deployment.endMs) : null,
    complete,
    active: deployments.isActive(deployment),
    is_temp: false,
    is_readonly: true,
    url: `https://${host}/api/deployments/${deployment.id}`,
    log_url: `https://${host}/api/deployments/${deployment.id}/log`,
    site_name: deployment.site,
    build_summary: { errors: [], warnings: [] },
    provisioningState: complete ? (deployment.status === succeeded ? 'Succeeded' : 'Failed') : 'InProgress',
  };
}
