/*
 * Orchestrations of every kind that go on for a while, for killed.long.test.ts. Each activity leaves a line in the file that EFFECTS names: who
 * asked for it, and which of its steps it was. `input.steps` says how long an orchestration goes on.
 */
const fs = require('node:fs');
const { app } = require('@azure/functions');
const df = require('durable-functions');

const leave = (instanceId, step) => fs.appendFileSync(process.env.EFFECTS, `${instanceId} ${step}\n`);

df.app.activity('Step', {
  handler: ({ instanceId, step }) => {
    leave(instanceId, step);
    return { step };
  },
});
df.app.activity('Fails', {
  handler: ({ instanceId, step }) => {
    leave(instanceId, step);
    throw new Error('as it should');
  },
});

df.app.entity('Counter', (context) => {
  const count = context.df.getState(() => 0);
  if (context.df.operationName === 'add') context.df.setState(count + context.df.getInput());
  context.df.return(context.df.operationName === 'add' ? count + context.df.getInput() : count);
});

const stepMs = 60;
const pause = (context) => context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + stepMs));
const asked = (context, step) => ({ instanceId: context.df.instanceId, step: String(step) });

/** One step of each kind; `step` numbers them. */
const kinds = {
  *Chain(context, step) {
    yield context.df.callActivity('Step', asked(context, step));
  },
  *FanOut(context, step) {
    yield context.df.Task.all([0, 1, 2, 3].map((part) => context.df.callActivity('Step', asked(context, `${step}.${part}`))));
  },
  *Parent(context, step) {
    yield context.df.callSubOrchestrator('Child', { step }, `${context.df.instanceId}-child-${step}`);
  },
  *Race(context, step) {
    const event = context.df.waitForExternalEvent(`go-${step}`);
    const late = pause(context);
    const first = yield context.df.Task.any([event, late]);
    if (first === event) late.cancel();
    yield context.df.callActivity('Step', asked(context, step));
  },
  *Calls(context, step) {
    const counted = yield context.df.callEntity(new df.EntityId('Counter', context.df.instanceId), 'add', 1);
    if (counted !== step + 1) throw new Error(`Step ${step} was counted as ${counted}.`);
  },
  *Signals(context) {
    context.df.signalEntity(new df.EntityId('Counter', context.df.instanceId), 'add', 1);
    yield pause(context);
  },
  *Locks(context) {
    const shared = new df.EntityId('Counter', 'shared');
    const lock = yield context.df.lock([shared]);
    const before = yield context.df.callEntity(shared, 'get');
    const after = yield context.df.callEntity(shared, 'add', 1);
    lock.release();
    if (after !== before + 1) throw new Error(`Somebody else came in between: ${before}, then ${after}.`);
  },
  *Retries(context, step) {
    try {
      yield context.df.callActivityWithRetry('Fails', new df.RetryOptions(stepMs, 2), asked(context, step));
    } catch {
      return;
    }
    throw new Error('What always fails has succeeded.');
  },
};

for (const [name, one] of Object.entries(kinds))
  df.app.orchestration(name, function* (context) {
    const { steps } = context.df.getInput();
    for (let step = 0; step < steps; step += 1) {
      yield* one(context, step);
      context.df.setCustomStatus({ step });
      yield pause(context);
    }
    return { steps };
  });

df.app.orchestration('Child', function* (context) {
  const { step } = context.df.getInput();
  for (const part of ['a', 'b']) yield context.df.callActivity('Step', asked(context, `${step}${part}`));
  return { step };
});

df.app.orchestration('Again', function* (context) {
  const { steps, done = 0 } = context.df.getInput();
  yield context.df.callActivity('Step', asked(context, done));
  yield pause(context);
  if (done + 1 < steps) context.df.continueAsNew({ steps, done: done + 1 });
  return { steps: done + 1 };
});

const withClient = (route, answer) =>
  app.http(route.split('/')[0], {
    route,
    methods: ['POST'],
    extraInputs: [df.input.durableClient()],
    handler: async (request, context) => ({ jsonBody: (await answer(df.getClient(context), await request.json())) ?? {} }),
  });

withClient('start', async (client, { name, id, steps }) => {
  // A start replaces an instance that has ended: whoever asks again must look first.
  const found = await client.getStatus(id).catch(() => undefined);
  if (!found?.runtimeStatus) await client.startNew(name, { instanceId: id, input: { steps } });
});
withClient('raise', (client, { id, name }) => client.raiseEvent(id, name, {}));
withClient('statuses', async (client, { ids }) => ({ statuses: await Promise.all(ids.map((id) => client.getStatus(id))) }));
withClient('address', (client, { id }) => ({ url: client.createHttpManagementPayload(id).statusQueryGetUri }));
withClient('count', async (client, { key }) => ({ count: (await client.readEntityState(new df.EntityId('Counter', key))).entityState }));
