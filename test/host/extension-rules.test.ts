import { describe, expect, test } from '@jest/globals';
import {
  eventRaised,
  eventSent,
  executionResumed,
  executionSuspended,
  executionTerminated,
  orchestratorStarted,
  subOrchestrationCreated,
  subOrchestrationFailed,
  taskFailed,
  taskScheduled,
  timerCreated,
  timerFired,
  type HistoryEvent,
} from '../../local/host/durable/history';
import { replay } from '../../local/host/durable/replay';
import { ActionKind, type Action, type RetryPolicy } from '../../local/host/durable/state';
import { anyApp, begun } from './replay-rules';

/** Ways of the extension's replay that its source gives: DurableOrchestrationContext, TaskOrchestrationContext and RetryInterceptor. */

const dayMs = 86_400_000;
const replayed = (history: HistoryEvent[], actions: Action[], isDone = false) =>
  replay(history, { isDone, actions: [actions], ...(isDone && { output: 'out' }) }, anyApp);
const wait = (externalEventName: string): Action => ({ actionType: ActionKind.waitForExternalEvent, externalEventName });
const call = (functionName: string): Action => ({ actionType: ActionKind.callActivity, functionName });
const timer = (fireAtMs: number, isCanceled = false): Action => ({
  actionType: ActionKind.createTimer,
  fireAt: new Date(fireAtMs).toISOString(),
  isCanceled,
});
const go = (atMs = 0): HistoryEvent => eventRaised('go', '1', atMs);

describe('while suspended', () => {
  const actions = [wait('go'), call('A')];

  test('nothing is scheduled that the turn had decided before; it is after the resumption', () => {
    const history = [...begun(), go(), executionSuspended('r', 0)];
    expect(replayed(history, actions)).toEqual({ decisions: [], warnings: [] });
    const resumed = replayed([...history, orchestratorStarted(1), executionResumed(null, 1)], actions);
    expect(resumed.decisions).toEqual([{ kind: 'activity', id: 0, name: 'A' }]);
  });

  test('an instance that has returned ends, and one that is terminated leaves what was kept back', () => {
    const history = [...begun(), go(), executionSuspended('r', 0)];
    expect(replayed(history, [wait('go')], true).ending).toEqual({ kind: 'completed', output: 'out' });
    expect(replayed([...history, executionTerminated('t', 0)], actions)).toMatchObject({ decisions: [], ending: { kind: 'terminated' } });
  });
});

describe('a retry policy', () => {
  const retried = (more: Partial<RetryPolicy>): Action[] => [
    {
      actionType: ActionKind.callActivityWithRetry,
      functionName: 'A',
      retryOptions: { firstRetryIntervalInMilliseconds: 1000, maxNumberOfAttempts: 3, ...more },
    },
    wait('after'),
  ];
  const failedOnce = (atMs: number): HistoryEvent[] => [
    ...begun(),
    taskScheduled(0, 'A', null, 0),
    orchestratorStarted(atMs),
    taskFailed(0, 'r', 'd', atMs),
  ];

  test('makes no timer once its time limit is over, and goes on to the next action', () => {
    const { decisions, warnings } = replayed(failedOnce(1500), retried({ retryTimeoutInMilliseconds: 1500 }));
    expect([decisions, warnings]).toEqual([[], [expect.stringContaining('ran into its time limit')]]);
    expect(replayed(failedOnce(1499), retried({ retryTimeoutInMilliseconds: 1500 })).decisions).toEqual([
      { kind: 'timer', id: 1, fireAtMs: 2499 },
    ]);
  });

  test('makes its last timer at once, whatever its time limit', () => {
    const policy = { maxNumberOfAttempts: 1, retryTimeoutInMilliseconds: 1 };
    expect(replayed(failedOnce(1500), retried(policy)).decisions).toEqual([{ kind: 'timer', id: 1, fireAtMs: 1500 }]);
  });

  test('makes no timer where there is nothing to wait for', () => {
    for (const policy of [{ maxRetryIntervalInMilliseconds: 0 }, { firstRetryIntervalInMilliseconds: 0.00001 }])
      expect(replayed(failedOnce(1), retried(policy))).toMatchObject({
        decisions: [],
        warnings: [expect.stringContaining('nothing to wait for')],
      });
  });

  test('waits for six days at most, and is not taken if it asks for more', () => {
    const sixDays = { firstRetryIntervalInMilliseconds: 6 * dayMs, backoffCoefficient: 2 };
    const twice = [
      ...failedOnce(0),
      timerCreated(1, 6 * dayMs, 0),
      orchestratorStarted(6 * dayMs),
      timerFired(1, 6 * dayMs, 0),
      taskScheduled(2, 'A', null, 0),
      taskFailed(2, 'r', 'd', 0),
    ];
    expect(replayed(twice, retried(sixDays)).decisions).toEqual([{ kind: 'timer', id: 3, fireAtMs: 12 * dayMs }]);
    for (const policy of [{ firstRetryIntervalInMilliseconds: 6 * dayMs + 1 }, { maxRetryIntervalInMilliseconds: 6 * dayMs + 1 }])
      expect(replayed(begun(), retried(policy))).toMatchObject({
        decisions: [],
        warnings: [expect.stringContaining('more than six days')],
      });
  });

  test('does not repeat a failure that is said to be final', () => {
    const details = {
      ErrorType: 'VersionMismatch',
      ErrorMessage: 'm',
      StackTrace: null,
      InnerFailure: null,
      IsNonRetriable: true,
      Properties: null,
    };
    const history = [
      ...begun(),
      subOrchestrationCreated({ id: 0, name: 'A', version: '9', instanceId: 'c', input: null }, 0),
      orchestratorStarted(1),
      { ...subOrchestrationFailed(0, null, null, 1), FailureDetails: details },
    ];
    const [first = wait('')] = retried({});
    const action = { ...first, actionType: ActionKind.callSubOrchestratorWithRetry };
    expect(replayed(history, [action])).toMatchObject({ decisions: [], warnings: [expect.stringContaining('not to be retried')] });
  });
});

describe('a timer beyond six days', () => {
  test('is made of pieces of three days to its end', () => {
    const history = begun();
    const made: number[] = [];
    for (let id = 0; id < 4; id += 1) {
      const [decision] = replayed(history, [timer(10 * dayMs)]).decisions;
      if (decision?.kind !== 'timer') break;
      made.push(decision.fireAtMs / dayMs);
      history.push(timerCreated(id, decision.fireAtMs, 0), orchestratorStarted(decision.fireAtMs), timerFired(id, decision.fireAtMs, 0));
    }
    expect(made).toEqual([3, 6, 9, 10]);
    expect(replayed(history, [timer(10 * dayMs)], true).ending).toEqual({ kind: 'completed', output: 'out' });
  });

  test('lets none be made in the past meanwhile', () => {
    const race: Action = { actionType: ActionKind.whenAny, compoundActions: [timer(10 * dayMs), timer(0)] };
    const { decisions, warnings } = replayed(begun(), [race, call('A')]);
    expect(decisions.map(({ kind, id }) => [kind, id])).toEqual([
      ['timer', 0],
      ['activity', 1],
    ]);
    expect(warnings[0]).toContain('is not made while a long one runs');
  });
});

describe('a sub-orchestration', () => {
  const child = (instanceId: string): Action => ({ actionType: ActionKind.callSubOrchestrator, functionName: 'Child', instanceId });

  test.each([
    ['SELF', 'that of the caller itself'],
    ['The-Parent', "that of the caller's own parent"],
    ['@a@b', 'begins with "@"'],
  ])('of the id %s is never answered', (id, why) => {
    expect(replayed(begun('the-parent'), [child(id)])).toEqual({ decisions: [], warnings: [expect.stringContaining(why)] });
  });

  test.each(['a/b#c?d', 'x'.repeat(300), 'a@b', "it's"])('of the id %s is started', (instanceId) => {
    expect(replayed(begun('the-parent'), [child(instanceId)]).decisions).toMatchObject([{ kind: 'subOrchestration', instanceId }]);
  });
});

test('a signal to an entity that nobody registered fails the instance, and what went out before it is sent', () => {
  const signal = (instanceId: string): Action => ({ actionType: ActionKind.signalEntity, instanceId, operation: 'add' });
  const { decisions, ending } = replayed(begun(), [signal('@counter@k'), signal('@nowhere@k'), call('A')]);
  expect(decisions).toMatchObject([{ kind: 'send', target: '@counter@k' }]);
  expect(ending).toEqual({
    kind: 'failed',
    message:
      "The function 'nowhere' doesn't exist, is disabled, or is not an entity function. Additional info: The following are the known entity functions: 'Counter'.",
  });
});

test('an orchestrator that fails and signals an entity that nobody registered is not named', () => {
  const actions: Action[] = [{ actionType: ActionKind.signalEntity, instanceId: '@nowhere@k', operation: 'add' }];
  const { ending } = replay(begun(), { isDone: false, actions: [actions], error: 'no' }, anyApp);
  expect(ending).toMatchObject({ kind: 'failed', caught: 'System.ArgumentException' });
});

test.each([
  [null, undefined],
  [undefined, undefined],
  [0, '0'],
  ['', '""'],
])('a call of an entity with %j carries %j', (input, carried) => {
  const action: Action = { actionType: ActionKind.callEntity, instanceId: '@counter@k', operation: 'get', input };
  const [sent] = replayed(begun(), [action]).decisions;
  expect(sent?.kind === 'send' && sent.name === 'op' && sent.message.input).toBe(carried);
});

describe('locks are given back', () => {
  const key = (name: string) => ({ name: 'Counter', key: name });
  const lock: Action = { actionType: ActionKind.lockEntities, lockSet: [key('a'), key('b')] };
  const callOf = (name: string): Action => ({ actionType: ActionKind.callEntity, instanceId: `@counter@${name}`, operation: 'get' });
  /** What follows a message to an entity that is answered. */
  const answered = (history: HistoryEvent[], actions: Action[]): HistoryEvent[] => {
    const [sent] = replayed(history, actions).decisions;
    if (sent?.kind !== 'send' || sent.name !== 'op') throw new Error('Nothing was sent.');
    const { id } = sent.message;
    return [...history, eventSent(sent.id, sent.target, 'op', JSON.stringify({ id }), 1), orchestratorStarted(1), eventRaised(id, '{}', 1)];
  };
  const released = (history: HistoryEvent[], actions: Action[]) => {
    const { decisions, ending } = replayed(history, actions, true);
    return { targets: decisions.flatMap((one) => (one.kind === 'send' && one.name === 'release' ? one.target : [])), ending };
  };

  test('when the orchestrator returns, whatever its instance still waits for', () => {
    const race: Action = { actionType: ActionKind.whenAny, compoundActions: [wait('go'), timer(60_000)] };
    const history = [...answered(begun(), [lock]), timerCreated(1, 60_000, 1), orchestratorStarted(2), go(2)];
    expect(released(history, [lock, race])).toEqual({ targets: ['@counter@a', '@counter@b'] });
  });

  test('in the order in which the entities were last free', () => {
    const history = answered(answered(begun(), [lock]), [lock, callOf('a')]);
    expect(released(history, [lock, callOf('a')]).targets).toEqual(['@counter@b', '@counter@a']);
  });

  test('not by an orchestrator that fails, and the log says so', () => {
    const { decisions, warnings } = replay(answered(begun(), [lock]), { isDone: false, actions: [[lock]], error: 'no' }, anyApp);
    expect([decisions, warnings]).toEqual([[], [expect.stringContaining('It failed while it held the lock of @counter@a, @counter@b')]]);
  });

  test('but for that of an entity that is still to answer', () => {
    const race: Action = { actionType: ActionKind.whenAny, compoundActions: [callOf('b'), wait('go')] };
    const history = [...answered(begun(), [lock]), orchestratorStarted(2), go(2)];
    expect(released(history, [lock, race]).targets).toEqual(['@counter@a']);
  });
});
