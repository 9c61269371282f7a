import { describe, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import { benches } from './bench';

const host = benches();

const soon = (context: OrchestrationContext, ms: number): Date => new Date(context.df.currentUtcDateTime.getTime() + ms);

function registerActivities(): void {
  df.app.activity('Hello', { handler: (name: string) => `Hello ${name}` });
  df.app.activity('Fail', {
    handler: () => {
      throw new Error('boom');
    },
  });
}

/** Runs one orchestration to its end. */
async function run(
  story: df.OrchestrationHandler,
  options: { input?: unknown; hostJson?: unknown; register?: () => void } = {},
): Promise<{ output: unknown; runtimeStatus: string; log: string; one: Awaited<ReturnType<typeof host>> }> {
  const one = await host(
    () => {
      registerActivities();
      options.register?.();
      df.app.orchestration('Story', story);
    },
    options.hostJson === undefined ? {} : { hostJson: options.hostJson },
  );
  await one.client('startNew', 'Story', { instanceId: 'story', ...('input' in options && { input: options.input }) });
  const { output, runtimeStatus } = await one.finish('story');
  return { output, runtimeStatus, log: one.log.map((entry) => entry.text).join('\n'), one };
}

describe('what an orchestration is told', () => {
  test('`DurableOrchestrationContext.instanceId`, `DurableOrchestrationContext.parentInstanceId`, `DurableOrchestrationContext.getInput`, `OrchestrationContext.df`', async () => {
    const { output } = await run(
      function* (context) {
        const child: unknown = yield context.df.callSubOrchestrator('Child', { n: 2 }, 'kid');
        return [context.df.instanceId, context.df.parentInstanceId ?? null, context.df.getInput(), child];
      },
      {
        input: { n: 1 },
        register: () => {
          df.app.orchestration('Child', function* (context) {
            return [context.df.instanceId, context.df.parentInstanceId, context.df.getInput()];
          });
        },
      },
    );
    expect(output).toEqual(['story', null, { n: 1 }, ['kid', 'story', { n: 2 }]]);
  });

  test('`DurableOrchestrationContext.version` is the one of host.json or of `StartNewOptions.version`, and a child takes that of host.json or its own', async () => {
    const hostJson = { version: '2.0', extensions: { durableTask: { defaultVersion: '1.5' } } };
    const register = (): void => {
      df.app.orchestration('Child', function* (context) {
        return context.df.version;
      });
    };
    const story: df.OrchestrationHandler = function* (context) {
      const inherited: unknown = yield context.df.callSubOrchestrator('Child');
      return [context.df.version, inherited, yield context.df.callSubOrchestrator('Child', undefined, undefined, '1.2')];
    };
    const { output, one } = await run(story, { hostJson, register });
    expect(output).toEqual(['1.5', '1.5', '1.2']);
    await one.client('startNew', 'Story', { instanceId: 'older', version: '1.4' });
    expect((await one.finish('older')).output).toEqual(['1.4', '1.5', '1.2']);
    expect(
      (
        await run((context) =>
          (function* () {
            return context.df.version ?? null;
          })(),
        )
      ).output,
    ).toBeNull();
  });

  test('`DurableOrchestrationContext.isReplaying` and `DurableOrchestrationContext.currentUtcDateTime`: each turn has its own time, and every replay the same', async () => {
    const seen: [boolean, number][] = [];
    const { output } = await run(function* (context) {
      const fromMs = context.df.currentUtcDateTime.getTime();
      const note = (): void => void seen.push([context.df.isReplaying, context.df.currentUtcDateTime.getTime() - fromMs]);
      note();
      yield context.df.createTimer(soon(context, 1000));
      note();
      yield context.df.createTimer(soon(context, 500));
      note();
      return context.df.currentUtcDateTime.getTime() - fromMs;
    });
    expect(output).toBe(1500);
    expect(seen).toEqual([
      [false, 0],
      [true, 0],
      [false, 1000],
      [true, 0],
      [true, 1000],
      [false, 1500],
    ]);
  });

  test('`DurableOrchestrationContext.newGuid` is the same in every replay, and another each time', async () => {
    const seen: string[][] = [];
    await run(function* (context) {
      const guids = [context.df.newGuid('a'), context.df.newGuid('a')];
      seen.push(guids);
      yield context.df.callActivity('Hello', 'x');
    });
    expect(seen).toHaveLength(2);
    expect(seen[0]).toEqual(seen[1]);
    expect(new Set(seen[0]).size).toBe(2);
    for (const guid of seen[0] ?? []) expect(guid).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  });

  test('`DurableOrchestrationContext.setCustomStatus` and `DurableOrchestrationContext.customStatus`: the last one of each turn is shown, undefined takes it away', async () => {
    const one = await host(() => {
      df.app.orchestration('Story', function* (context) {
        context.df.setCustomStatus('first');
        context.df.customStatus = { at: 1 };
        yield context.df.waitForExternalEvent('go');
        context.df.setCustomStatus(undefined);
        yield context.df.waitForExternalEvent('end');
      });
    });
    await one.client('startNew', 'Story', { instanceId: 'story' });
    await one.host.whenIdle();
    expect((await one.status('story')).customStatus).toEqual({ at: 1 });
    await one.client('raiseEvent', 'story', 'go', 1);
    await one.host.whenIdle();
    expect((await one.status('story')).customStatus).toBeNull();
  });
});

describe('what an orchestration asks for', () => {
  test('`DurableOrchestrationContext.callActivity`, also by what `app.activity` answers', async () => {
    let hello: df.RegisteredActivity;
    const { output } = await run(
      function* (context) {
        return [yield context.df.callActivity('hello', 'by name'), yield hello('by function')];
      },
      { register: () => (hello = df.app.activity('Greet', { handler: (name: string) => `Greetings ${name}` })) },
    );
    expect(output).toEqual(['Hello by name', 'Greetings by function']);
  });

  test('`DurableOrchestrationContext.callActivityWithRetry`, `RegisteredActivityTask.withRetry`: `new RetryOptions`, `RetryOptions.firstRetryIntervalInMilliseconds`, `RetryOptions.maxNumberOfAttempts`, `RetryOptions.backoffCoefficient`, `RetryOptions.maxRetryIntervalInMilliseconds`', async () => {
    let attempts = 0;
    let flaky: df.RegisteredActivity;
    const { output } = await run(
      function* (context) {
        const policy = new df.RetryOptions(1000, 4);
        policy.backoffCoefficient = 2;
        policy.maxRetryIntervalInMilliseconds = 3000;
        const fromMs = context.df.currentUtcDateTime.getTime();
        const first: unknown = yield context.df.callActivityWithRetry('Flaky', policy);
        const waitedMs = context.df.currentUtcDateTime.getTime() - fromMs;
        return [first, waitedMs, policy.firstRetryIntervalInMilliseconds, policy.maxNumberOfAttempts, yield flaky().withRetry(policy)];
      },
      {
        register: () => {
          flaky = df.app.activity('Flaky', {
            handler: () => {
              attempts += 1;
              if (attempts % 4 !== 0) throw new Error(`attempt ${attempts}`);
              return { attempts };
            },
          });
        },
      },
    );
    expect(output).toEqual([{ attempts: 4 }, 1000 + 2000 + 3000, 1000, 4, { attempts: 8 }]);
  });

  test('`RetryOptions.retryTimeoutInMilliseconds`: the extension stops, the package waits on, and the log says what to write', async () => {
    const one = await host(() => {
      registerActivities();
      df.app.orchestration('Story', function* (context) {
        const policy = new df.RetryOptions(1000, 10);
        policy.retryTimeoutInMilliseconds = 1500;
        yield context.df.callActivityWithRetry('Fail', policy);
      });
    });
    await one.client('startNew', 'Story', { instanceId: 'story' });
    await one.host.whenIdle();
    await one.clock.advance(60_000);
    await one.host.whenIdle();
    expect((await one.status('story')).runtimeStatus).toBe('Running');
    expect(one.log.map((entry) => entry.text).join('\n')).toContain('Limit the attempts instead');
  });

  test('`DurableOrchestrationContext.callSubOrchestrator`, `DurableOrchestrationContext.callSubOrchestratorWithRetry`, `RegisteredOrchestrationTask.withRetry`', async () => {
    let attempts = 0;
    let child: df.RegisteredOrchestration;
    const { output } = await run(
      function* (context) {
        const policy = new df.RetryOptions(1000, 2);
        return [
          yield context.df.callSubOrchestratorWithRetry('Child', policy, { n: 1 }),
          yield child({ n: 2 }).withRetry(policy),
          yield context.df.callSubOrchestrator('Child', { n: 3 }),
          yield child({ n: 4 }, 'named'),
        ];
      },
      {
        register: () => {
          child = df.app.orchestration('Child', function* (context) {
            const { n } = context.df.getInput<{ n: number }>();
            // Its own turn, computed once: it asks for nothing.
            attempts += 1;
            if (n <= 2 && attempts % 2 === 1) throw new Error('child failed');
            return [n, context.df.instanceId === 'named'];
          });
        },
      },
    );
    expect(output).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, true],
    ]);
  });

  test('`DurableOrchestrationContext.createTimer`: `TimerTask.cancel`, `TimerTask.isCanceled`; a timer in the past fires at once', async () => {
    const { output, one } = await run(function* (context) {
      yield context.df.createTimer(soon(context, -1000));
      const timer: TimerTask = context.df.createTimer(soon(context, 3_600_000));
      const hello = context.df.callActivity('Hello', 'x');
      const isFirst = (yield context.df.Task.any([hello, timer])) === hello;
      timer.cancel();
      return [isFirst, timer.isCanceled];
    });
    expect(output).toEqual([true, true]);
    expect((await one.status('story')).runtimeStatus).toBe('Completed');
  });

  test('`DurableOrchestrationContext.waitForExternalEvent` is given what was raised, early or late', async () => {
    const one = await host(() => {
      df.app.orchestration('Story', function* (context) {
        return [yield context.df.waitForExternalEvent('a'), yield context.df.waitForExternalEvent('b')];
      });
    });
    await one.client('startNew', 'Story', { instanceId: 'story' });
    await one.client('raiseEvent', 'story', 'b', { early: true });
    await one.host.whenIdle();
    await one.client('raiseEvent', 'story', 'a', [1]);
    expect((await one.finish('story')).output).toEqual([[1], { early: true }]);
  });

  test('`DurableOrchestrationContext.Task.all`, `DurableOrchestrationContext.Task.any`: `Task.isCompleted`, `Task.isFaulted`, `Task.result`', async () => {
    const { output } = await run(function* (context) {
      const tasks = ['a', 'b'].map((name) => context.df.callActivity('Hello', name));
      const before = tasks.map((task) => task.isCompleted);
      const all: unknown = yield context.df.Task.all(tasks);
      const failing = context.df.callActivity('Fail');
      const winner = (yield context.df.Task.any([failing])) as Task;
      let caught = '';
      try {
        yield context.df.Task.all([context.df.callActivity('Fail'), context.df.callActivity('Hello', 'c')]);
      } catch (error) {
        // Not an AggregatedError: the first failure alone (recorded).
        caught = `${(error as Error).constructor.name} ${(error as Error).message.slice(0, 38)}`;
      }
      const state = tasks.map((task) => [task.isCompleted, task.isFaulted, task.result]);
      return {
        before,
        all,
        state,
        winner: [winner === failing, winner.isCompleted, winner.isFaulted, winner.result instanceof Error],
        caught,
      };
    });
    expect(output).toEqual({
      before: [false, false],
      all: ['Hello a', 'Hello b'],
      state: [
        [true, false, 'Hello a'],
        [true, false, 'Hello b'],
      ],
      winner: [true, false, true, true],
      caught: "Error Activity function 'Fail' failed: boom ",
    });
  });

  test('`DurableOrchestrationContext.continueAsNew` begins again with the new input, and nothing after it counts', async () => {
    const { output } = await run(
      function* (context) {
        const n = context.df.getInput<number>();
        yield context.df.callActivity('Hello', `round ${n}`);
        if (n === 2) return 'two';
        context.df.continueAsNew(n + 1);
        return 'ignored';
      },
      { input: 0 },
    );
    expect(output).toBe('two');
  });
});

describe('failures', () => {
  test('`new TaskFailedError`, `TaskFailedError.failureDetails`, `TaskFailedError.taskName`, `TaskFailedError.taskId`: `FailureDetails.errorType`, `FailureDetails.errorMessage`, `FailureDetails.stackTrace`, `FailureDetails.isNonRetriable`, `FailureDetails.properties`, `FailureDetails.innerFailure`, `FailureDetails.isCausedBy`', async () => {
    const { output } = await run(
      function* (context) {
        try {
          yield context.df.callSubOrchestrator('Child', undefined, undefined, '9.9');
          return 'not refused';
        } catch (error) {
          if (!(error instanceof df.TaskFailedError)) return String(error);
          const { failureDetails, taskName, taskId } = error;
          return {
            ...failureDetails,
            isMismatch: failureDetails.isCausedBy('VersionMismatch'),
            shown: [failureDetails.stackTrace ?? null, failureDetails.properties ?? null, failureDetails.innerFailure ?? null],
            task: [taskName, taskId],
          };
        }
      },
      {
        hostJson: { version: '2.0', extensions: { durableTask: { defaultVersion: '1.5', versionFailureStrategy: 'Fail' } } },
        register: () => {
          df.app.orchestration('Child', function* () {});
        },
      },
    );
    expect(output).toEqual({
      errorType: 'VersionMismatch',
      errorMessage: 'Orchestration version did not comply with Worker Versioning',
      isNonRetriable: true,
      isMismatch: true,
      shown: [null, null, null],
      task: ['Child', 0],
    });
    const details = { errorType: 'T', errorMessage: 'm', isNonRetriable: false, isCausedBy: () => false };
    expect(new df.TaskFailedError(details).message).toBe('T: m');
  });

  test('an orchestration that lets the refusal of its child go fails with the same details', async () => {
    const { output, one } = await run(
      function* (context) {
        yield context.df.callSubOrchestrator('Child', undefined, 'kid', '9.9');
      },
      {
        hostJson: { version: '2.0', extensions: { durableTask: { defaultVersion: '1.5', versionFailureStrategy: 'Fail' } } },
        register: () => {
          df.app.orchestration('Child', function* () {});
        },
      },
    );
    const text = 'VersionMismatch: Orchestration version did not comply with Worker Versioning';
    expect(output).toBe(text);
    expect((await one.status('story', 'showHistory=true&showHistoryOutput=true')).historyEvents?.at(-1)).toMatchObject({
      Result: `Orchestrator function 'Story' failed: ${text}`,
      FailureDetails: { ErrorType: 'VersionMismatch', StackTrace: null, IsNonRetriable: true },
    });
    const child = await one.status('kid', 'showHistory=true&showHistoryOutput=true');
    expect(child.output).toBe(text);
    expect(child.historyEvents?.at(-1)).toMatchObject({
      Result: null,
      FailureDetails: { ErrorType: 'VersionMismatch', IsNonRetriable: true },
    });
  });

  test('an orchestration that is failed by a TaskFailedError has its text as output', async () => {
    const { output, runtimeStatus } = await run(function* (context) {
      yield context.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:1/', tokenSource: new df.ManagedIdentityTokenSource('https://x') });
    });
    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(/^Azure.Identity.CredentialUnavailableException: There is no managed identity/);
  });
});

describe('what is the package alone', () => {
  test('`new EntityId`, `EntityId.name`, `EntityId.key`, `EntityId.toString`', () => {
    const id = new df.EntityId('Counter', 'Key');
    expect([id.name, id.key, String(id)]).toEqual(['Counter', 'Key', '@counter@Key']);
    expect(() => new df.EntityId('', 'k')).toThrow('name: Expected non-empty, non-whitespace string');
  });

  test('`new LockingRulesViolationError`, `LockingRulesViolationError.code`, `new LockState`, `new EntityStateResponse`, `new ManagedIdentityTokenSource`', () => {
    const one = new Error('one');
    expect(new df.LockingRulesViolationError('said', { cause: one }).cause).toBe(one);
    expect(df.LockingRulesViolationError.code).toBe('LOCKING_RULES_VIOLATION');
    expect(new df.LockState(true, []).isLocked).toBe(true);
    expect(new df.EntityStateResponse(true, 1)).toEqual({ entityExists: true, entityState: 1 });
    expect(new df.ManagedIdentityTokenSource('r').resource).toBe('r');
  });

  test('`new DummyOrchestrationContext`, `DummyOrchestrationContext.df`, `new DummyEntityContext`, `DummyEntityContext.df` are for tests without a host', () => {
    expect([new df.DummyOrchestrationContext('O').functionName, new df.DummyEntityContext('E').functionName]).toEqual(['O', 'E']);
    expect([new df.DummyOrchestrationContext().df, new df.DummyEntityContext().df]).toEqual([undefined, undefined]);
  });

  test('`new PurgeHistoryResult`, `new AggregatedError`, `AggregatedError.errors` and `new DurableError` are declared, and the package has no such values', () => {
    for (const name of ['PurgeHistoryResult', 'AggregatedError', 'DurableError']) expect(Object.keys(df)).not.toContain(name);
  });
});
