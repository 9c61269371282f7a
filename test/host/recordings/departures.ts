import type { ComparedAnswer } from './ask';
import type { Unit } from './unit';
import type { Shape } from './shape';

/**
 * What differs on purpose, by the names that DEPARTURES.md of the host gives to its lines. A departure rewrites what was recorded into what this host does
 * instead: a whole step, or one value where the two differ. What is equal then is no difference; anything else is.
 */
export interface Departure {
  id: string;
  /** The one recording that meets it, where that may not be here. */
  onlyIn?: string;
  /** What was recorded of a step, as this host would have it; undefined where the departure says nothing of it. */
  step?(unit: Unit): unknown;
  /** The same for one value at one place. */
  value?(recorded: Shape, own: Shape, path: string): Shape | undefined;
}

const inText = (recorded: Shape, change: (text: string) => string): Shape | undefined =>
  typeof recorded === 'string' ? change(recorded) : undefined;

export const departures: Departure[] = [
  {
    // Extension 3.16.2 writes one space where 3.15.2 wrote two.
    id: 'one-space',
    value: (recorded) => inText(recorded, (text) => text.replaceAll("' failed:  ", "' failed: ")),
  },
  {
    id: 'thrown-text',
    step: thrownText,
  },
  {
    id: 'dotnet-frames',
    value(recorded, own, path) {
      // What the management API refuses has frames, or an empty text.
      const isOfFailure = /\.(StackTrace|StackTraceString)$/.test(path) && !path.startsWith('error.');
      if (isOfFailure && path !== 'body.StackTrace') return recorded === 'STACK' && own === null ? null : undefined;
      const without = inText(recorded, (text) => text.replaceAll('StackTrace:  STACK', 'StackTrace: '));
      // A status is shown without the spaces at its end.
      return typeof without === 'string' && own === without.trimEnd() ? own : without;
    },
  },
  {
    // The recorded host was a stand-in, with a name of its own.
    id: 'rpc-source',
    value: (recorded, _own, path) =>
      path.endsWith('InnerException.Source') && recorded === 'minihost' ? 'Microsoft.Azure.WebJobs.Script' : undefined,
  },
  {
    id: 'starts-at-once',
    step({ at, recorded, own }) {
      const { ok, result, ...more } = (recorded ?? {}) as { ok?: boolean; result?: unknown };
      const id = at.split(' ')[1];
      const isTaken = at.includes('client.startNew') && ok === true && (!id || result === id) && Object.keys(more).length === 0;
      return isTaken && (own as { ok?: boolean }).ok === false ? refused : undefined;
    },
  },
  {
    id: 'at-names',
    onlyIn: '26-more-timers-events-ids',
    step({ at, recorded, own }) {
      const [theirs, ours] = [recorded, own] as Partial<ComparedAnswer>[];
      const isStart = /orchestrators\/(@|%40)/.test(at) && theirs?.status === 202 && ours?.status === 400;
      const isLook = ours?.status === 404 && String((theirs?.body as { name?: string } | undefined)?.name).startsWith('@');
      return isStart || isLook ? own : undefined;
    },
  },
  {
    id: 'token-texts',
    step: ({ recorded, own }) => tokenTexts(recorded, own),
  },
];

const refusal =
  'The operation failed with an unexpected status code: 409. Details: {"Message":"An Orchestration instance with the status Pending already exists."}';
const refused = { ok: false, error: { ctor: 'Error', name: 'Error', message: refusal, stackTop: `Error: ${refusal}` } };

/** `throw 'text'` in an orchestrator: 3.15.2 let the instance run for ever, 3.16.2 fails it with this text. */
function thrownText({ recorded, own }: Unit): unknown {
  const [theirs, ours] = [recorded, own] as Partial<ComparedAnswer>[];
  const [before, after] = [theirs?.body, ours?.body] as (
    { name?: string; runtimeStatus?: string; output?: unknown; historyEvents?: unknown[] } | undefined
  )[];
  const output = String(after?.output);
  const text = `Orchestrator function '${before?.name}' failed: One or more errors occurred. (Result: Failure\nException: false\n\n$OutOfProcData$:{"isDone":false,"actions":[[]],"schemaVersion":3}\nStack: )`;
  const isOpen =
    theirs?.status === 202 && theirs.headers?.['retry-after'] === '5' && String(theirs.headers['location']).includes('/instances/');
  if (!isOpen || before?.runtimeStatus !== 'Running' || before.output !== null || output !== text) return undefined;
  const end = {
    EventType: 'ExecutionCompleted',
    OrchestrationStatus: 'Failed',
    Result: text,
    FailureDetails: null,
    Timestamp: '2026-01-01T00:00:00Z',
  };
  return {
    status: 200,
    headers: { 'content-type': theirs?.headers?.['content-type'] },
    body: {
      ...before,
      runtimeStatus: 'Failed',
      output: text,
      ...(before.historyEvents && { historyEvents: [...before.historyEvents, end] }),
    },
  };
}

const credential = 'DefaultAzureCredential failed to retrieve a token from the included credentials.';

/** The credential's text names everything that it tried; ours says what is missing. Which kind of error it is stays the same. */
function tokenTexts(recorded: unknown, own: unknown): unknown {
  const text = JSON.stringify(recorded) as string | undefined;
  if (!text?.includes(credential)) return undefined;
  const ours = /"errorMessage":"((?:[^"\\]|\\.)*)"/i.exec(JSON.stringify(own).replaceAll('\\"', '"'))?.[1];
  return ours === undefined ? undefined : shortened(recorded, ours);
}

function shortened(value: unknown, text: string): unknown {
  if (typeof value === 'string') {
    const json = /^\s*[{[]/.test(value) ? (JSON.parse(value) as unknown) : undefined;
    if (json !== undefined) return JSON.stringify(shortened(json, text));
    const at = value.indexOf(credential);
    return at < 0 ? value : value.slice(0, at) + text;
  }
  if (Array.isArray(value)) return value.map((one) => shortened(one, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      // Our error has no cause, and no frames of .NET.
      .filter(([key]) => !['stackTrace', 'innerFailure'].includes(key))
      .map(([key, one]) => [key, /^(InnerFailure|StackTrace)$/.test(key) ? null : shortened(one, text)]),
  );
}
