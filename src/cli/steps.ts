import { isHeld, sayHeld } from '../domain/held';
import type { Outcome, Phase } from '../domain/rollout';
import type { RolloutView } from '../domain/rollout-view';
import { sayTime } from '../domain/say';
import { sayRequest, waitedFor } from '../domain/waited-for';

/** What is drawn of the API's answer about one rollout. */
export type Drawn = Pick<
  RolloutView,
  'id' | 'app' | 'environment' | 'kind' | 'version' | 'phase' | 'phases' | 'turn' | 'checks' | 'plan' | 'ask' | 'ending'
>;

export type StepState = 'to come' | 'going on' | 'waiting' | 'done' | 'inconclusive' | 'failed' | 'undone' | 'needs attention';

/** One line of the picture. */
export interface Step {
  name: string;
  state: StepState;
  text: string;
  /** Goes first where there is no room. */
  detail?: string;
  /** None of its words goes, however little room there is. */
  isWhole?: true;
  /** How long it took; absent while it has not ended. */
  tookMs?: number;
  leftMs?: number;
  /** Worth a line only while it goes on, or where it went wrong. */
  passing?: true;
}

/** In the story's order. `rare` ones are not shown before they happen. */
const stepNames: readonly { phase: Phase; name: string; rare?: true; doing: string }[] = [
  { phase: 'queued', name: 'queue', rare: true, doing: 'waits for its turn and fetches the package' },
  { phase: 'planning', name: 'plan', rare: true, doing: 'reads what is live' },
  { phase: 'announcing', name: 'announce', doing: 'tells people' },
  { phase: 'staging', name: 'stage', doing: 'brings the package to the slot' },
  { phase: 'proving', name: 'prove', doing: 'runs the checks' },
  { phase: 'asking', name: 'ask', doing: 'asks for approval' },
  { phase: 'swapping', name: 'swap', doing: 'swaps the slot with production' },
  { phase: 'watching', name: 'watch', doing: 'watches production' },
  { phase: 'undoing', name: 'undo', rare: true, doing: 'takes back what was done' },
  { phase: 'telling', name: 'tell', doing: 'tells people how it went' },
];

/** What each part of the rollout has come to. `nowMs` is the time of looking. */
export function stepsOf(view: Drawn, nowMs: number): Step[] {
  const spoilt = spoiltPhase(view);
  return stepNames.flatMap(({ phase, name, rare, doing }) => {
    const record = view.phases.findLast((each) => each.phase === phase);
    const ended = record?.endedAt !== undefined || (view.ending !== undefined && phase !== view.phase);
    if (!record) return rare ? [] : [{ name, state: 'to come' as const, text: '' }];
    const tookMs = record.endedAt === undefined ? {} : { tookMs: Date.parse(record.endedAt) - Date.parse(record.startedAt) };
    const note = record.note ?? (phase === 'asking' ? decidedText(view) : '');
    if (phase === spoilt && view.ending) return [{ name, state: spoiltState(view.ending.outcome), text: why(view.ending), ...tookMs }];
    if (ended && phase === 'undoing') return [{ name, state: 'undone' as const, text: note, ...tookMs }];
    if (ended) return [{ name, state: 'done' as const, text: note, ...tookMs, ...(rare ? { passing: true as const } : {}) }];
    if (phase === 'asking' && view.ask?.state === 'open') return [waiting(name, view, view.ask, nowMs)];
    if (phase === 'queued' && view.turn) return [{ name, state: 'going on' as const, text: view.turn.says, isWhole: true as const }];
    return [{ name, state: 'going on' as const, text: note || (phase === 'proving' ? provingText(view, doing) : doing) }];
  });
}

function waiting(name: string, { plan }: Drawn, ask: NonNullable<Drawn['ask']>, nowMs: number): Step {
  const leftMs = Date.parse(ask.expiresAt) - nowMs;
  if (isHeld(ask)) return { name, state: 'waiting', text: sayHeld(ask, `at ${sayTime(ask.expiresAt)}`), isWhole: true, leftMs };
  const gates = plan?.kind === 'go' ? waitedFor(plan.gates, ask) : [];
  const who = [...new Set(gates.flatMap(({ approvers }) => approvers))].join(', ');
  const heard = (ask.requests ?? []).filter(({ gate }) => gates.some(({ name }) => name === gate)).map(sayRequest);
  const byLink = gates.length === 0 || gates.some(({ kind }) => kind === 'signed-link');
  const asked = heard.length === 0 ? 'a request is being made there' : heard.join('; ');
  const said = byLink ? 'the mail is in the inbox' : asked;
  return { name, state: 'waiting', ...(who === '' ? { text: said } : { text: who, detail: said }), leftMs };
}

const decidedText = ({ ask }: Drawn): string =>
  (ask?.decisions ?? []).map(({ approver, answer }) => `${approver} said ${answer}`).join('; ');

const provingText = ({ checks }: Drawn, doing: string): string =>
  checks.length === 0 ? doing : `${checks.filter((check) => check.verdict === 'healthy').length} of ${checks.length} checks healthy so far`;

/** Where a rollout that came to no good end went wrong: the last part of the story before it was taken back and told. */
function spoiltPhase({ ending, phases }: Drawn): Phase | undefined {
  if (!ending || ending.outcome === 'deployed' || ending.outcome === 'unchanged') return undefined;
  return phases.findLast(({ phase }) => phase !== 'telling' && phase !== 'undoing' && phase !== 'done')?.phase;
}

/** The outcome and the first sentence of its reason, which often names it already. */
function why({ outcome, reason }: NonNullable<Drawn['ending']>): string {
  const first = (/^.*?[.!?](?= |$)/.exec(reason)?.[0] ?? reason).replace(/\.$/, '');
  return first.includes(outcome) ? first : first === '' ? outcome : `${outcome}: ${first}`;
}

const spoiltState = (outcome: Outcome): StepState => (outcome === 'needs-attention' ? 'needs attention' : 'failed');
