import type { Ports } from '../azure/ports';
import { deployedBefore } from '../azure/rollout-index';
import { placeOf, readRollout } from '../azure/rollout-rows';
import { stopsOf } from '../azure/stop-rows';
import { askVersion } from './ask-version';
import type { ReleaseSettingsRow } from '../domain/admission';
import { canonical } from '../domain/canonical';
import { rolloutOfMarker } from '../domain/release';
import type { RolloutRow } from '../domain/rollout';
import { releaseSettingsKey, rolloutKey } from '../domain/tables';
import type { PlanRequest } from '../domain/plan';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Read = Catalogue['readLive'];

/** Everything a plan is made of: what was asked, what both slots hold, and today's policy. */
export function createReadLive(ports: Ports): Activity<Read['input'], Read['output']> {
  return async ({ rolloutId }) => {
    const row = await readRollout(ports, rolloutId);
    const { target, policy } = placeOf(ports, row);
    const hosting = await ports.appControl.readHosting(target);
    const slots = await ports.appControl.readSlots(target);
    const liveVersion = await versionNamedBy(ports, slots.production.marker);
    const liveSays = liveVersion === null ? await askVersion(ports, row, slots.production.hostName) : undefined;
    const packageKept = row.release.sha256 !== '' && (await ports.packages.has(row.release.sha256));
    const liveBy = slots.production.marker === null ? undefined : rolloutOfMarker(slots.production.marker);
    const sameSettings = liveBy !== undefined && (await settingsBroughtBy(ports, liveBy)) === (await settingsBroughtBy(ports, rolloutId));
    return {
      request: await requestOf(ports, row),
      live: {
        hosting,
        slots,
        liveVersion,
        sameSettings,
        packageKept,
        deployed: await deployedBefore(ports, policy.requires, { app: row.app, sha256: row.release.sha256 }),
        stops: await stopsOf(ports, row.app),
        ...(liveSays === undefined ? {} : { liveSays }),
      },
      policy,
    };
  };
}

async function requestOf(ports: Ports, row: RolloutRow): Promise<PlanRequest> {
  const { id: rolloutId, app, environment, kind, release, requester, actor, hotfix, override } = row;
  const askers = { requester, ...(actor === undefined ? {} : { actor }) };
  const request = {
    ...{ rolloutId, app, environment, kind, release, askers },
    ...(hotfix === undefined ? {} : { hotfix }),
    ...(override === undefined ? {} : { override }),
  };
  if (!row.reverts) return request;
  const reverted = (await ports.rows.read<RolloutRow>(row.reverts, rolloutKey))?.value;
  const replaced = reverted?.plan?.kind === 'go' ? reverted.plan.live.production : undefined;
  return {
    ...request,
    reverts: { rolloutId: row.reverts, version: reverted?.release.version ?? row.reverts, brought: reverted?.brought, replaced },
  };
}

/** The settings a rollout brought, to be compared; the values stay here. */
async function settingsBroughtBy(ports: Pick<Ports, 'rows'>, rolloutId: string): Promise<string> {
  return canonical((await ports.rows.read<ReleaseSettingsRow>(rolloutId, releaseSettingsKey))?.value.values ?? {});
}

/** The version of the rollout that a marker names, where its row is known. */
export async function versionNamedBy(ports: Pick<Ports, 'rows'>, marker: string | null): Promise<string | null> {
  const rolloutId = marker === null ? undefined : rolloutOfMarker(marker);
  const found = rolloutId === undefined ? undefined : await ports.rows.read<RolloutRow>(rolloutId, rolloutKey);
  return found?.value.release.version ?? null;
}
