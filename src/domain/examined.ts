import type { Finding } from './traps';

/** What an examination of a target and of Slipway itself found. */
export interface Examined {
  app: string;
  environment: string;
  /** No finding stops a rollout. */
  ok: boolean;
  /** How a release would reach the slot; null where it can't. */
  way: 'zip-push' | null;
  findings: (Finding & { about: 'target' | 'slipway' })[];
}
