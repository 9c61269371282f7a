import type { Problem } from './problem';

/** What the preflight needs to know of a target; names, never values. */
export interface TargetFacts {
  slotExists: boolean;
  /** Tier as ARM names it: `Dynamic`, `ElasticPremium`, `PremiumV3`, `FlexConsumption`, … */
  planTier: string;
  os: 'windows' | 'linux';
  /** The plan can hold slots at all (Flex Consumption and Container Apps can't). */
  planHasSlots: boolean;
  productionRunning: boolean;
  slotRunning: boolean;
  /** A swap with preview is open, or one was left half-done. */
  preparedForSwap: boolean;
  operationInProgress: boolean;
  /** Both slots would take the same host id on the same storage: the runtime stops one of them. */
  sharesHostId: boolean;
  /** Names of sticky settings that only one of the slots has. */
  stickyButMissing: string[];
  /** Names of settings that are not sticky and differ between the slots: their values travel with the swap. */
  travelling: string[];
  /** WEBSITE_SWAP_WARMUP_PING_STATUSES is unset: a swap takes any answer, a 500 too, for warm. */
  warmUpAcceptsAnyStatus: boolean;
  /** WEBSITE_RUN_FROM_PACKAGE holds a URL: SCM refuses a zip push. */
  runsFromUrl: boolean;
}

/**
 * Linux plans take no other name of an app setting: "AppSetting with name 'AzureWebJobs.some-app.Disabled' is not allowed"
 * (Azure/Azure-Functions#1851, #2132).
 */
const linuxSetting = /^[A-Za-z0-9_.]+$/;

/** What stands in the way of a rollout, all of it at once, and what is only worth knowing. `settings`: names that the rollout will write. */
export function judgePreflight(
  facts: TargetFacts,
  names: { app: string; slot: string; settings: readonly string[] },
): { problems: Problem[]; warnings: string[] } {
  const { app, slot, settings } = names;
  const problems: Problem[] = [];
  const refuse = (isSo: boolean, code: string, sentence: string, next: string) => {
    if (isSo) problems.push({ code, sentence, next });
  };
  if (!facts.planHasSlots) {
    refuse(
      true,
      'plan-without-slots',
      `${app} runs on a ${facts.planTier} plan, which has no deployment slots.`,
      'Move the app to a plan with slots (Premium, or Dedicated from Standard up), or roll it out with another tool.',
    );
    return { problems, warnings: [] };
  }
  if (!facts.slotExists) {
    refuse(true, 'slot-missing', `${app} has no slot named ${slot}.`, `Create the slot ${slot}, or name the right one in slipway.yaml.`);
    return { problems, warnings: [] };
  }
  refuse(!facts.productionRunning, 'production-stopped', `${app} is stopped.`, `Start ${app} in Azure, then try again.`);
  refuse(!facts.slotRunning, 'slot-stopped', `Slot ${slot} of ${app} is stopped.`, `Start the slot in Azure, then try again.`);
  refuse(
    facts.operationInProgress && !facts.preparedForSwap,
    'operation-in-progress',
    `Azure works on ${app} or its slot ${slot} just now (an operation that Slipway did not begin), and refuses changes meanwhile.`,
    'Wait until it has ended, then start the rollout again.',
  );
  refuse(
    facts.preparedForSwap,
    'prepared-for-swap',
    `A swap with preview is open between ${slot} and production of ${app}: Azure refuses settings and pushes until it ends.`,
    'Complete or cancel that swap (resetSlotConfig), then try again.',
  );
  refuse(
    facts.sharesHostId,
    'shared-host-id',
    `Production and ${slot} of ${app} would take the same host id on the same storage account, and the runtime stops one of them.`,
    'Give each slot its own AzureFunctionsWebHost__hostid as a slot setting, or its own storage account.',
  );
  refuse(
    facts.runsFromUrl,
    'runs-from-url',
    `Slot ${slot} of ${app} runs from a package URL (WEBSITE_RUN_FROM_PACKAGE), where SCM refuses a zip push.`,
    'Set WEBSITE_RUN_FROM_PACKAGE to 1 in the slot, or remove it.',
  );
  const refusedNames = facts.os === 'linux' ? settings.filter((name) => !linuxSetting.test(name)) : [];
  refuse(
    refusedNames.length > 0,
    'setting-name-refused',
    `${app} runs on Linux, where Azure takes names of app settings made of letters, digits, "_" and "." alone, and this rollout has to write: ${refusedNames.join(', ')}.`,
    'Rename a function that is to be switched off in staging so that its name has no "-"; write "__" for ":" in the name of a setting.',
  );
  return { problems, warnings: worthKnowing(facts, slot) };
}

function worthKnowing(facts: TargetFacts, slot: string): string[] {
  const warnings: string[] = [];
  if (facts.warmUpAcceptsAnyStatus)
    warnings.push(
      'Azure takes any answer of the warm-up request for a healthy one, a 500 too: set WEBSITE_SWAP_WARMUP_PING_PATH and WEBSITE_SWAP_WARMUP_PING_STATUSES.',
    );
  if (facts.stickyButMissing.length > 0)
    warnings.push(
      `These slot settings exist in only one of production and ${slot}, and stay there: ${facts.stickyButMissing.join(', ')}. What needs them runs without them in the other.`,
    );
  return warnings;
}
