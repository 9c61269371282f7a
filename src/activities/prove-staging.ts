import type { IndexedFunction } from '../azure/app-control';
import type { Ports } from '../azure/ports';
import { placeOf } from '../azure/rollout-rows';
import { stillOurs } from '../domain/judge-swap';
import { provesContent, sayContent, type SlotState } from '../domain/live';
import { markerOf } from '../domain/release';
import type { RolloutRow } from '../domain/rollout';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';
import { openRound } from './open-round';

type Prove = Catalogue['proveStaging'];
type Proof = Prove['output']['proof'];

/** Reads back that staging holds the marker and the content that this rollout put there, and that its host has indexed the functions. */
export function createProveStaging(ports: Ports): Activity<Prove['input'], Prove['output']> {
  return async ({ rolloutId, round, push }) => {
    const row = await openRound(ports, rolloutId, round);
    const { target } = placeOf(ports, row);
    const { staging } = await ports.appControl.readSlots(target);
    const missing = push === null ? whatIsMissingOfOld(row, staging) : whatIsMissing(row, staging);
    const functions = missing === undefined ? await ports.appControl.listFunctions(target, 'staging') : [];
    return {
      intent: row.intent ?? null,
      proof: missing === undefined ? judge(row, staging, functions, push) : { kind: 'not-yet', why: missing },
    };
  };
}

function whatIsMissing(row: RolloutRow, staging: SlotState): string | undefined {
  if (staging.marker !== markerOf(row.id, row.release.sha256)) return `its marker is ${staging.marker ?? 'missing'}, not this rollout's.`;
  // Every push of a rollout brings the same package: one whose answer was lost may come to be the active one late.
  if (provesContent(staging.content, row.id, row.release.sha256)) return undefined;
  switch (staging.content.kind) {
    case 'unreadable':
      return 'its SCM site can not be read, so nothing proves its content.';
    case 'empty':
      return 'its SCM site knows no active deployment.';
    case 'read':
      return 'its active deployment is not a push of this rollout.';
    case 'package':
    case 'other-package':
      return `it runs from ${sayContent(staging.content)}, not from this rollout's.`;
  }
}

function whatIsMissingOfOld(row: RolloutRow, staging: SlotState): string | undefined {
  const old = row.plan?.kind === 'go' ? row.plan.live.staging : undefined;
  return old && stillOurs(old, staging) === 'ours' ? undefined : 'it no longer holds the release that the plan found there.';
}

function judge(row: RolloutRow, staging: SlotState, functions: IndexedFunction[], push: number | null): Proof {
  if (functions.length === 0) return { kind: 'not-yet', why: nothingIndexed(staging) };
  // Listed as what it is: one that was listed as an HTTP function was not switched off.
  const listed = new Set(row.release.functions.filter(({ trigger }) => trigger !== 'http').map(({ name }) => name.toLowerCase()));
  const running = push === null ? [] : functions.filter((one) => one.trigger !== 'http');
  const unlisted = running.filter(({ name }) => !listed.has(name.toLowerCase()));
  if (unlisted.length > 0) {
    const names = unlisted.map((one) => `${one.name} (${one.trigger})`).join(', ');
    // Its host restarts by itself after the settings were written: what answers meanwhile may still be the one of before.
    if (staging.content.kind === 'package')
      return { kind: 'not-yet', why: `its host runs functions that the release did not list with this trigger: ${names}.` };
    return {
      kind: 'refused',
      problem: {
        code: 'unlisted-function',
        sentence: `The package holds functions that the release did not list with this trigger, and that run by themselves in staging: ${names}.`,
        next: 'List every function with its trigger in the request, so that Slipway can switch those off in staging before the push.',
      },
    };
  }
  const on = running.filter(({ disabled }) => !disabled).map(({ name }) => name);
  if (on.length > 0) return { kind: 'not-yet', why: `its host does not say yet that these are switched off: ${on.join(', ')}.` };
  return { kind: 'proven', staged: { marker: staging.marker, content: staging.content }, functions: functions.length };
}

const nothingIndexed = ({ content }: SlotState): string =>
  content.kind === 'package'
    ? 'its host has indexed no functions. It fetches its package itself: its managed identity needs the role Storage Blob Data Reader on Slipway’s container slipway-packages.'
    : 'its host has indexed no functions.';
