import { entityAction } from './entity-actions';
import { future, settledFuture, whenAll, whenAny, type Future } from './future';
import { callHttp } from './http-action';
import { waitForEvent } from './run-event';
import { Breach, decide, type Script } from './script';
import { ActionKind, type Action, type RetryPolicy } from './state';

/** Runs one of the orchestrator's actions; what it answers settles when the extension would go on to the next. */
export function runAction(script: Script, action: Action): Future {
  switch (action.actionType) {
    case ActionKind.callActivity:
    case ActionKind.callActivityWithRetry:
      return callActivity(script, action);
    case ActionKind.callSubOrchestrator:
    case ActionKind.callSubOrchestratorWithRetry:
      return callSubOrchestrator(script, action);
    case ActionKind.createTimer:
      return createTimer(script, action);
    case ActionKind.waitForExternalEvent:
      return waitForEvent(script, action.externalEventName ?? '');
    case ActionKind.continueAsNew:
      script.continued = { input: action.input, carried: [] };
      return settledFuture();
    case ActionKind.whenAny:
      return whenAny((action.compoundActions ?? []).map((member) => runAction(script, member)));
    case ActionKind.whenAll:
      return whenAll((action.compoundActions ?? []).map((member) => runAction(script, member)));
    case ActionKind.callHttp:
      return callHttp(script, action);
    case ActionKind.callEntity:
    case ActionKind.signalEntity:
    case ActionKind.lockEntities:
    case ActionKind.releaseEntities:
      return entityAction(script, action);
    default:
      throw new Breach(`The embedded host does not know the orchestrator action of type ${action.actionType} yet.`);
  }
}

const neverAnswered = (what: string, name: string): string =>
  `No ${what} named "${name}" is registered: this call is never answered, as on the real host. Register it, or correct the name.`;

function callActivity(script: Script, action: Action): Future {
  const name = action.functionName ?? '';
  if (!script.rules.isActivity(name)) {
    script.warnings.push(neverAnswered('activity', name));
    return settledFuture(true);
  }
  return call(script, action, () => decide(script, (id) => ({ kind: 'activity', id, name, input: action.input })).result);
}

function callSubOrchestrator(script: Script, action: Action): Future {
  const name = action.functionName ?? '';
  if (!script.rules.isOrchestrator(name)) {
    script.warnings.push(neverAnswered('orchestrator', name));
    return settledFuture(true);
  }
  const instanceId = action.instanceId || null;
  const why = instanceId === null ? undefined : whyNoChild(script, instanceId);
  if (why !== undefined) {
    script.warnings.push(
      `The sub-orchestration id "${instanceId}" ${why}: this call is never answered, as on the real host. Take another id.`,
    );
    return settledFuture(true);
  }
  const version = action.version || null;
  return call(
    script,
    action,
    () => decide(script, (id) => ({ kind: 'subOrchestration', id, name, input: action.input, instanceId, version })).result,
  );
}

function whyNoChild(script: Script, id: string): string | undefined {
  const isOf = (other: string | undefined): boolean => other !== undefined && other.toLowerCase() === id.toLowerCase();
  if (isOf(script.instanceId)) return 'is that of the caller itself';
  if (isOf(script.parentId)) return "is that of the caller's own parent";
  return id.startsWith('@') ? 'begins with "@"' : undefined;
}

function call(script: Script, action: Action, start: () => Future): Future {
  const { retryOptions: policy } = action;
  if (!policy) return start();
  if (Math.max(policy.firstRetryIntervalInMilliseconds, policy.maxRetryIntervalInMilliseconds ?? 0) <= script.rules.longestTimerMs)
    return retried(script, start, policy);
  script.warnings.push(
    `A retry policy waits for more than six days: the call of "${action.functionName}" is never answered, as on the real host. Wait for less.`,
  );
  return settledFuture(true);
}

const timer = (script: Script, fireAtMs: number): { id: number; result: Future } =>
  decide(script, (id) => ({ kind: 'timer', id, fireAtMs }));

/**
 * After a failure a timer, then the next attempt; after the last failure one more timer, due at once (recorded). Where the extension gives up before the
 * last attempt it makes no timer, and the package waits for one.
 */
function retried(script: Script, start: () => Future, policy: RetryPolicy): Future {
  const done = future();
  const giveUpMs = script.nowMs + (policy.retryTimeoutInMilliseconds ?? Infinity);
  const giveUp = (why: string): void => {
    script.warnings.push(
      `${why}: the package goes on waiting for the next attempt, for ever, as on the real host. Limit the attempts instead.`,
    );
    done.settle(true);
  };
  const attempt = (n: number): void => {
    const one = start();
    one.then(() => {
      if (!one.failed) return done.settle();
      if (one.isFinal) return giveUp('A retry policy met a failure that is not to be retried');
      if (n >= policy.maxNumberOfAttempts) return timer(script, script.nowMs).result.then(() => done.settle(true));
      if (script.nowMs >= giveUpMs) return giveUp('A retry policy ran into its time limit');
      const waitMs = retryDelayMs(policy, n, script.rules.longestTimerMs);
      // .NET counts in ten-thousandths of a millisecond.
      if (waitMs < 1e-4) return giveUp('A retry policy has nothing to wait for');
      timer(script, script.nowMs + waitMs).result.then(() => attempt(n + 1));
    });
  };
  attempt(1);
  return done;
}

function retryDelayMs(policy: RetryPolicy, attempt: number, mostMs: number): number {
  const delayMs = policy.firstRetryIntervalInMilliseconds * (policy.backoffCoefficient ?? 1) ** (attempt - 1);
  return Math.min(delayMs, policy.maxRetryIntervalInMilliseconds ?? mostMs);
}

function createTimer(script: Script, action: Action): Future {
  const fireAtMs = Date.parse(action.fireAt ?? '');
  const { longestTimerMs, longTimerPieceMs } = script.rules;
  const done = future();
  const over = (): void => {
    script.isLongTimer = false;
    done.settle();
  };
  const piece = (untilMs: number): void => {
    const { id, result } = timer(script, untilMs);
    if (action.isCanceled) {
      // A cancelled timer counts as settled and holds nothing open; its message still comes when it is due.
      script.open.delete(id);
      done.settle(true);
      return;
    }
    result.then(() => (hasPieces && script.nowMs < fireAtMs ? piece(Math.min(fireAtMs, script.nowMs + longTimerPieceMs)) : over()));
  };
  const isLong = fireAtMs - script.nowMs > longestTimerMs;
  // The extension notes in one place for all timers that one is made of pieces.
  script.isLongTimer ||= isLong;
  const hasPieces = script.isLongTimer;
  if (!hasPieces || fireAtMs > script.nowMs) piece(isLong ? script.nowMs + longTimerPieceMs : fireAtMs);
  else {
    script.warnings.push(
      `A timer due ${action.fireAt} is not made while a long one runs: results land at the wrong task. Make none in the past.`,
    );
    over();
  }
  return done;
}
