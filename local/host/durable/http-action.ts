import { future, type Future } from './future';
import { httpActivity, type HttpAsk, type HttpReply } from './http-call';
import { decide, type Script } from './script';
import type { Action, HttpCall } from './state';

/**
 * Runs a `callHttp`: the request as an activity of the extension's own, and, while the answer is 202, a timer and a request of its Location. The package
 * counts the same tasks on its own, from the same answers; where it and the extension read one differently, the log says so.
 */
export function callHttp(script: Script, action: Action): Future {
  const done = future();
  const call = action.httpRequest;
  const fail = (why: string): void => {
    script.warnings.push(`callHttp ${call?.method} ${call?.uri}: ${why}`);
    done.settle(true);
  };
  const ask = (request: HttpAsk): void => {
    const { result } = decide(script, (id) => ({ kind: 'activity', id, name: httpActivity, input: request }));
    result.then(() => {
      const reply = result.failed ? undefined : (JSON.parse(result.value ?? 'null') as HttpReply | null);
      if (reply?.statusCode !== 202 || !request.asynchronousPatternEnabled) done.settle(result.failed);
      else poll(request, headerOf(reply, 'Retry-After'), headerOf(reply, 'Location'));
    });
  };
  const poll = (request: HttpAsk, retryAfter: string | undefined, location: string | undefined): void => {
    if (retryAfter !== undefined && !/^\s*[+-]?\d+\s*$/.test(retryAfter))
      return fail(
        `"Retry-After: ${retryAfter}" is not a number of seconds: the call is never answered, as on the real host. Poll from an activity.`,
      );
    if (location === undefined)
      script.warnings.push(
        `callHttp ${request.method} ${request.uri}: the answer is 202 without a Location. The orchestrator goes on, but its instance stays Running until the ` +
          'time to poll has passed, as on the real host. Set enablePolling to false.',
      );
    const waitMs = retryAfter === undefined ? script.rules.httpSleepMs : Number(retryAfter) * 1000;
    const fireAtMs = script.nowMs + waitMs;
    decide(script, (id) => ({ kind: 'timer', id, fireAtMs })).result.then(() => {
      if (location === undefined) return done.settle(true);
      if (!URL.canParse(location) && !location.startsWith('/'))
        return fail(`the Location "${location}" is not a whole address: the call is never answered, as on the real host.`);
      ask(pollOf(request, location));
    });
  };
  if (call) ask(askOf(call));
  else done.settle(true);
  return done;
}

function headerOf(reply: HttpReply, name: string): string | undefined {
  const value = Object.entries(reply.headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  return Array.isArray(value) ? value.join(',') : value;
}

/** The form of the extension's own request; keys and their order as recorded. */
function askOf(call: HttpCall): HttpAsk {
  return {
    $type: 'Microsoft.Azure.WebJobs.Extensions.DurableTask.DurableHttpRequest, Microsoft.Azure.WebJobs.Extensions.DurableTask',
    method: call.method,
    uri: call.uri,
    headers: call.headers ?? {},
    content: call.content ?? null,
    tokenSource: call.tokenSource ?? null,
    asynchronousPatternEnabled: call.asynchronousPatternEnabled,
    retryOptions: null,
    timeout: null,
  };
}

/** A poll keeps the headers, all but the key of the function that was called first. */
function pollOf(request: HttpAsk, location: string): HttpAsk {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'x-functions-key'));
  return { ...request, method: 'GET', uri: location, headers, content: null };
}
