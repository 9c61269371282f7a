import { expect, test } from '@jest/globals';
import { app, type PostInvocationContext, type PreInvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { registerHook } from '../../local/host/functions-core';
import { benches } from './bench';

const host = benches();

test('hooks run around the app and each call, in order, share their data, and may change what they see', async () => {
  const said: string[] = [];
  const { host: one } = await host(() => {
    app.hook.appStart((context) => {
      context.hookData['from'] = 'start';
      said.push('start');
    });
    app.hook.appTerminate((context) => void said.push(`end, ${String(context.hookData['from'])}`));
    app.hook.preInvocation((context: PreInvocationContext) => {
      said.push(`before ${context.invocationContext.functionName}`);
      context.hookData['mark'] = 'kept';
      context.inputs = [{ query: new Map([['q', 'changed']]) }];
      const { functionHandler } = context;
      context.functionHandler = async (...given) => `<${String(await functionHandler(...given))}>`;
      expect(() => Object.assign(context, { hookData: {} })).toThrow();
    });
    app.hook.postInvocation((context: PostInvocationContext) => {
      said.push(`after ${String(context.hookData['mark'])}`);
      context.result = { body: `${String(context.result)}!` };
    });
    app.http('hooked', { handler: (request) => request.query.get('q') as never });
  });
  expect(await (await fetch(`${one.url}/api/hooked?q=given`)).text()).toBe('<changed>!');
  await one.stop();
  expect(said).toEqual(['start', 'before hooked', 'after kept', 'end, start']);
});

test('a hook after a call may forgive its error, or fail it; its data is of one call alone', async () => {
  const { host: one } = await host(() => {
    const marks: unknown[] = [];
    app.hook.preInvocation((context) => {
      marks.push(context.hookData['mark']);
      context.hookData['mark'] = 1;
    });
    app.hook.postInvocation((context) => {
      if (context.invocationContext.functionName !== 'forgiven') throw new Error('a hook said no');
      context.error = null;
      context.result = { body: JSON.stringify(marks) };
    });
    app.http('forgiven', {
      handler: () => {
        throw new Error('no');
      },
    });
    app.http('failed', { handler: () => ({ body: 'fine' }) });
  });
  expect((await fetch(`${one.url}/api/failed`)).status).toBe(500);
  expect(await (await fetch(`${one.url}/api/forgiven`)).json()).toEqual([null, null]);
});

test('a removed hook does not run; a hook of another name is refused', async () => {
  let runs = 0;
  const { host: one } = await host(() => {
    app.hook.preInvocation(() => void (runs += 1)).dispose();
    app.http('plain', { handler: () => ({}) });
  });
  expect((await fetch(`${one.url}/api/plain`)).status).toBe(200);
  expect(runs).toBe(0);
  expect(() => registerHook('midInvocation', () => {})).toThrow('Unrecognized hook "midInvocation"');
});

test('a log hook sees and changes what is logged, and its failure is nobody else’s', async () => {
  const { host: one, log } = await host(() => {
    app.hook.log((context) => {
      if (context.category !== 'user') return;
      context.message = `${context.invocationContext?.functionName ?? ''}: ${context.message.replace('secret', '…')}`;
      context.level = 'warning';
    });
    app.hook.log(() => {
      throw new Error('no');
    });
    app.http('talks', {
      handler: (_request, context) => {
        context.log('a secret');
        return {};
      },
    });
  });
  expect((await fetch(`${one.url}/api/talks`)).status).toBe(200);
  expect(log).toContainEqual({ level: 'warn', text: 'talks: a …', functionName: 'talks' });
});

test('a log hook knows whose line it is after the call too', async () => {
  const seen: unknown[] = [];
  let late = (): void => {};
  const { host: one } = await host(() => {
    app.hook.log(({ message, invocationContext }) => void seen.push([message, invocationContext?.functionName]));
    app.http('talks', {
      handler: (_request, context) => {
        late = () => context.log('late');
        return {};
      },
    });
  });
  await fetch(`${one.url}/api/talks`);
  late();
  expect(seen).toContainEqual(['late', 'talks']);
});

test('an app whose start hook fails does not start', async () => {
  await expect(
    host(() =>
      app.hook.appStart(() => {
        throw new Error('not today');
      }),
    ),
  ).rejects.toThrow('not today');
});

test('what an app or its hooks keep of a call stays as it was when the call is over: inputs with a history of their own, and a turn’s', async () => {
  const kept: unknown[] = [];
  const load = (withHook: boolean) => (): void => {
    df.app.activity('Step', { handler: (input: unknown) => (kept.push(input), { ok: true }) });
    df.app.orchestration('Story', function* (context) {
      return yield context.df.callActivity('Step', { history: [1, 2] });
    });
    if (withHook) app.hook.postInvocation((context) => void kept.push(...context.inputs));
  };
  for (const withHook of [false, true]) {
    kept.length = 0;
    const one = await host(load(withHook));
    await one.client('startNew', 'Story', { instanceId: 'story' });
    expect(await one.finish('story')).toMatchObject({ output: { ok: true } });
    const lengths = kept.map((input) => (input as { history?: unknown[] }).history?.length).filter((length) => length !== undefined);
    expect(lengths).toEqual(withHook ? [2, 2, 2, 6] : [2]);
  }
});

test('the payload of a turn is let go when the turn is over, however it ended', async () => {
  const contexts: df.OrchestrationContext[] = [];
  const one = await host(() => {
    df.app.orchestration('Story', function* (context) {
      contexts.push(context);
      yield context.df.waitForExternalEvent('go');
      if (context.df.getInput<string>() === 'fails') throw new Error('as asked');
    });
  });
  for (const id of ['ends', 'fails']) {
    await one.client('startNew', 'Story', { instanceId: id, input: id });
    await one.client('raiseEvent', id, 'go', null);
    await one.finish(id);
  }
  expect(contexts.map((context) => Object.values(context.triggerMetadata ?? {}))).toEqual(contexts.map(() => [undefined]));
});
