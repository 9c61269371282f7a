import { describe, expect, test } from '@jest/globals';
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
