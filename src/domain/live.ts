/** What a slot's content says of itself: the active deployment its SCM site names. */
export type Content =
  | { kind: 'read'; deploymentId: string; message: string }
  /** SCM answered and knows no active deployment. */
  | { kind: 'empty' }
  /** SCM could not be read: could not tell, never proven. */
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

/** The content proof of a zip push: the slot's active deployment is our push. Unreadable is never proven. */
export function provesContent(content: Content, rolloutId: string): boolean {
  return (
    content.kind === 'read' && content.message.startsWith(`${rolloutId}.`) && /^\d+$/.test(content.message.slice(rolloutId.length + 1))
  );
}

/** The same marker and the same content, as far as both could be read. */
export function holdsTheSame(a: SlotState, b: SlotState): boolean {
  return a.marker === b.marker && sameContent(a.content, b.content);
}

export function sameContent(a: Content, b: Content): boolean {
  if (a.kind === 'read' && b.kind === 'read') return a.deploymentId === b.deploymentId && a.message === b.message;
  return a.kind === 'empty' && b.kind === 'empty';
}
