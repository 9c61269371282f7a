import { holdsTheSame, sameContent, type Content, type SlotState, type Slots } from './live';

/**
 * What a look at both slots says of a swap whose basis (both slots, read directly before the POST) is known.
 * `reverted`: as before with a newer swap status: a swap that took itself back. `neither`: nothing that we know how to name; a single
 * look may catch a swap between two reads, so the story believes it only when it stays.
 */
export type SwapSight = 'before' | 'in-progress' | 'done' | 'done-unproven' | 'reverted' | 'neither' | 'could-not-tell';

export function judgeSwap(basis: Slots, now: Slots, slot: string): SwapSight {
  if (now.production.operationInProgress || now.staging.operationInProgress) return 'in-progress';
  const newer = isNewer(basis.production, now.production);
  if (arrived(basis, now.production)) return 'done';
  const asBefore = now.production.marker === basis.production.marker && now.staging.marker === basis.staging.marker;
  // A basis that could not be read proves nothing either, whatever is read now.
  const unreadable = [now, basis].some(({ production, staging }) =>
    [production, staging].some(({ content }) => content.kind === 'unreadable'),
  );
  if (now.production.marker === basis.staging.marker && basis.staging.marker !== basis.production.marker) {
    // What staging held before an undo may never have been readable: then marker and swap status are all that can speak.
    if (now.production.content.kind !== 'unreadable' && basis.staging.content.kind !== 'unreadable') return 'neither';
    return newer && namesOurSlot(now.production, slot) ? 'done-unproven' : 'could-not-tell';
  }
  if (holdsTheSame(now.production, basis.production) && holdsTheSame(now.staging, basis.staging)) return newer ? 'reverted' : 'before';
  return asBefore && unreadable ? 'could-not-tell' : 'neither';
}

/**
 * Whether a swap may be posted now, on what was read directly before. `changed`: a slot holds something else than in the basis, or a swap has
 * happened since. `unreadable`: nothing speaks against it but that a slot can't be read, or is being changed, just now.
 *
 * Production's content may be one that can't be read; staging must provably hold what is to go to production, unless it never could be read.
 */
export function mayPostSwap(basis: Slots, now: Slots, slot: string): 'yes' | 'changed' | 'unreadable' {
  const isMarkedAsBefore = now.production.marker === basis.production.marker && now.staging.marker === basis.staging.marker;
  const sight = judgeSwap(basis, now, slot);
  if (sight === 'in-progress') return 'unreadable';
  // Markers are always read: where they differ, no content that is hidden can make it right.
  if (!isMarkedAsBefore || (sight !== 'before' && sight !== 'could-not-tell')) return 'changed';
  if (basis.staging.content.kind === 'unreadable') return 'yes';
  const staging = stillOurs(basis.staging, now.staging);
  return staging === 'ours' ? 'yes' : staging === 'not-ours' ? 'changed' : 'unreadable';
}

/** Production holds the marker and the content that staging held, and they are not what production held all along. */
function arrived(basis: Slots, production: SlotState): boolean {
  return holdsTheSame(production, basis.staging) && !holdsTheSame(basis.staging, basis.production);
}

function isNewer(before: SlotState, now: SlotState): boolean {
  if (!now.swapStatus) return false;
  return !before.swapStatus || Date.parse(now.swapStatus.at) > Date.parse(before.swapStatus.at);
}

/** Azure writes `Production` with a capital whatever the request said: names are compared without case. */
function namesOurSlot(production: SlotState, slot: string): boolean {
  return production.swapStatus?.source.toLowerCase() === slot.toLowerCase();
}

/** What production must hold while a rollout watches it. */
export interface Expected {
  marker: string | null;
  content: Content;
}

/** Whether production still holds what was swapped in. Content that can't be read is *could not tell*, never *ours*. */
export function stillOurs(expected: Expected, production: SlotState): 'ours' | 'not-ours' | 'could-not-tell' {
  if (production.marker !== expected.marker) return 'not-ours';
  if (production.content.kind === 'unreadable' || expected.content.kind === 'unreadable') return 'could-not-tell';
  return sameContent(production.content, expected.content) ? 'ours' : 'not-ours';
}
