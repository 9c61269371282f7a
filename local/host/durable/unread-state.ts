import { system, type DotnetError } from './dotnet-error';
import type { Action, OrchestratorState } from './state';

const customStatusLimitBytes = 16 * 1024;

/**
 * Why the extension takes nothing of an orchestrator's answer, in its own words; undefined where it reads it.
 * @param known how many actions stand before those of `state`: they were read before
 */
export const whyUnread = (state: OrchestratorState, known: number): DotnetError | undefined =>
  (state.actions[0] ?? []).map((action, at) => badTime(action, `actions[0][${known + at}]`)).find(Boolean) ?? tooLongStatus(state);

/** A time that .NET cannot read: an invalid date arrives as null, and no year has more than four digits. */
function badTime(action: Action, path: string): DotnetError | undefined {
  if (action.fireAt === null)
    return json('SerializationException', `Error converting value {null} to type 'System.DateTime'. Path '${path}.fireAt'.`);
  if (action.fireAt !== undefined && !/^\d{4}-/.test(action.fireAt))
    return json('ReaderException', `Could not convert string to DateTime: ${action.fireAt}. Path '${path}.fireAt'.`);
  return (action.compoundActions ?? []).map((member, at) => badTime(member, `${path}.compoundActions[${at}]`)).find(Boolean);
}

const json = (name: string, message: string): DotnetError => ({ type: `Newtonsoft.Json.Json${name}`, message });

function tooLongStatus(state: OrchestratorState): DotnetError | undefined {
  const sizeBytes = state.customStatus === undefined ? 0 : 2 * JSON.stringify(state.customStatus).length;
  if (sizeBytes <= customStatusLimitBytes) return undefined;
  const is = Math.floor(sizeBytes / 1024);
  return system(
    'ArgumentException',
    `The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. The current payload size is ${is} KB.`,
  );
}
