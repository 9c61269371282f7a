import type { Outcome, Phase } from '../domain/rollout';
import type { Verdict } from '../domain/verdict';

/** How something stands. A glyph and a word always go with the colour. */
export type State = 'to-come' | 'going-on' | 'waiting' | 'done' | 'inconclusive' | 'failed' | 'undone' | 'attention' | 'ended';

export const glyphOf: Record<State, string> = {
  'to-come': '·',
  'going-on': '◐',
  waiting: '◔',
  done: '✓',
  inconclusive: '?',
  failed: '✗',
  undone: '↩',
  attention: '‼',
  ended: '○',
};

const ofOutcome: Record<Outcome, State> = {
  deployed: 'done',
  unchanged: 'done',
  rejected: 'failed',
  expired: 'failed',
  cancelled: 'ended',
  superseded: 'ended',
  failed: 'failed',
  'rolled-back': 'undone',
  'needs-attention': 'attention',
};
export const stateOfOutcome = (outcome: Outcome): State => ofOutcome[outcome];

export const stateOfVerdict = (verdict: Verdict): State =>
  verdict === 'healthy' ? 'done' : verdict === 'unhealthy' ? 'failed' : 'inconclusive';

/** What people call a phase, and what is going on in it. */
export const phaseWords: Record<Phase, { name: string; doing: string }> = {
  queued: { name: 'queue', doing: 'waits for its turn and fetches the package' },
  planning: { name: 'plan', doing: 'reads what is live' },
  announcing: { name: 'announce', doing: 'tells people' },
  staging: { name: 'stage', doing: 'brings the package to the staging slot' },
  proving: { name: 'prove', doing: 'runs the checks' },
  asking: { name: 'ask', doing: 'asks for approval' },
  swapping: { name: 'swap', doing: 'swaps the slot with production' },
  watching: { name: 'watch', doing: 'watches production' },
  telling: { name: 'tell', doing: 'tells people how it went' },
  undoing: { name: 'undo', doing: 'takes back what was done' },
  done: { name: 'done', doing: 'has ended' },
};

/** The parts of a rollout that are always there, in order. */
export const usualPhases: readonly Phase[] = ['announcing', 'staging', 'proving', 'asking', 'swapping', 'watching', 'telling'];
