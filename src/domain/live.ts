import { shortDigest } from './release';

/** What a slot's content says of itself: the active deployment its SCM site names, or the package its settings do. */
export type Content =
  | { kind: 'read'; deploymentId: string; message: string }
  /** The slot runs from the blob of this digest in Slipway's own package container. */
  | { kind: 'package'; sha256: string }
  /** It runs from another address; told apart by its hash, because it may be signed. */
  | { kind: 'other-package'; urlHash: string }
  /** SCM answered and knows no active deployment. */
  | { kind: 'empty' }
  /** SCM could not be read, or there is none and no address of a package: could not tell, never proven. */
  | { kind: 'unreadable' };

export interface SlotSwapStatus {
  /** ISO time with the precision Azure gave. */
  at: string;
  source: string;
  destination: string;
}

/** One slot as read from ARM and SCM. */
export interface SlotState {
  marker: string | null;
  content: Content;
  swapStatus: SlotSwapStatus | null;
  /** ARM says that an operation (a swap, a settings change) is under way. */
  operationInProgress: boolean;
  running: boolean;
  /** As ARM gives it; never built. */
  hostName: string;
}

export interface Slots {
  production: SlotState;
  staging: SlotState;
}

/** The message our zip push leaves in SCM's deployment record: `<rollout id>.<push n>`. */
export const pushMessage = (rolloutId: string, push: number): string => `${rolloutId}.${push}`;

/**
 * The content proof. By zip push: the slot's active deployment is our push. By URL: the slot names the blob of our digest (`sha256`: all of it, or as many
 * digits as a marker has). Unreadable is never proven.
 */
export function provesContent(content: Content, rolloutId: string, sha256: string): boolean {
  switch (content.kind) {
    case 'read':
      return content.message.startsWith(`${rolloutId}.`) && /^\d+$/.test(content.message.slice(rolloutId.length + 1));
    case 'package':
      return sha256.length >= shortestDigest && content.sha256.startsWith(sha256);
    case 'other-package':
    case 'empty':
    case 'unreadable':
      return false;
  }
}

const shortestDigest = shortDigest('0'.repeat(64)).length;

/** Content that was read, whatever it is: two of those can be held against each other. */
export const isKnown = ({ kind }: Content): boolean => kind !== 'unreadable' && kind !== 'empty';

/** What a slot's content is, in a few words; nothing of a foreign address. */
export function sayContent(content: Content): string {
  switch (content.kind) {
    case 'read':
      return `deployment "${content.message.slice(0, 80)}"`;
    case 'package':
      return `package ${shortDigest(content.sha256)}`;
    case 'other-package':
      return 'a package from an address that is not Slipway’s';
    case 'empty':
      return 'no deployment';
    case 'unreadable':
      return 'no readable deployment';
  }
}

/** The same marker and the same content, as far as both could be read. */
export function holdsTheSame(a: SlotState, b: SlotState): boolean {
  return a.marker === b.marker && sameContent(a.content, b.content);
}

export function sameContent(a: Content, b: Content): boolean {
  switch (a.kind) {
    case 'read':
      return b.kind === 'read' && a.deploymentId === b.deploymentId && a.message === b.message;
    case 'package':
      return b.kind === 'package' && a.sha256 === b.sha256;
    case 'other-package':
      return b.kind === 'other-package' && a.urlHash === b.urlHash;
    case 'empty':
      return b.kind === 'empty';
    case 'unreadable':
      return false;
  }
}
