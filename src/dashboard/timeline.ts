import { isHeld, sayHeldNow } from '../domain/held';
import { isBeforeSwap, phases, type Phase } from '../domain/rollout';
import type { RolloutView } from '../domain/rollout-view';
import { sayDuration, sayLatency } from '../domain/say';
import { standing } from '../domain/service-gate';
import type { RolloutTraces } from '../domain/traces';
import { sayRequest, waitedFor } from '../domain/waited-for';
import { phaseWords, stateOfOutcome, stateOfVerdict, usualPhases, type State } from './states';

/** A lane of the timeline: one phase, or the notices to people. */
export interface Lane {
  key: string;
  name: string;
  state: State;
  /** What it did, or does. */
  text: string;
  bars: { fromMs: number; toMs: number; isOpen: boolean }[];
  marks: Moment[];
  tookMs?: number;
}

/** Something that happened at one instant, in words. `height`: from 0 to 1, where the lane has a measure. */
export interface Moment {
  key: string;
  atMs: number;
  state: State;
  words: string;
  height?: number;
}

export interface Timeline {
  lanes: Lane[];
  /** Every instant that is drawn. */
  instants: number[];
}

/** Phases that are worth a lane only where they took their time. */
const passing: readonly Phase[] = ['queued', 'planning'];
const passingMs = 2000;

export function timelineOf(view: RolloutView, traces: RolloutTraces, nowMs: number): Timeline {
  const happened = phases.filter((phase) => phase !== 'done' && view.phases.some((record) => record.phase === phase));
  const toCome = view.ending ? [] : usualPhases.filter((phase) => !happened.includes(phase));
  const lanes = phases
    .filter((phase) => happened.includes(phase) || toCome.includes(phase))
    // What took things back comes after what it took back, and before people hear of it.
    .sort((a, b) => rank(a) - rank(b))
    .map((phase) => laneOf(phase, view, traces, nowMs))
    .filter(({ key, tookMs }) => !passing.includes(key as Phase) || key === view.phase || (tookMs ?? 0) >= passingMs);
  if (traces.notices.length > 0) lanes.push(noticesLane(traces));
  const instants = lanes.flatMap(({ bars, marks }) => [
    ...bars.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ...marks.map(({ atMs }) => atMs),
  ]);
  return { lanes, instants };
}

const rank = (phase: Phase): number => (phase === 'undoing' ? phases.indexOf('telling') - 0.5 : phases.indexOf(phase));

function laneOf(phase: Phase, view: RolloutView, traces: RolloutTraces, nowMs: number): Lane {
  const records = view.phases.filter((record) => record.phase === phase);
  const bars = records.map(({ startedAt, endedAt }) => {
    const isOpen = endedAt === undefined && !view.ending;
    const fromMs = Date.parse(startedAt);
    return {
      fromMs,
      toMs: Math.max(fromMs, endedAt === undefined ? (isOpen ? nowMs : Date.parse(view.ending?.at ?? startedAt)) : Date.parse(endedAt)),
      isOpen,
    };
  });
  const state = stateOfPhase(phase, view);
  const note = records.findLast((record) => record.note !== undefined)?.note;
  const tookMs = bars.reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0);
  return {
    key: phase,
    name: phaseWords[phase].name,
    state,
    text: note ?? textOf(phase, view, state),
    bars,
    marks: marksOf(phase, view, traces),
    ...(bars.length === 0 ? {} : { tookMs }),
  };
}

function textOf(phase: Phase, view: RolloutView, state: State): string {
  if (state === 'to-come') return '';
  if (phase === 'asking' && view.ask) {
    const decisions = standing(view.ask);
    const said = decisions.map(({ approver, answer }) => `${approver} said ${answer}`);
    if (isHeld(view.ask)) return [...said, `held: ${view.ask.held.join(' ')}`].join('; ');
    return decisions.length > 0
      ? said.join('; ')
      : view.ask.state === 'open'
        ? [`${whoIsAsked(view).join(', ')} has not answered`, ...(view.ask.requests ?? []).map(sayRequest)].join('; ')
        : `ended ${view.ask.state}`;
  }
  if (phase === 'proving' && view.checks.length > 0)
    return `${view.checks.filter(({ verdict }) => verdict === 'healthy').length} of ${view.checks.length} checks healthy`;
  return state === 'going-on' ? doingOf(phase, view) : '';
}

const doingOf = (phase: Phase, { turn }: RolloutView): string => (phase === 'queued' && turn ? turn.says : phaseWords[phase].doing);

/** Who is asked and has not answered. */
export function whoIsAsked({ plan, ask }: Pick<RolloutView, 'plan' | 'ask'>): string[] {
  if (plan?.kind !== 'go' || ask?.state !== 'open' || isHeld(ask)) return [];
  return [...new Set(waitedFor(plan.gates, ask).flatMap(({ approvers }) => approvers))];
}

function stateOfPhase(phase: Phase, view: RolloutView): State {
  const record = view.phases.findLast((one) => one.phase === phase);
  if (!record) return 'to-come';
  if (view.ending) {
    const { outcome } = view.ending;
    const spoilt = view.phases.findLast((one) => !['telling', 'undoing', 'done'].includes(one.phase))?.phase;
    if (phase === spoilt && !['done', 'undone'].includes(stateOfOutcome(outcome))) return stateOfOutcome(outcome);
    if (phase === spoilt && outcome === 'rolled-back') return 'failed';
    return phase === 'undoing' ? 'undone' : 'done';
  }
  if (record.endedAt !== undefined) return 'done';
  return phase === 'asking' && view.ask?.state === 'open' ? 'waiting' : 'going-on';
}

function marksOf(phase: Phase, view: RolloutView, traces: RolloutTraces): Moment[] {
  switch (phase) {
    case 'staging':
      return traces.pushes.map(({ push, at }) => ({
        key: `push ${push}`,
        atMs: Date.parse(at),
        state: 'done',
        words: `push ${push} was sent to the staging slot`,
      }));
    case 'proving':
      return checkMarks(view);
    case 'asking':
      return gateMarks(view, traces);
    case 'swapping':
      return traces.swaps.map(({ attempt, at }) => ({
        key: `swap ${attempt}`,
        atMs: Date.parse(at),
        state: 'done',
        words: `request ${attempt} to swap was sent to Azure: it warms the staging slot up under production’s settings, then exchanges the two slots’ addresses`,
      }));
    default:
      return [];
  }
}

/** Each try a point, as high as its answer took long. */
function checkMarks({ checks }: RolloutView): Moment[] {
  const longestMs = Math.max(1, ...checks.flatMap(({ tries }) => tries.map(({ latencyMs }) => latencyMs ?? 0)));
  return checks.flatMap(({ name, tries }) =>
    tries.map(({ at, verdict, latencyMs, seen }, nth) => ({
      key: `${name} ${nth}`,
      atMs: Date.parse(at),
      state: stateOfVerdict(verdict),
      height: (latencyMs ?? longestMs) / longestMs,
      words: `${name}, try ${nth + 1}: ${verdict}, ${seen}${latencyMs === undefined ? '' : ` after ${sayLatency(latencyMs)}`}`,
    })),
  );
}

function gateMarks({ ask }: RolloutView, { notices }: RolloutTraces): Moment[] {
  if (!ask) return [];
  return [
    { key: 'asked', atMs: Date.parse(ask.openedAt), state: 'waiting', words: 'asked' },
    ...notices
      .filter(({ moment }) => moment === 'reminder')
      .map(({ id, at, recipient }) => ({ key: id, atMs: Date.parse(at), state: 'waiting' as const, words: `${recipient} was reminded` })),
    ...ask.decisions.map(({ gate, approver, answer, at, comment }) => ({
      key: `${gate} ${approver}`,
      atMs: Date.parse(at),
      state: answer === 'yes' ? ('done' as const) : ('failed' as const),
      words: `${approver} said ${answer} at gate ${gate}${comment === undefined ? '' : `: “${comment}”`}`,
    })),
  ];
}

function noticesLane({ notices }: RolloutTraces): Lane {
  const arrived = notices.filter(({ state }) => state === 'sent').length;
  const givenUp = notices.filter(({ state }) => state === 'given-up').length;
  const open = notices.length - arrived - givenUp;
  return {
    key: 'notices',
    name: 'notices',
    state: givenUp > 0 ? 'failed' : open > 0 ? 'going-on' : 'done',
    text: [`${arrived} of ${notices.length} taken by their channel`, ...(givenUp > 0 ? [`${givenUp} given up`] : [])].join(', '),
    bars: [],
    marks: notices.map(({ id, moment, channel, recipient, state, at, settledAt, attempts }) => ({
      key: id,
      atMs: Date.parse(settledAt ?? at),
      state: state === 'sent' ? ('done' as const) : state === 'given-up' ? ('failed' as const) : ('going-on' as const),
      words: `${moment}: ${channel} to ${recipient}, ${state === 'sent' ? 'taken' : state === 'given-up' ? `given up after ${attempts} tries` : 'on its way'}`,
    })),
  };
}

/** The one sentence on top: what is going on, or how it ended. */
export function sentenceOf(view: RolloutView, nowMs: number): { state: State; words: string } {
  const { ending, phase, environment } = view;
  if (ending) return { state: stateOfOutcome(ending.outcome), words: ending.reason };
  const waiting = whoIsAsked(view);
  if (view.intent && isBeforeSwap(phase))
    return { state: 'going-on', words: `It was asked to stop (${view.intent.kind}) and ends at its next step.` };
  if (phase === 'asking' && isHeld(view.ask)) return { state: 'waiting', words: sayHeldNow(view.ask, nowMs) };
  if (phase === 'asking' && waiting.length > 0 && view.ask)
    return {
      state: 'waiting',
      words: `Waiting for ${waiting.join(', ')} to answer; ${sayDuration(Date.parse(view.ask.expiresAt) - nowMs)} left.`,
    };
  const doing = doingOf(phase, view);
  return {
    state: 'going-on',
    words: `It ${doing}; ${isBeforeSwap(phase) ? `${environment} is as it was` : `${environment} is being changed`}.`,
  };
}
