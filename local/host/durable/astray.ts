import { EventKind, type HistoryEvent } from './history';
import type { Script } from './script';
import { ActionKind, type Action, type OrchestratorState } from './state';

/** What the real host would hang on, lose or do twice without a word: a sentence each, with what to write instead. Pure. */
export function astray(script: Script, history: HistoryEvent[], state: OrchestratorState | undefined): string[] {
  return [...lostEvents(script), ...otherCase(script.actions, history), ...racedTwice(script.actions), ...leftOpen(script, state)];
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
function otherCase(actions: Action[], history: HistoryEvent[]): string[] {
  const waits = flat(actions).flatMap((action) =>
    action.actionType === ActionKind.waitForExternalEvent ? (action.externalEventName ?? []) : [],
  );
  const exact = new Set(waits);
  const byLower = new Map(waits.map((name) => [name.toLowerCase(), name]));
  const raised = new Set(history.flatMap((event) => (event.EventType === EventKind.eventRaised ? (event.Name ?? []) : [])));
  return [...raised].flatMap((name) => {
    const wanted = exact.has(name) ? undefined : byLower.get(name.toLowerCase());
    return wanted === undefined ? [] : [`The event "${name}" is not taken for "${wanted}": names differ by case. Raise "${wanted}".`];
  });
}

/** A timer that is put into a second group is made a second time, and from then on results land at the wrong task. */
function racedTwice(actions: Action[]): string[] {
  const seen = new Map<string, Action>();
  for (const action of actions) {
    for (const member of flat([action])) {
      if (member.actionType !== ActionKind.createTimer || member.isCanceled || typeof member.fireAt !== 'string') continue;
      const before = seen.get(member.fireAt);
      if (before && before !== action)
        return [
          `Two groups hold a timer due ${member.fireAt}. If it is one timer raced twice, it is made twice, and results land at the wrong task. ` +
            'Make a fresh timer each round, and cancel it when it lost.',
        ];
      seen.set(member.fireAt, action);
    }
  }
  return [];
}

/** The orchestrator has returned, and the instance waits for what it left. */
function leftOpen(script: Script, state: OrchestratorState | undefined): string[] {
  if (!state?.isDone || script.continued || script.suspended || script.open.size === 0) return [];
  if (!script.returned) {
    if (script.actions[script.at]?.actionType !== ActionKind.whenAll) return [];
    return [
      'It has returned, while a group of tasks runs anew: tasks that were in a group before and are put into another run a second time. ' +
        'Put a task into one Task.any or Task.all only.',
    ];
  }
  return [
    `It has returned, and stays Running until ${script.open.size === 1 ? 'the task' : `the ${script.open.size} tasks`} that it left open are over. ` +
      'Cancel timers that lost, and race no activity.',
  ];
}

const flat = (actions: Action[]): Action[] =>
  actions.flatMap((action) => (action.compoundActions ? flat(action.compoundActions) : [action]));
