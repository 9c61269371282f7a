import { settingsSchema } from '../../src/domain/settings';
import { callAsOperator, endedAs, sha256, tell } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';
import { slipway } from './command-line';

callAsOperator();
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
beforeEach(async () => {
  door = await serveFrontDoor();
  const place = (name: string, policy: string) => ({ functionApp: `hello-${name}`, policy });
  door.ports.settings = settingsSchema.parse({
    ...door.ports.settings,
    apps: { hello: { environments: { test: place('test', 'quick'), production: place('production', 'careful') } } },
    policies: { quick: { promote: 'production' }, careful: {} },
  });
});
afterEach(() => door.close());

const ask = (args: string) => slipway(args, { url: door.url });
const onTerminal = (args: string) => slipway(args, { url: door.url, terminal: true });

async function begun(environment: string): Promise<string> {
  const { out } = await ask(
    `start hello 2.0.0 --to ${environment} --package https://builds.example/hello.zip --sha256 ${sha256} --key ${environment} --json`,
  );
  return (JSON.parse(out) as { id: string }).id;
}

test('promote', async () => {
  const id = await begun('test');
  expect(await ask(`promote ${id}`)).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Nothing to promote: Rollout hello-test-2-0-0-6143b705 is queued: only what ended deployed goes on to another environment.
    Promote a rollout that did; slipway list --outcome deployed lists them.
    ",
      "out": "",
    }
  `);
  await tell(door.ports, id, endedAs('deployed'));
  expect(await ask(`promote ${id}`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "Rollout hello-production-2-0-0-94476d91 takes on what hello-test-2-0-0-6143b705 deployed.
    Watch it: slipway status hello-production-2-0-0-94476d91 --watch
    ",
    }
  `);
  expect(await onTerminal(`promote ${id} --to production`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "Rollout hello-production-2-0-0-94476d91 takes on what hello-test-2-0-0-6143b705 deployed, as had been asked for before.
    Watch it: slipway status hello-production-2-0-0-94476d91 --watch
    ",
    }
  `);
  expect((await ask(`promote ${id} --json`)).out).toMatchInlineSnapshot(`
    "{
      "id": "hello-production-2-0-0-94476d91",
      "already": true,
      "statusUrl": "https://slipway.example/api/rollouts/hello-production-2-0-0-94476d91"
    }
    "
  `);
  expect(await ask(`promote ${id} --to nowhere`)).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Unknown app or environment: No environment "nowhere" of an app "hello" is named in slipway.yaml.
    Ask for one of: hello to test, hello to production; or add it to slipway.yaml.
    ",
      "out": "",
    }
  `);
  const last = await begun('production');
  expect(await ask(`promote ${last}`)).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "No next environment: The policy of hello in production names no environment that comes next.
    Say with --to where it goes, or write promote into the policy in slipway.yaml.
    ",
      "out": "",
    }
  `);
});

test('try-again', async () => {
  const id = await begun('production');
  expect(await ask(`try-again ${id}`)).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Not ended: Rollout hello-production-2-0-0-d6c738b1 is queued: it has not ended, so there is nothing to try again yet.
    Wait for its end, or cancel it first.
    ",
      "out": "",
    }
  `);
  await tell(door.ports, id, endedAs('failed'));
  expect(await ask(`try-again ${id}`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "Rollout hello-production-2-0-0-b505c02d tries again what hello-production-2-0-0-d6c738b1 brought.
    Watch it: slipway status hello-production-2-0-0-b505c02d --watch
    ",
    }
  `);
  expect(await onTerminal(`try-again ${id}`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "Rollout hello-production-2-0-0-b505c02d tries again what hello-production-2-0-0-d6c738b1 brought; it was on its way already.
    Watch it: slipway status hello-production-2-0-0-b505c02d --watch
    ",
    }
  `);
  expect((await ask(`try-again ${id} --json`)).out).toContain('"already": true');
});

test('override', async () => {
  const id = await begun('production');
  expect(await ask(`override ${id}`)).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "error: required option '--reason <text>' not specified
    ",
      "out": "",
    }
  `);
  expect((await ask('line stop hello --reason "a leak"')).code).toBe(0);
  expect(await ask(`override ${id} --reason "customers cannot pay"`)).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Nothing to override: No window and no freeze holds rollout hello-production-2-0-0-d6c738b1 now, and an override passes no stopped line: olga stopped the line of hello at 2026-11-23 10:00 UTC: a leak.
    Use slipway line start hello to start it again.
    ",
      "out": "",
    }
  `);
  const { policies } = door.ports.settings;
  const freezes = [{ from: '2026-11-20', to: '2026-11-30', reason: 'the great sale' }];
  door.ports.settings = {
    ...door.ports.settings,
    policies: { ...policies, careful: { ...policies['careful']!, calendar: { zone: 'UTC', windows: [], freezes } } },
  };
  expect(await onTerminal(`override ${id} --reason "customers cannot pay"`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "Rollout hello-production-2-0-0-d6c738b1 waits for no window and no freeze any more.
      [31m✗[0m The line still holds it: olga stopped the line of hello at 2026-11-23 10:00
        UTC: a leak.
        slipway line start hello
    See how it goes on: slipway status hello-production-2-0-0-d6c738b1 --watch
    ",
    }
  `);
  expect(await onTerminal(`override ${id} --reason again`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "Rollout hello-production-2-0-0-d6c738b1 had been let pass before.
      [31m✗[0m The line still holds it: olga stopped the line of hello at 2026-11-23 10:00
        UTC: a leak.
        slipway line start hello
    See how it goes on: slipway status hello-production-2-0-0-d6c738b1 --watch
    ",
    }
  `);
  expect((await ask(`override ${id} --reason again --json`)).out).toContain('"already": true');
  const other = await begun('test');
  await tell(door.ports, other, { phase: 'swapping' });
  expect(await ask(`override ${other} --reason late`)).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Too late to override: Rollout hello-test-2-0-0-6143b705 is swapping: its swap waits for no window and no freeze any more.
    There is nothing to override.
    ",
      "out": "",
    }
  `);
});

test('line', async () => {
  expect(await ask('line show')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "The line moves.
    ",
    }
  `);
  expect(await ask('line stop --reason "the database moves"')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "The line of all apps is stopped: nothing swaps until it is started again.
    ",
    }
  `);
  expect(await onTerminal('line stop hello --reason "a leak"')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "The line of hello is stopped: nothing swaps until it is started again.
    ",
    }
  `);
  expect(await ask('line stop hello --reason again')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "The line of hello was stopped before.
    ",
    }
  `);
  expect(await ask('line show')).toMatchInlineSnapshot(`
    {
      "code": 1,
      "err": "",
      "out": "  ✗ The line of all apps is stopped by olga since 2026-11-23 10:00 UTC: the database moves
      ✗ The line of hello is stopped by olga since 2026-11-23 10:00 UTC: a leak
    ",
    }
  `);
  expect((await onTerminal('line show')).out).toMatchInlineSnapshot(`
    "  [31m✗[0m The line of all apps is stopped by olga since 2026-11-23 10:00 UTC: the
        database moves
      [31m✗[0m The line of hello is stopped by olga since 2026-11-23 10:00 UTC: a leak
    "
  `);
  expect(JSON.parse((await ask('line show --json')).out)).toMatchObject([{ app: null }, { app: 'hello', reason: 'a leak' }]);
  expect(await ask('line start --reason "it has moved"')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "The stop of all apps is taken away.
      ✗ The line of hello stays stopped: olga stopped the line of hello at 2026-11-23 10:00 UTC: a leak.
        slipway line start hello
    ",
    }
  `);
  expect(await onTerminal('line start --reason again')).toMatchInlineSnapshot(`
    {
      "code": 1,
      "err": "",
      "out": "There was no stop of all apps; nothing is changed.
      [31m✗[0m The line of hello stays stopped: olga stopped the line of hello at
        2026-11-23 10:00 UTC: a leak.
        slipway line start hello
    ",
    }
  `);
  expect((await ask('line stop --reason "it moves back"')).code).toBe(0);
  expect(await ask('line start hello --reason mended')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "The stop of hello alone is taken away.
      ✗ The line of hello stays stopped: olga stopped the line at 2026-11-23 10:00 UTC: it moves back.
        slipway line start
    ",
    }
  `);
  expect(await ask('line start hello --reason again')).toMatchInlineSnapshot(`
    {
      "code": 1,
      "err": "",
      "out": "There was no stop of hello alone; nothing is changed.
      ✗ The line of hello stays stopped: olga stopped the line at 2026-11-23 10:00 UTC: it moves back.
        slipway line start
    ",
    }
  `);
  expect((await ask('line start --reason "it is back"')).out).toMatchInlineSnapshot(`
    "The line of all apps moves again.
    "
  `);
  expect((await ask('line start hello --reason mended --json')).out).toMatchInlineSnapshot(`
    "{
      "app": "hello",
      "stopped": null,
      "already": true,
      "otherStops": []
    }
    "
  `);
  expect(await ask('line stop nobody --reason "a leak"')).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Unknown app: No app "nobody" is named in slipway.yaml.
    Look into slipway.yaml for the apps there are.
    ",
      "out": "",
    }
  `);
  expect(await ask('line stop')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "error: required option '--reason <text>' not specified
    ",
      "out": "",
    }
  `);
});
