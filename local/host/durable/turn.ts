import { toLevel } from '../log-level';
import { commitTurn } from './commit-turn';
import { runOrchestrator } from './compute-turn';
import { isEntityInstance, takeEntityTurn } from './entity-turn';
import { EventKind, orchestratorStarted, type HistoryEvent } from './history';
import { turnPayload } from './payload';
import { replay, type Ending, type Replayed } from './replay';
import type { ReplayRules } from './script';
import type { OrchestratorState } from './state';
import { startNextWaiting, waitingStarts } from './start-instance';
import { isFinished, type InboxMessage, type Instance } from './store';
import { versionMismatch, type Answer, type TurnEffects, type TurnWorld } from './turn-world';
import { takesVersion } from './versions';

const customStatusLimitBytes = 16 * 1024;
const dayMs = 86_400_000;

/** Takes one turn of one instance, and commits all of it at once. Undefined if there was nothing to do. */
export async function takeTurn(world: TurnWorld, instanceId: string): Promise<TurnEffects | undefined> {
  const { store } = world;
  if (isEntityInstance(store, instanceId)) return takeEntityTurn(world, instanceId);
  const instance = store.instance(instanceId);
  const messages = store.inbox(instanceId);
  const starts = waitingStarts(messages).filter((message) => message.executionId !== instance?.executionId);
  if (!instance || isFinished(instance.status)) {
    if (messages.length > 0) store.transaction(() => store.consume(messages.map((message) => message.seq)));
    if (starts.length === 0) return undefined;
    store.transaction(() => startNextWaiting(store, starts, world.now()));
    return takeTurn(world, instanceId);
  }
  const refusal = takesVersion(world.versions, instance.version) ? undefined : refusalOf(world, instance, messages);
  if (refusal === 'waits') return undefined;
  const past = store.history(instanceId);
  // A new generation's first turn has its own start as its only news; messages wait for the next.
  const taken = instance.generationStarted ? [] : messages;
  const isMine = (message: (typeof taken)[number]): boolean => message.executionId === null || message.executionId === instance.executionId;
  const waiting = taken.filter(isMine);
  const stale = taken.filter((message) => !isMine(message) && !starts.includes(message));
  if (!instance.generationStarted && waiting.length === 0) {
    store.transaction(() => store.consume(stale.map((message) => message.seq)));
    return undefined;
  }
  const mine = chosen(world, instanceId, waiting);
  if (!mine) return undefined;
  const news = instance.generationStarted ? [] : [orchestratorStarted(world.now()), ...inOrder(mine.map((message) => message.event))];
  const started = instance.generationStarted ? unplayedStart(past) : [...past, ...news];
  const isFirst = !past.some((event) => event.EventType === EventKind.orchestratorCompleted) || instance.generationStarted;

  const answer: Answer = refusal
    ? { state: undefined }
    : await ask(world, instance, turnPayload(instance, started, !isFirst, world.httpSleepMs));
  const replayed: Replayed = refusal ? { decisions: [], ending: refusal, warnings: [] } : settle(world, started, answer);
  for (const warning of replayed.warnings) warnOnce(world, instance, warning);

  return store.transaction(() => {
    // Purged or replaced while the orchestrator ran: nothing of this turn counts any more.
    if (store.instance(instanceId)?.executionId !== instance.executionId) return undefined;
    store.consume([...stale, ...mine].map((message) => message.seq));
    const effects = commitTurn(world, instance, news, answer, replayed);
    if (starts.length > 0) effects.woken.push(instanceId);
    return effects;
  });
}

/** What becomes of an instance of a version that this app does not take. */
function refusalOf(world: TurnWorld, instance: Instance, messages: { event: HistoryEvent }[]): Ending | 'waits' {
  const end = messages.find(({ event }) => event.EventType === EventKind.executionTerminated);
  // Ended from outside, whatever its version (recorded).
  if (end) return { kind: 'terminated', reason: end.event.Input ?? null };
  if (world.versions.failure === 'fail') return { kind: 'failed', message: null, details: versionMismatch };
  // Its messages stay where they are, for a worker of that version.
  world.log(
    'warn',
    `Instance "${instance.id}" is of version "${instance.version}", which this app does not take: it waits.`,
    instance.name,
  );
  return 'waits';
}

/** Every replay finds it again. */
function warnOnce(world: TurnWorld, instance: Instance, warning: string): void {
  const key = `${instance.executionId} ${warning}`;
  if (world.said.has(key)) return;
  world.said.add(key);
  world.log('error', `Instance "${instance.id}": ${warning}`, instance.name);
}

function chosen<Message extends InboxMessage>(world: TurnWorld, instanceId: string, waiting: Message[]): Message[] | undefined {
  if (!world.schedule) return waiting;
  const positions = world.schedule.choose(
    instanceId,
    waiting.map((message) => message.event),
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
  if (!world.isOrchestrator(instance.name)) {
    const known = world.orchestratorNames().map((name) => `'${name}'`);
    return {
      state: undefined,
      failure:
        `The function '${instance.name}' doesn't exist, is disabled, or is not an orchestrator function. ` +
        `Additional info: The following are the known orchestrator functions: ${known.join(', ')}.`,
    };
  }
  let state: OrchestratorState;
  let thrown: string | undefined;
  try {
    const ran = await runOrchestrator(world.registry, instance.name, payload, (level, message) =>
      world.log(toLevel(level), message, instance.name),
    );
    state = ran.state;
    thrown = ran.thrown;
  } catch (error) {
    world.log('error', `Orchestrator "${instance.name}" answered no state: ${String(error)}`, instance.name);
    return { state: undefined };
  }
  await world.onTurn?.({ functionName: instance.name, instanceId: instance.id, payload, response: state });
  if (thrown === undefined) return { state };
  // Extension 3.16.2; the one before it let such an instance run for ever.
  world.log('error', `Instance "${instance.id}" threw something that is no Error, of which nothing is kept. Throw Errors.`, instance.name);
  return { state, failure: `One or more errors occurred. (Result: Failure\nException: ${thrown}\nStack: )` };
}

function settle(world: TurnWorld, history: HistoryEvent[], answer: Answer): Replayed {
  if (answer.failure !== undefined) return { decisions: [], ending: { kind: 'failed', message: answer.failure }, warnings: [] };
  const sizeBytes = answer.state?.customStatus === undefined ? 0 : 2 * JSON.stringify(answer.state.customStatus).length;
  if (sizeBytes > customStatusLimitBytes) {
    const message = `The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. The current payload size is ${Math.floor(sizeBytes / 1024)} KB.`;
    delete answer.state?.customStatus;
    return { decisions: [], ending: { kind: 'failed', message }, warnings: [] };
  }
  const rules: ReplayRules = {
    isActivity: world.isActivity,
    isOrchestrator: world.isOrchestrator,
    isEntity: (name) => world.entities.has(name),
    httpSleepMs: world.httpSleepMs,
    longTimerPieceMs: 3 * dayMs,
    longestTimerMs: 6 * dayMs,
  };
  return replay(history, answer.state, rules);
}
