import { describe, expect, test } from '@jest/globals';
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { benches } from './bench';

const host = benches();

describe('failing', () => {
  test('a custom status over 16 KB fails the instance', async () => {
    const one = await host(() => {
      df.app.orchestration('Large', function* (context) {
        context.df.setCustomStatus('x'.repeat(context.df.getInput<number>()));
        yield context.df.waitForExternalEvent('go');
      });
    });
    await one.client('startNew', 'Large', { instanceId: 'small', input: 8000 });
    await one.client('startNew', 'Large', { instanceId: 'large', input: 16_000 });
    await one.host.whenIdle();
    expect((await one.status('small')).runtimeStatus).toBe('Running');
    expect(await one.status('large')).toMatchObject({
      runtimeStatus: 'Failed',
      output:
        "Orchestrator function 'Large' failed: The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. The current payload size is 31 KB.",
    });
  });

  test('an orchestrator that nobody registered fails with the names that are known', async () => {
    const one = await host(() => {
      df.app.orchestration('Known', function* () {});
    });
    await one.client('startNew', 'NoSuch', { instanceId: 'none' });
    expect((await one.finish('none')).output).toBe(
      "Orchestrator function 'NoSuch' failed: The function 'NoSuch' doesn't exist, is disabled, or is not an orchestrator function. " +
        "Additional info: The following are the known orchestrator functions: 'Known'.",
    );
  });

  test('an orchestrator that changed under a running instance fails as non-deterministic', async () => {
    let name = 'A';
    const ran: string[] = [];
    const one = await host(() => {
      for (const activity of ['A', 'B']) df.app.activity(activity, { handler: () => void ran.push(activity) });
      df.app.orchestration('Changing', function* (context) {
        yield context.df.callActivity(name);
        yield context.df.waitForExternalEvent('go');
      });
    });
    await one.client('startNew', 'Changing', { instanceId: 'changing' });
    await one.host.whenIdle();
    name = 'B';
    await one.client('raiseEvent', 'changing', 'go', 1);
    const end = await one.finish('changing');
    expect(end.runtimeStatus).toBe('Failed');
    expect(end.output).toBe(
      "Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task with sequence number 0 named 'A', but the " +
        "current orchestration replay instead scheduled an activity task named 'B' with this sequence number.  Was a change made to the orchestrator code " +
        'after this instance had already started running?',
    );
    // The activity of the changed name was scheduled under a number that is taken: the real extension cannot show such a history, and it runs.
    expect(await one.status('changing', 'showHistory=true')).toMatchObject({
      httpStatus: 400,
      ExceptionMessage: 'An item with the same key has already been added. Key: TaskScheduled_0',
    });
    expect(ran).toEqual(['A', 'B']);
  });

  test('throwing text fails the instance without the text, and the log says so', async () => {
    const one = await host(() => {
      df.app.orchestration('Text', function* () {
        throw 'text';
      });
    });
    await one.client('startNew', 'Text', { instanceId: 'text' });
    await one.host.whenIdle();
    expect(await one.status('text')).toMatchObject({
      runtimeStatus: 'Failed',
      output:
        "Orchestrator function 'Text' failed: One or more errors occurred. (Result: Failure\nException: false\n\n" +
        '$OutOfProcData$:{"isDone":false,"actions":[[]],"schemaVersion":3}\nStack: )',
    });
    expect(one.log.map((entry) => entry.text).join('\n')).toContain('"text" threw something that is no Error');
  });

  test('an answer that the extension cannot read fails the instance; once something was scheduled, as non-deterministic', async () => {
    const missing =
      "Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task with sequence ID 0 and name 'Do' (version ''), " +
      "but the current replay execution hasn't (yet?) scheduled this task. Was a change made to the orchestrator code after this instance had already started running?";
    const noDate = (path: string): string =>
      `Orchestrator function 'O' failed: Error converting value {null} to type 'System.DateTime'. Path '${path}.fireAt'.`;
    const endOf = async (story: df.OrchestrationHandler): Promise<unknown> => {
      const one = await host(() => {
        df.app.activity('Do', { handler: () => 'done' });
        df.app.orchestration('O', story);
      });
      await one.client('startNew', 'O', { instanceId: 'o' });
      await one.client('raiseEvent', 'o', 'go', 1);
      return (await one.finish('o')).output;
    };
    const never = new Date(NaN);
    expect(
      await endOf(function* (context) {
        yield context.df.waitForExternalEvent('go');
        yield context.df.Task.any([context.df.callActivity('Do'), context.df.createTimer(never)]);
      }),
    ).toBe(noDate('actions[0][1].compoundActions[1]'));
    expect(
      await endOf(function* (context) {
        yield context.df.createTimer(new Date(8.64e15));
      }),
    ).toBe(
      "Orchestrator function 'O' failed: Could not convert string to DateTime: +275760-09-13T00:00:00.000Z. Path 'actions[0][0].fireAt'.",
    );
    expect(
      await endOf(function* (context) {
        yield context.df.callActivity('Do');
        yield context.df.createTimer(never);
      }),
    ).toBe(missing);
    expect(
      await endOf(function* (context) {
        yield context.df.callActivity('Do');
        context.df.setCustomStatus('x'.repeat(16_000));
        yield context.df.waitForExternalEvent('never');
      }),
    ).toBe(missing);
  });

  test('an orchestrator that fails with an answer that cannot be read is not named', async () => {
    const one = await host(() => {
      df.app.orchestration('O', function* (context) {
        context.df.setCustomStatus('x'.repeat(16_000));
        throw new Error('and this');
      });
      df.app.orchestration('Parent', function* (context) {
        yield context.df.callSubOrchestrator('O');
      });
    });
    const text = 'The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. The current payload size is 31 KB.';
    await one.client('startNew', 'O', { instanceId: 'o' });
    expect((await one.finish('o')).output).toBe(text);
    await one.client('startNew', 'Parent', { instanceId: 'p' });
    expect((await one.finish('p')).output).toBe(
      `Orchestrator function 'Parent' failed: ${text} \n Unhandled exception while executing orchestration: System.ArgumentException: ${text}`,
    );
  });

  test('a call that fails before the orchestrator is asked fails the instance', async () => {
    const one = await host(() => {
      df.app.orchestration('O', function* () {});
      app.hook.preInvocation(({ invocationContext }) => {
        if (invocationContext.functionName === 'O') throw new Error('not this one');
      });
    });
    await one.client('startNew', 'O', { instanceId: 'o' });
    expect((await one.finish('o')).output).toMatch(
      /^Orchestrator function 'O' failed: One or more errors occurred\. \(Result: Failure\nException: not this one\nStack: Error: not this one\n[^]*\)$/,
    );
  });

  test('a child that fails as non-deterministic tells its parent in the framework’s own words', async () => {
    let name = 'A';
    const one = await host(() => {
      for (const activity of ['A', 'B']) df.app.activity(activity, { handler: () => 'done' });
      df.app.orchestration('Child', function* (context) {
        yield context.df.callActivity(name);
        yield context.df.waitForExternalEvent('go');
      });
      df.app.orchestration('Parent', function* (context) {
        yield context.df.callSubOrchestrator('Child', {}, 'kid');
      });
    });
    await one.client('startNew', 'Parent', { instanceId: 'p' });
    await one.host.whenIdle();
    name = 'B';
    await one.client('raiseEvent', 'kid', 'go', 1);
    await one.finish('p');
    const { historyEvents } = await one.status('p', 'showHistory=true');
    const failed = historyEvents?.find((event) => event['EventType'] === 'SubOrchestrationInstanceFailed');
    expect(failed?.['Details']).toBe(
      `Unhandled exception while executing orchestration: DurableTask.Core.Exceptions.NonDeterministicOrchestrationException: ${String(failed?.['Reason'])}\n\t`,
    );
  });

  test('a child that is terminated fails its parent as non-deterministic', async () => {
    const one = await host(() => {
      df.app.orchestration('Child', function* (context) {
        yield context.df.waitForExternalEvent('never');
      });
      df.app.orchestration('Parent', function* (context) {
        yield context.df.callSubOrchestrator('Child', {}, 'the-child');
      });
    });
    await one.client('startNew', 'Parent', { instanceId: 'parent' });
    await one.host.whenIdle();
    await one.client('terminate', 'the-child', 'enough');
    expect((await one.finish('parent')).output).toContain('Non-Deterministic workflow detected');
  });
});

test('every turn is shown before it is committed; a rejection breaks the host', async () => {
  const turns: string[] = [];
  const one = await host(
    () => {
      df.app.orchestration('Watched', function* (context) {
        yield context.df.waitForExternalEvent('go');
      });
    },
    {
      onTurn: (turn) => {
        turns.push(`${turn.functionName} ${turn.instanceId} ${turn.response.actions[0]?.length}`);
        if (turns.length === 2) throw new Error('not like this');
      },
    },
  );
  await one.client('startNew', 'Watched', { instanceId: 'watched' });
  await one.host.whenIdle();
  await one.client('raiseEvent', 'watched', 'go', 1);
  await expect(one.host.whenIdle()).rejects.toThrow('not like this');
  await expect(one.host.whenBroken).rejects.toThrow('not like this');
  expect(turns).toEqual(['Watched watched 1', 'Watched watched 1']);
});
