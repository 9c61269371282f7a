import { toLevel } from '../log-level';
import { messageOf } from './activity-data';
import { lyingMessage, type Arrival } from './arrival';
import { commitTurn } from './commit-turn';
import { runOrchestrator } from './compute-turn';
import { isEntityInstance, takeEntityTurn } from './entity-turn';
import { EventKind, orchestratorStarted, type HistoryEvent } from './history';
import { emptyPast, eventsOf, startInput, textOf } from './past';
import { turnPayload } from './payload';
import { advance, type Progress } from './progress';
import { unread, type Ending, type Replayed } from './replay';
import type { ReplayRules } from './script';
import { startNextWaiting, waitingStarts } from './start-instance';
import type { OrchestratorState } from './state';
import { isFinished, type Instance, type Store } from './store';
import { versionMismatch, type Answer, type Turn, type TurnEffects, type TurnWorld } from './turn-world';
import { unknownOrchestrator } from './unknown-function';
import { takesVersion } from './versions';

const dayMs = 86_400_000;

/**
 * Computes one turn of one instance; nothing is written before the answer's `write`. Undefined if there is nothing to do.
 * @param arrived what has come besides what lies in the inbox
 */
export async function takeTurn(world: TurnWorld, instanceId: string, arrived: Arrival[]): Promise<Turn | undefined> {
  const { store } = world;
  const newborn = arrived.findLast((one) => one.newborn)?.newborn;
  if (!newborn && isEntityInstance(store, instanceId))
    return arrived.length > 0 ? layDown(arrived, instanceId) : takeEntityTurn(world, instanceId);
  const instance = newborn ?? store.instance(instanceId);
  const messages = newborn ? arrived : [...lyingBefore(store, instanceId, arrived), ...arrived];
  const starts = waitingStarts(messages).filter((one) => one.executionId !== instance?.executionId);
  if (!instance || isFinished(instance.status))
    return messages.length > 0 ? afterTheEnd(world, instanceId, instance, messages, starts) : undefined;
  const refusal = takesVersion(world.versions, instance.version) ? undefined : refusalOf(world, instance, messages);
  if (refusal === 'waits') return layDown(arrived);
  if (refusal && 'end' in refusal) return endUnbegun(world, instance, messages, starts, refusal.end);
  // A new generation's first turn has its own start as its only news; messages wait for the next.
  const taken = instance.generationStarted ? [] : messages;
  const isMine = (one: Arrival): boolean => one.executionId === null || one.executionId === instance.executionId;
  const waiting = taken.filter(isMine);
  const stale = taken.filter((one) => !isMine(one) && !starts.includes(one));
  if (!instance.generationStarted && waiting.length === 0) return writing(() => takeOut(stale));
  const mine = chosen(world, instanceId, waiting);
  if (!mine) return layDown(arrived);
  const done = new Set([...stale, ...mine]);
  const left = arrived.filter((one) => !done.has(one));
  const news = instance.generationStarted ? [] : [orchestratorStarted(world.now()), ...inOrder(mine.map((one) => one.event))];
  const { state, replayed, progress } = await decide(world, { instance, isNewborn: newborn !== undefined, news, refusal });
  for (const warning of replayed.warnings) warnOnce(world, instance, warning);

  return {
    write() {
      // Purged or replaced while the orchestrator ran: nothing of this turn counts any more.
      if (store.instance(instanceId)?.executionId !== instance.executionId) return undefined;
      takeOut([...done]);
      for (const one of left) one.keep();
      const effects = commitTurn(world, instance, news, state, replayed);
      store.keepProgress(instanceId, replayed.ending ? undefined : progress);
      if (starts.length > 0 || (instance.generationStarted && messages.length > 0)) effects.woken.push(instanceId);
      return effects;
    },
  };
}

const takeOut = (taken: Arrival[]): void => taken.forEach((one) => one.takeOut());

const onlyWaking = (woken: string[]): TurnEffects => ({ woken, activities: [], timers: [], timersDropped: false });

/** A turn that runs nothing. */
const writing = (write: () => void, woken: string[] = []): Turn => ({
  write() {
    write();
    return onlyWaking(woken);
  },
});

/** Puts what came into the inbox: no turn takes it now. */
const layDown = (arrived: Arrival[], ...woken: string[]): Turn | undefined =>
  arrived.length === 0 ? undefined : writing(() => arrived.forEach((one) => one.keep()), woken);

/** What came for an instance that has ended is forgotten; a start that waited for the end begins. */
function afterTheEnd(
  { store, now }: TurnWorld,
  instanceId: string,
  ended: Instance | undefined,
  messages: Arrival[],
  starts: Arrival[],
): Turn {
  return {
    write() {
      const found = store.instance(instanceId);
      // Purged, rewound or begun anew meanwhile: what came is for the next turn to judge.
      if (found?.executionId !== ended?.executionId || found?.status !== ended?.status) {
        for (const one of messages) one.keep();
        return onlyWaking([instanceId]);
      }
      takeOut(messages);
      startNextWaiting(store, starts, now());
      return onlyWaking(starts.length > 0 ? [instanceId] : []);
    },
  };
}

/** What lies in the inbox, without what is among `arrived` too. */
function lyingBefore(store: Store, instanceId: string, arrived: Arrival[]): Arrival[] {
  const lying = store.inbox(instanceId);
  if (lying.length === 0) return [];
  const known = new Set(arrived.map((one) => one.seq()));
  return lying.filter((message) => !known.has(message.seq)).map((message) => lyingMessage(store, message));
}

interface Decided {
  state: OrchestratorState | undefined;
  replayed: Replayed;
  progress?: Progress;
}

interface Asked {
  instance: Instance;
  /** Whatever the store holds under its id is another's. */
  isNewborn: boolean;
  news: HistoryEvent[];
  refusal: Ending | undefined;
}

/** Asks the orchestrator, and takes its answer as the durable extension does. */
async function decide(world: TurnWorld, { instance, isNewborn, news, refusal }: Asked): Promise<Decided> {
  if (refusal) return { state: undefined, replayed: { decisions: [], ending: refusal, warnings: [] } };
  const past = isNewborn || instance.generationStarted ? emptyPast() : world.store.past(instance.id);
  const opening = instance.generationStarted ? unplayedStart(world.store.history(instance.id)) : news;
  const isFirst = past.events === 0;
  const text = textOf(opening);
  const input = past.input === undefined ? startInput(opening) : past.input;
  const payload = turnPayload(instance, isFirst ? text : `${past.text},${text}`, input ?? null, !isFirst, world.httpSleepMs);
  const answer = await ask(world, instance, payload);
  const rules = rulesOf(world);
  if (answer.text === undefined) return { state: undefined, replayed: unread([...eventsOf(past), ...opening], answer.failure, rules) };
  if (answer.failure !== undefined) return { state: JSON.parse(answer.text) as OrchestratorState, replayed: failed(answer.failure) };
  return advance(past, opening, answer.text, rules);
}

const failed = (message: string): Replayed => ({ decisions: [], ending: { kind: 'failed', message }, warnings: [] });

/** What becomes of an instance of a version that this app does not take. */
function refusalOf(world: TurnWorld, instance: Instance, messages: Arrival[]): Ending | { end: HistoryEvent } | 'waits' {
  const end = messages.find(({ event }) => event.EventType === EventKind.executionTerminated);
  // Ended from outside before it began, whatever its version (recorded).
  if (end && world.store.past(instance.id).events === 0) return { end: end.event };
  if (world.versions.failure === 'fail') return { kind: 'failed', message: null, details: versionMismatch };
  // Its messages stay where they are, for a worker of that version.
  world.log(
    'warn',
    `Instance "${instance.id}" is of version "${instance.version}", which this app does not take: it waits.`,
    instance.name,
  );
  return 'waits';
}

/** Terminated without a turn: it has no history, and nobody is told. A start that waited for the end begins in the next turn. */
function endUnbegun({ store, log }: TurnWorld, instance: Instance, messages: Arrival[], starts: Arrival[], end: HistoryEvent): Turn {
  if (instance.parent)
    log(
      'error',
      `Instance "${instance.id}" was terminated before it began: its parent waits for it for ever, as on the real host.`,
      instance.name,
    );
  const write = (): void => {
    takeOut(messages.filter((one) => !starts.includes(one)));
    const shown = { status: 'Terminated', output: end.Input ?? instance.output, updatedMs: Date.parse(end.Timestamp) } as const;
    if (store.instance(instance.id)?.executionId === instance.executionId) store.putInstance({ ...instance, ...shown });
  };
  return writing(write, starts.length > 0 ? [instance.id] : []);
}

/** Every replay finds it again. */
function warnOnce(world: TurnWorld, instance: Instance, warning: string): void {
  const key = `${instance.executionId} ${warning}`;
  if (world.said.has(key)) return;
  world.said.add(key);
  world.log('error', `Instance "${instance.id}": ${warning}`, instance.name);
}

function chosen(world: TurnWorld, instanceId: string, waiting: Arrival[]): Arrival[] | undefined {
  if (!world.schedule) return waiting;
  const positions = world.schedule.choose(
    instanceId,
    waiting.map((one) => one.event),
  );
  return positions?.flatMap((at) => waiting[at] ?? []);
}

/** The start comes first, whatever arrived before it was read. */
function inOrder(events: HistoryEvent[]): HistoryEvent[] {
  const start = events.filter((event) => event.EventType === EventKind.executionStarted);
  return [...start, ...events.filter((event) => event.EventType !== EventKind.executionStarted)];
}

/** In its first turn a new generation's start is not played yet, unlike what was carried over. */
function unplayedStart(history: HistoryEvent[]): HistoryEvent[] {
  return history.map((event) =>
    event.EventType === EventKind.executionStarted || event.EventType === EventKind.orchestratorCompleted
      ? { ...event, IsPlayed: false }
      : event,
  );
}

async function ask(world: TurnWorld, instance: Instance, payload: string): Promise<Answer> {
  if (!world.isOrchestrator(instance.name))
    return { text: undefined, failure: unknownOrchestrator(instance.name, world.orchestratorNames()) };
  let text: string;
  let thrown: string | undefined;
  try {
    ({ text, thrown } = await runOrchestrator(world.registry, instance.name, payload, (level, message) =>
      world.log(toLevel(level), message, instance.name),
    ));
  } catch (error) {
    world.log('error', `Orchestrator "${instance.name}" answered no state: ${String(error)}`, instance.name);
    return { text: undefined, failure: invocationFailure(messageOf(error), (error as { stack?: string } | undefined)?.stack ?? '') };
  }
  if (world.onTurn)
    await world.onTurn({ functionName: instance.name, instanceId: instance.id, payload, response: JSON.parse(text) as OrchestratorState });
  if (thrown === undefined) return { text };
  // Extension 3.16.2; the one before it let such an instance run for ever.
  world.log('error', `Instance "${instance.id}" threw something that is no Error, of which nothing is kept. Throw Errors.`, instance.name);
  return { text, failure: invocationFailure(thrown, '') };
}

/** .NET's text of a call that failed in the worker. */
const invocationFailure = (message: string, stack: string): string =>
  `One or more errors occurred. (Result: Failure\nException: ${message}\nStack: ${stack})`;

const rulesOf = (world: TurnWorld): ReplayRules => ({
  isActivity: world.isActivity,
  isOrchestrator: world.isOrchestrator,
  isEntity: (name) => world.entities.has(name),
  entityNames: () => world.entities.names(),
  httpSleepMs: world.httpSleepMs,
  longTimerPieceMs: 3 * dayMs,
  longestTimerMs: 6 * dayMs,
});
