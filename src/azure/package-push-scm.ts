import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  isRestError,
  type HttpMethods,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import * as z from 'zod';
import type { Content } from '../domain/live';
import { publishRefusal } from '../domain/not-allowed';
import type { Target } from '../domain/settings';
import { armClients, needSite, nameOfSlot, NotAllowed, scmUrlOf, trusting, type ArmAccess, type SlotName } from './arm-sites';
import type { DeploymentState, PackagePush, PushAnswer } from './package-push';

/** App Service cuts a request after 230 s; a push may take that long, so we wait a little longer than that. */
const pushWithinMs = 240_000;
const readWithinMs = 30_000;
/** SCM takes tokens of the resource manager. */
const audience = 'https://management.azure.com/.default';

export interface ScmPackagePush extends PackagePush {
  /** What SCM at this address says a slot holds; for app control, which has read the address from ARM. */
  contentOf(scmUrl: string | undefined): Promise<Content>;
}

/** As Kudu lists a deployment; what we don't read is left out. */
const deploymentSchema = z.array(
  z.object({
    id: z.string(),
    status: z.number(),
    message: z.string().nullish(),
    active: z.boolean().nullish(),
    received_time: z.string().nullish(),
  }),
);
type Deployment = z.output<typeof deploymentSchema>[number];

/** Zip push to the staging slot's SCM site, whose address ARM names. */
export function scmPackagePush(access: ArmAccess): ScmPackagePush {
  const arm = armClients(access);
  const send = sender(access);

  const scmOf = async (target: Target, slot: SlotName): Promise<{ url: string; siteId: string }> => {
    const site = await needSite(arm(target.subscription), target, slot);
    const url = scmUrlOf(site);
    if (url !== undefined) return { url, siteId: site.id ?? nameOfSlot(target, slot) };
    throw new Error(
      `The ${nameOfSlot(target, slot)} has no SCM site, so no package can be pushed to it: on Consumption on Linux a package is named by its URL.`,
    );
  };

  /** What staging's deployments are; a right that is missing is told instead of waited for. */
  const listStaging = async (target: Target): Promise<Deployment[] | { code: string }> => {
    const { url, siteId } = await scmOf(target, 'staging');
    const found = await list(url);
    if (!Array.isArray(found) && found.code === forbidden) throw new NotAllowed(publishRefusal(siteId));
    return found;
  };

  const list = async (scmUrl: string): Promise<Deployment[] | { code: string }> => {
    try {
      const response = await send('GET', `${scmUrl}/api/deployments`, { timeoutMs: readWithinMs, retries: true });
      if (response.status !== 200) return { code: `http-${response.status}` };
      return deploymentSchema.parse(JSON.parse(response.bodyAsText ?? ''));
    } catch (error) {
      return { code: codeOf(error) };
    }
  };

  return {
    isReady: async (target) => Array.isArray(await listStaging(target)),

    async refusalOf(target, slot) {
      const { url, siteId } = await scmOf(target, slot);
      const found = await list(url);
      return !Array.isArray(found) && found.code === forbidden ? publishRefusal(siteId) : undefined;
    },

    async push(target, zip, message) {
      const query = new URLSearchParams({ isAsync: 'true', trackDeploymentProgress: 'true', deployer: 'slipway', message });
      const scm = await scmOf(target, 'staging');
      const url = `${scm.url}/api/zipdeploy?${query.toString()}`;
      try {
        return judgePush(await send('POST', url, { timeoutMs: pushWithinMs, retries: false, zip }));
      } catch (error) {
        const code = codeOf(error);
        // Without a connection nothing was sent.
        return neverConnected.has(code) ? { kind: 'busy', code } : { kind: 'unknown', code };
      }
    },

    async readDeployment(target, message) {
      const found = await listStaging(target);
      if (!Array.isArray(found)) return { kind: 'unreadable', code: found.code };
      return stateOf(found, message);
    },

    async contentOf(scmUrl) {
      const found = scmUrl === undefined ? undefined : await list(scmUrl);
      if (!Array.isArray(found)) return { kind: 'unreadable' };
      const active = found.find((deployment) => deployment.active);
      return active ? { kind: 'read', deploymentId: active.id, message: active.message ?? '' } : { kind: 'empty' };
    },
  };
}

/** SCM's code of a right that is missing. */
const forbidden = 'http-403';

type Send = (method: HttpMethods, url: string, options: { timeoutMs: number; retries: boolean; zip?: Buffer }) => Promise<PipelineResponse>;

/** Redirects are never followed: they would carry the token, or push twice. */
function sender({ credential, ca }: ArmAccess): Send {
  const http = createDefaultHttpClient();
  const pipeline = (maxRetries: number) => {
    const made = createPipelineFromOptions({
      retryOptions: { maxRetries, maxRetryDelayInMs: 5000 },
      redirectOptions: { maxRetries: 0 },
      ...(ca === undefined ? {} : { tlsOptions: trusting(ca) }),
    });
    made.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: audience }), { phase: 'Sign' });
    return made;
  };
  const once = pipeline(0);
  const retried = pipeline(2);
  return (method, url, { timeoutMs, retries, zip }) =>
    (retries ? retried : once).sendRequest(
      http,
      createPipelineRequest({
        method,
        url,
        // Not the client's own time-out, whose timer outlives the answer and holds the process.
        abortSignal: AbortSignal.timeout(timeoutMs),
        headers: createHttpHeaders(zip ? { 'Content-Type': 'application/octet-stream' } : { Accept: 'application/json' }),
        ...(zip ? { body: zip } : {}),
      }),
    );
}

/** Texts as in Kudu's resources. */
function judgePush({ status, headers, bodyAsText }: PipelineResponse): PushAnswer {
  if (status >= 200 && status < 300) return { kind: 'accepted', deploymentId: headers.get('scm-deployment-id') };
  const text = (bodyAsText ?? '').replace(/\s+/g, ' ').slice(0, 300);
  if (status === 409 && /Run-From-Zip is set to a remote URL/i.test(text))
    return {
      kind: 'refused',
      code: 'runs-from-url',
      text: 'The slot runs from a package URL (WEBSITE_RUN_FROM_PACKAGE), where SCM takes no push. Remove that setting or set it to 1.',
    };
  // Another deployment, an automatic swap or a lock: all of them end.
  if (status === 409) return { kind: 'busy', code: 'another-deployment' };
  if (status === 429) return { kind: 'busy', code: 'throttled' };
  // A site that has just been created or restarted answers so, with an empty body, until it is up.
  if (status === 500 || status === 503) return { kind: 'busy', code: 'waking' };
  if (status > 500 || status === 408) return { kind: 'unknown', code: `http-${status}` };
  if (status === 401 || status === 403)
    return {
      kind: 'refused',
      code: 'not-allowed',
      text: `SCM answered ${status}: Slipway's identity may not publish here. Grant it the role of infra/modules/target-role.bicep on the app.`,
    };
  return { kind: 'refused', code: `http-${status}`, text: `SCM answered ${status}${text && !text.startsWith('<') ? `: ${text}` : ''}.` };
}

/** Kudu's status: 0 pending, 1 building, 2 deploying, 3 failed, 4 success; -1 cancelled, 5 conflict, 6 partial success. */
function stateOf(deployments: Deployment[], message: string): DeploymentState {
  const ours = deployments.filter((deployment) => deployment.message === message);
  const newest = ours.sort((a, b) => Date.parse(b.received_time ?? '') - Date.parse(a.received_time ?? ''))[0];
  if (!newest) return { kind: 'missing' };
  switch (newest.status) {
    case 0:
    case 1:
    case 2:
      return { kind: 'running' };
    case 4:
      return { kind: 'succeeded' };
    case -1:
      return { kind: 'failed', text: `SCM cancelled deployment ${newest.id}.` };
    case 5:
      return { kind: 'failed', text: `SCM cancelled deployment ${newest.id} because another one was under way.` };
    default:
      return {
        kind: 'failed',
        text: `SCM ended deployment ${newest.id} with status ${newest.status}. Its log is in the slot's deployment centre.`,
      };
  }
}

const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

function codeOf(error: unknown): string {
  if (isRestError(error)) return error.code ?? 'no-answer';
  return error instanceof Error ? error.name : 'no-answer';
}
