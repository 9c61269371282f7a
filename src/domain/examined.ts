import type { Finding } from './traps';
import type { Way } from './way';

/** What an examination of a target and of Slipway itself found. */
export interface Examined {
  app: string;
  environment: string;
  /** No finding stops a rollout. */
  ok: boolean;
  /** How a release would reach the slot; null where it can't. */
  way: Way | null;
  findings: (Finding & { about: 'target' | 'slipway' })[];
}
