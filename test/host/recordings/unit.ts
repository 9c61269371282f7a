import type { Ids } from './ids';
import { instanceOf, payloadOf, turnKind, type Invocation } from './recording';

/** One thing that is compared: what the recording has of it, and what we made of it. `own` undefined: it did not come; `recorded` undefined: it came besides. */
export interface Unit {
  file: string;
  at: string;
  recorded: unknown;
  own: unknown;
}

/** Pairs the calls of functions: turns of an instance in their order; of activities, which run side by side, those with the same input. */
export function invocationUnits(
  recorded: Invocation[],
  own: Invocation[],
  ids: Ids,
  keyOf: (one: Invocation, recordedId: (id: string) => string) => string = callKey,
): Unit[] {
  const rest = new Map<string, Invocation[]>();
  for (const one of own) {
    const key = keyOf(one, (id) => ids.recorded(id));
    rest.set(key, [...(rest.get(key) ?? []), one]);
  }
  const pairs = recorded
    .filter((one) => one.kind !== 'httpTrigger' && !one.isDiscarded)
    .map((one): Unit => {
      const found = rest.get(keyOf(one, (id) => id))?.shift();
      const shown = found && (one.isAnswered ? found : { ...found, isAnswered: false });
      return { file: one.file, at: nameOf(one), recorded: compared(one), own: shown && compared(shown) };
    });
  const besides = [...rest.values()]
    .flat()
    .filter((one) => one.kind !== 'httpTrigger')
    .map((one): Unit => ({ file: one.file, at: nameOf(one), recorded: undefined, own: compared(one) }));
  return [...pairs, ...besides];
}

function callKey(one: Invocation, recordedId: (id: string) => string): string {
  if (one.kind === turnKind) return `${one.kind} ${recordedId(payloadOf(one).instanceId)}`;
  const id = instanceOf(one);
  return JSON.stringify([one.kind, one.function, id && recordedId(id), one.kind === 'activityTrigger' ? one.trigger : null]);
}

const nameOf = (one: Invocation): string =>
  one.kind === turnKind
    ? `turn of ${payloadOf(one).instanceId} after ${payloadOf(one).history.length} events`
    : `${one.kind} ${one.function}`;

/** Of a turn, the payload taken apart; of the answer to one that failed the text counts, which holds the state. */
function compared(one: Invocation): unknown {
  const { returnValue, exception, isAnswered } = one;
  const isPayload = one.kind === turnKind || one.kind === 'entityTrigger';
  const trigger = isPayload ? payloadOf(one) : one.trigger;
  return { trigger, ...(!isPayload && { metadata: one.metadata }), ...(isAnswered && { returnValue, exception }) };
}
