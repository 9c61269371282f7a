import { EventKind, type HistoryEvent } from './history';
import type { Script } from './script';
import { ActionKind, type Action, type OrchestratorState } from './state';

/** What was seen of an instance's actions and events so far, so that each turn looks at what is new in it. */
export interface Noticed {
  /** Names that are waited for, and those that were raised; by small letters. */
  waits: Map<string, Set<string>>;
  raised: Map<string, Set<string>>;
  /** Timers by when they are due, and the action that holds them. */
  timers: Map<string, Action>;
}

export const nothingNoticed = (): Noticed => ({ waits: new Map(), raised: new Map(), timers: new Map() });

/**
 * What the real host would hang on, lose or do twice without a word: a sentence each, with what to write instead.
 * @param actions those that the orchestrator answered on top
 * @param events those that came on top
 */
export function astray(script: Script, actions: Action[], events: HistoryEvent[], state: OrchestratorState | undefined): string[] {
  const { noticed } = script;
  return [...lostEvents(script), ...otherCase(noticed, actions, events), ...racedTwice(noticed, actions), ...leftOpen(script, state)];
}

/** Events that an older generation got and left are not handed on. */
function lostEvents(script: Script): string[] {
  if (!script.continued) return [];
  return [...script.buffered]
    .filter(([, count]) => count > 0)
    .map(
      ([name, count]) =>
        `continueAsNew loses ${count === 1 ? 'an event' : `${count} events`} "${name}" that came before it and that nobody waited for. ` +
        'Wait for what may come before you continue as new, or let the sender raise it again until it is answered.',
    );
}

/** The extension takes an event for a wait whatever its case; the package does not, and waits on. */
function otherCase({ waits, raised }: Noticed, actions: Action[], events: HistoryEvent[]): string[] {
  const touched = new Set<string>();
  const note = (into: Map<string, Set<string>>, name: string): void => {
    const key = name.toLowerCase();
    into.set(key, (into.get(key) ?? new Set()).add(name));
    touched.add(key);
  };
  for (const action of flat(actions))
    if (action.actionType === ActionKind.waitForExternalEvent && action.externalEventName !== undefined)
      note(waits, action.externalEventName);
  for (const event of events) if (event.EventType === EventKind.eventRaised && event.Name !== undefined) note(raised, event.Name);
  return [...touched].flatMap((key) => {
    const wanted = waits.get(key) ?? new Set();
    const latest = [...wanted].at(-1);
    if (latest === undefined) return [];
    return [...(raised.get(key) ?? [])].flatMap((name) =>
      wanted.has(name) ? [] : [`The event "${name}" is not taken for "${latest}": names differ by case. Raise "${latest}".`],
    );
  });
}

/** A timer that is put into a second group is made a second time, and from then on results land at the wrong task. */
function racedTwice({ timers }: Noticed, actions: Action[]): string[] {
  for (const action of actions) {
    for (const member of flat([action])) {
      if (member.actionType !== ActionKind.createTimer || member.isCanceled || typeof member.fireAt !== 'string') continue;
      const before = timers.get(member.fireAt);
      if (before && before !== action)
        return [
          `Two groups hold a timer due ${member.fireAt}. If it is one timer raced twice, it is made twice, and results land at the wrong task. ` +
            'Make a fresh timer each round, and cancel it when it lost.',
        ];
      timers.set(member.fireAt, action);
    }
  }
  return [];
}

/** The orchestrator has returned, and the instance waits for what it left. */
function leftOpen(script: Script, state: OrchestratorState | undefined): string[] {
  if (!state?.isDone || script.isSuspended || script.open.size === 0) return [];
  if (!script.returned) {
    const group = script.actions[script.at];
    if (group?.actionType !== ActionKind.whenAll) return [];
    if (!isSecondGroup(script.actions.slice(0, script.at), group))
      return ['It has returned, and stays Running until all of a Task.all are over of which it saw one fail.'];
    return [
      'It has returned, while a group of tasks runs anew: tasks that were in a group before and are put into another run a second time. ' +
        'Put a task into one Task.any or Task.all only.',
    ];
  }
  return [
    `It has returned, and stays Running until ${script.open.size === 1 ? 'the task that it left open is' : `the ${script.open.size} tasks that it left open are`} over. ` +
      'Cancel timers that lost, and race no activity.',
  ];
}

/** Whether an earlier group held one of its tasks. */
function isSecondGroup(earlier: Action[], group: Action): boolean {
  const held = new Set(flat(earlier.filter((action) => action.compoundActions)).map((action) => JSON.stringify(action)));
  return flat([group]).some((action) => held.has(JSON.stringify(action)));
}

const flat = (actions: Action[]): Action[] =>
  actions.flatMap((action) => (action.compoundActions ? flat(action.compoundActions) : [action]));
