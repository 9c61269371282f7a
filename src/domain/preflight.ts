import type { Problem } from './problem';
import type { Target } from './settings';
import { findTraps } from './traps';
import type { Hosting } from './way';

/** What the preflight needs to know of a target; names, never values. */
export interface TargetFacts extends Hosting {
  slotExists: boolean;
  productionRunning: boolean;
  slotRunning: boolean;
  /** A swap with preview is open, or one was left half-done. */
  preparedForSwap: boolean;
  operationInProgress: boolean;
  /** Both slots would take the same host id on the same storage: the runtime stops one of them. */
  sharesHostId: boolean;
  /** What the settings say of the Durable task hub: no word of it, the same in both slots, or one for each. */
  taskHub: 'none' | 'shared' | 'own';
  /** Production has orchestrations. */
  isDurable: boolean;
  /** Names of sticky settings that only one of the slots has. */
  stickyButMissing: string[];
  /** Names of settings that are not sticky and differ between the slots: their values travel with the swap. */
  travelling: string[];
  /** Those of them that name a connection. */
  connectionsTravel: string[];
  /** Functions with triggers other than HTTP that are on in the slot. */
  liveInStaging: string[];
  /** WEBSITE_SWAP_WARMUP_PING_STATUSES is unset: a swap takes any answer, a 500 too, for warm. */
  warmUpAcceptsAnyStatus: boolean;
  /** WEBSITE_RUN_FROM_PACKAGE holds a URL: SCM refuses a zip push. */
  runsFromUrl: boolean;
  /** It holds a URL that is signed for a time, in either slot. */
  packageUrlExpires: boolean;
  /** It is a slot setting: the URL of a package would stay where it is in a swap. */
  packageUrlSticky: boolean;
  /** Slots without the managed identity that fetches the package of either slot. */
  packageReaderMissing: ('production' | 'staging')[];
  /** AzureWebJobsSecretStorageType is `files` in either slot. */
  keysInFiles: boolean;
  /** Site authentication is on in either slot. */
  signInOn: boolean;
  /** SCM of either slot takes passwords. */
  passwordsOpenScm: boolean;
}

/** How a target is called, and the names of settings that a rollout will write. */
export interface TargetNames {
  app: string;
  slot: string;
  resourceGroup: string;
  settings: readonly string[];
}

export const namesOf = ({ functionApp, slot, resourceGroup }: Target, settings: readonly string[] = []): TargetNames => ({
  app: functionApp,
  slot,
  resourceGroup,
  settings,
});

/** What stands in the way of a rollout, all of it at once, and what is only worth knowing. */
export function judgePreflight(facts: TargetFacts, names: TargetNames): { problems: Problem[]; warnings: string[] } {
  const found = findTraps(facts, names);
  return {
    problems: found
      .filter(({ weight }) => weight === 'stops')
      .map(({ code, sentence, why, next }) => ({ code, sentence: `${sentence} ${why}`, next })),
    warnings: found.filter(({ weight }) => weight === 'warns').map(({ sentence, why }) => `${sentence} ${why}`),
  };
}
