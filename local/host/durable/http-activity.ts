import { messageOf } from './activity-data';
import type { DotnetError } from './dotnet-error';
import { failureDetails, taskCompleted, taskFailed, type HistoryEvent } from './history';
import { sendHttp, type HttpAsk } from './http-call';
import { whyNotMade, whyNotSent } from './http-refusal';
import { fetchToken, NoIdentity, type IdentityEndpoint } from './identity-token';
import type { ActivityTask } from './open-work';

export interface HttpWorld {
  now(): number;
  identity: IdentityEndpoint | undefined;
}

/** Sends what a `callHttp` asks for, and answers the event that tells of it. */
export async function httpActivityEvent(world: HttpWorld, task: ActivityTask): Promise<HistoryEvent> {
  const ask = JSON.parse(task.input ?? 'null') as HttpAsk;
  try {
    const refused = (why: DotnetError): HistoryEvent => unhandled(task.eventId, why, world.now());
    const notMade = whyNotMade(ask);
    if (notMade) return refused(notMade);
    const token = ask.tokenSource ? await fetchToken(world.identity, ask.tokenSource) : undefined;
    const notSent = whyNotSent(ask);
    if (notSent) return refused(notSent);
    return taskCompleted(task.eventId, JSON.stringify(await sendHttp(ask, token)), world.now());
  } catch (error) {
    if (error instanceof NoIdentity) return unhandled(task.eventId, { type: noCredential, message: error.message }, world.now());
    return notAnswered(task.eventId, ask, error, world.now());
  }
}

const noCredential = 'Azure.Identity.CredentialUnavailableException';

/** A failure that the framework itself catches carries its details with it, so the package makes a TaskFailedError of it (recorded). */
function unhandled(eventId: number, { type, message }: DotnetError, nowMs: number): HistoryEvent {
  return {
    ...taskFailed(eventId, message, `Unhandled exception while executing task: ${type}: ${message}`, nowMs),
    FailureDetails: failureDetails({ ErrorType: type, ErrorMessage: message }),
  };
}

const refusals: Record<string, { text: string; number: number }> = {
  ECONNREFUSED: { text: 'Connection refused', number: 111 },
  ENOTFOUND: { text: 'Name or service not known', number: -131073 },
  EAI_AGAIN: { text: 'Name or service not known', number: -131073 },
  ETIMEDOUT: { text: 'Connection timed out', number: 110 },
};

/** Keys as recorded; stack frames of .NET are left out, because there is none here. */
function notAnswered(eventId: number, ask: HttpAsk, error: unknown, nowMs: number): HistoryEvent {
  const found = refusals[(error as NodeJS.ErrnoException).code ?? ''];
  const where = URL.canParse(ask.uri) ? whereOf(new URL(ask.uri)) : ask.uri;
  const reason = found ? `${found.text} (${where})` : messageOf(error);
  const details = {
    $type: 'System.Net.Http.HttpRequestException, System.Net.Http',
    HttpRequestError: 2,
    StatusCode: null,
    Message: reason,
    Data: { $type: 'System.Collections.ListDictionaryInternal, System.Private.CoreLib' },
    InnerException: found && {
      $type: 'System.Net.Sockets.SocketException, System.Net.Primitives',
      ClassName: 'System.Net.Sockets.SocketException',
      Message: found.text,
      Data: null,
      InnerException: null,
      HelpURL: null,
      StackTraceString: null,
      RemoteStackTraceString: null,
      RemoteStackIndex: 0,
      ExceptionMethod: null,
      HResult: -2147467259,
      Source: 'System.Net.Sockets',
      WatsonBuckets: null,
      NativeErrorCode: found.number,
    },
    HelpLink: null,
    Source: 'System.Net.Http',
    HResult: -2147467259,
    StackTrace: null,
  };
  return taskFailed(eventId, reason, JSON.stringify(details), nowMs);
}

const whereOf = (url: URL): string => `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
