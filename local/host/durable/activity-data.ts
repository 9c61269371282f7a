import type { TypedData } from '../functions-core';

/**
 * What an activity's input becomes on its way to the worker (recorded): the JSON text of an object, array, number or string, .NET's text of a boolean, nothing for null.
 * @param json the input's JSON text as `JSON.stringify` wrote it, or null
 */
export function activityInput(json: string | null): { data: TypedData; metadata: TypedData | undefined } {
  if (json === null || json === 'null') return { data: {}, metadata: undefined };
  // Most inputs are written alike on both sides, and need not be taken apart for that.
  if (/^[[{]/.test(json) && !json.includes('$type') && !writtenOtherwise.test(json)) return { data: { string: json }, metadata: { json } };
  const value: unknown = JSON.parse(json);
  const asJson = dotnetJson(value);
  if (typeof value === 'boolean') return { data: { string: value ? 'True' : 'False' }, metadata: { json: asJson } };
  return { data: { string: typeof value === 'string' ? value : asJson }, metadata: { json: asJson } };
}

const writtenOtherwise = /[\u0085\u2028\u2029]/;

/**
 * JSON as .NET writes it, as far as it differs for what is given here: `1E+21` for `1e+21`, line ends of Unicode are escaped, and `$type` is taken for a
 * hint and lost.
 */
function dotnetJson(value: unknown): string {
  const text = JSON.stringify(value, (key, inner: unknown) => (key === '$type' ? undefined : inner));
  if (typeof value === 'number') return text.replace('e', 'E');
  return text.replace(/[\u0085\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const longest = 9223372036854775807n;

/** The JSON text that stands as `Result` in the history for what an activity returned; null for nothing, null and functions (recorded). */
export function activityResult(returned: TypedData | null | undefined): string | null {
  if (!returned) return null;
  if (typeof returned.string === 'string') return dotnetJson(returned.string);
  if (typeof returned.json === 'string') return returned.json;
  if (typeof returned.int === 'number') return int64(returned.int);
  if (typeof returned.double === 'number')
    return Number.isFinite(returned.double) ? JSON.stringify(returned.double) : JSON.stringify(String(returned.double));
  if (returned.bytes) return JSON.stringify(Buffer.from(returned.bytes).toString('base64'));
  return null;
}

/** Whole numbers travel as 64-bit integers; what is larger is cut. */
function int64(value: number): string {
  const exact = BigInt(value);
  if (exact > longest) return longest.toString();
  if (exact < -longest - 1n) return (-longest - 1n).toString();
  return exact.toString();
}

/** What stands in a failed activity's history event. Stack frames of .NET are left out: there is none here. */
export function activityFailure(functionName: string, thrown: unknown): { reason: string; details: string } {
  const message = messageOf(thrown);
  const stack = stackOf(thrown, message);
  // The host cuts the message before a line that looks like its own "Stack:" mark.
  const shown = message.split('\nStack:')[0] ?? '';
  const reason = `Activity function '${functionName}' failed: ${shown}`;
  const details = JSON.stringify({
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: ` ${shown}`,
    Data: null,
    InnerException: {
      $type: 'Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException, Microsoft.Azure.WebJobs.Script',
      IsUserException: false,
      RemoteStackTrace: stack,
      RemoteMessage: message,
      RemoteTypeName: null,
      Message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
      Data: { $type: 'System.Collections.ListDictionaryInternal, System.Private.CoreLib' },
      InnerException: null,
      HelpLink: null,
      Source: 'Microsoft.Azure.WebJobs.Script',
      HResult: -2146233088,
      StackTrace: null,
    },
    HelpURL: null,
    StackTraceString: null,
    RemoteStackTraceString: null,
    RemoteStackIndex: 0,
    ExceptionMethod: null,
    HResult: -2146233088,
    Source: null,
    WatsonBuckets: null,
  });
  return { reason, details };
}

/** What is thrown without being an Error becomes one in the worker, so that its text is the first line of a stack. */
function stackOf(thrown: unknown, message: string): string {
  const given = typeof thrown === 'object' && thrown !== null && 'stack' in thrown ? thrown.stack : undefined;
  return typeof given === 'string' ? given : (new Error(message).stack ?? '');
}

/** The worker's text of what was thrown: an Error's message, a string itself, anything else as JSON. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  // Errors of another realm (jest, vm) are no instances of this one's Error.
  if (typeof thrown === 'object' && thrown !== null && 'stack' in thrown && 'message' in thrown) return String(thrown.message);
  if (typeof thrown === 'string') return thrown;
  // Undefined for a function or a symbol, whatever its type says.
  const text = JSON.stringify(thrown) as string | undefined;
  return text ?? String(thrown);
}
