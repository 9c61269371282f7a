import type { Problem } from './problem';

/** How a release reaches a slot. `zip-push`: its bytes are pushed to the slot's SCM site. `package-url`: the slot is told where to fetch them. */
export type Way = 'zip-push' | 'package-url';

/** What decides about the way. */
export interface Hosting {
  /** Tier as ARM names it: `Dynamic`, `ElasticPremium`, `PremiumV3`, `FlexConsumption`, … */
  planTier: string;
  os: 'windows' | 'linux';
  /** On Azure Container Apps, where there is no plan. */
  onContainerApps: boolean;
  /** A container image, and no package, is what runs. */
  runsImage: boolean;
}

export type WayChoice =
  | { kind: Way; why: string }
  /** No release can reach a slot here: what it is, why, and what can be done. */
  | ({ kind: 'none'; code: (typeof noWayCodes)[number]; why: string } & Problem);

export const noWayCodes = ['plan-without-slots', 'runs-an-image'] as const;

const plansWithoutSlots = /^(?:FlexConsumption|Free|Shared|Basic)$/i;

/**
 * The way that plan and system allow. "Consumption (Linux): … external package URL; no SCM site", "Flex Consumption: no slots", "Container Apps: use revisions":
 * learn.microsoft.com/azure/azure-functions/functions-deployment-technologies and …/functions-deployment-slots.
 */
export function chooseWay({ planTier, os, onContainerApps, runsImage }: Hosting, app: string): WayChoice {
  if (onContainerApps) return withoutSlots(`${app} runs on Azure Container Apps, which has no deployment slots.`, instead.revisions);
  if (plansWithoutSlots.test(planTier))
    return withoutSlots(
      `${app} runs on a ${planTier} plan, which has no deployment slots.`,
      /^Flex/i.test(planTier) ? instead.flex(app) : instead.plan(app),
    );
  if (runsImage)
    return {
      kind: 'none',
      code: 'runs-an-image',
      sentence: `${app} runs a container image.`,
      why: 'A package would reach the slot and change nothing of what it runs.',
      next: `Let ${app} run from a package (a plan with slots, without a custom image), or roll the image out with another tool.`,
    };
  return planTier === 'Dynamic' && os === 'linux'
    ? {
        kind: 'package-url',
        why: 'Consumption on Linux has no SCM site that could take a package: the slot fetches it from Slipway’s own container, with its managed identity.',
      }
    : { kind: 'zip-push', why: 'The slot has an SCM site, which takes the package itself.' };
}

const withoutSlots = (sentence: string, next: string): WayChoice => ({
  ...{ kind: 'none', code: 'plan-without-slots', sentence, next },
  why: 'Without a slot there is nowhere to prove a release before people get it, and nothing to swap back to.',
});

const instead = {
  plan: (app: string): string =>
    `Move ${app} to a plan with slots (Elastic Premium, or Dedicated from Standard up; infra/target.bicep makes one), or roll it out with another tool.`,
  flex: (app: string): string =>
    `Move ${app} to a plan with slots (Elastic Premium, or Dedicated from Standard up; infra/target.bicep makes one); or prove the package in a second app first, and deploy it here with another tool: siteUpdateStrategy RollingUpdate then replaces instance by instance.`,
  revisions:
    'Container Apps has revisions for this: deploy one that gets no traffic, prove it at its own address, then give it the traffic (az containerapp ingress traffic set). Slipway rolls out apps on plans with slots.',
};
