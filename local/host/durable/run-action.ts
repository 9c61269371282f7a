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
  const version = action.version || null;
  return call(
    script,
    action,
    () => decide(script, (id) => ({ kind: 'subOrchestration', id, name, input: action.input, instanceId, version })).result,
  );
}

function call(script: Script, action: Action, start: () => Future): Future {
  return action.retryOptions ? retried(script, start, action.retryOptions) : start();
}

const timer = (script: Script, fireAtMs: number): { id: number; result: Future } =>
  decide(script, (id) => ({ kind: 'timer', id, fireAtMs }));

/** After a failure a timer, then the next attempt; after the last failure one more timer, due at once (recorded). */
function retried(script: Script, start: () => Future, policy: RetryPolicy): Future {
  const done = future();
  const giveUpMs = script.nowMs + (policy.retryTimeoutInMilliseconds ?? Infinity);
  const attempt = (n: number): void => {
    const one = start();
    one.then(() => {
      if (!one.failed) {
        done.settle();
        return;
      }
      const isLast = n >= policy.maxNumberOfAttempts || script.nowMs >= giveUpMs;
      if (isLast && n < policy.maxNumberOfAttempts) {
        script.warnings.push(
          'A retry policy ran into its time limit: the package goes on waiting for the next attempt, for ever. Limit the attempts instead.',
        );
      }
      const waitMs = isLast ? 0 : retryDelayMs(policy, n);
      timer(script, script.nowMs + waitMs).result.then(() => (isLast ? done.settle(true) : attempt(n + 1)));
    });
  };
  attempt(1);
  return done;
}

function retryDelayMs(policy: RetryPolicy, attempt: number): number {
  const delayMs = policy.firstRetryIntervalInMilliseconds * (policy.backoffCoefficient ?? 1) ** (attempt - 1);
  return Math.min(delayMs, policy.maxRetryIntervalInMilliseconds ?? Infinity);
}

function createTimer(script: Script, action: Action): Future {
  const fireAtMs = typeof action.fireAt === 'string' ? Date.parse(action.fireAt) : NaN;
  if (Number.isNaN(fireAtMs)) throw new Breach("Error converting value {null} to type 'System.DateTime'. Path 'actions[0][0].fireAt'.");
  const done = future();
  const isLong = (): boolean => fireAtMs - script.nowMs > script.rules.longestTimerMs;
  const hasPieces = isLong();
  const piece = (): void => {
    const { id, result } = timer(script, isLong() ? script.nowMs + script.rules.longTimerPieceMs : fireAtMs);
    if (action.isCanceled) {
      // A cancelled timer counts as settled and holds nothing open; its message still comes when it is due.
      script.open.delete(id);
      done.settle(true);
      return;
    }
    result.then(() => (hasPieces && script.nowMs < fireAtMs ? piece() : done.settle()));
  };
  piece();
  return done;
}
