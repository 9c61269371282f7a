import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { appendLedger } from '../../src/azure/ledger';
import { blockLane, enterLane, freeLane } from '../../src/domain/lane';
import { laneKey, lanePartition } from '../../src/domain/tables';
import { callAsOperator, endedAs, requestOf, sha256, tell } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';
import { slipway } from './command-line';

callAsOperator();
const folder = mkdtempSync(path.join(tmpdir(), 'slipway-cli-'));
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
beforeEach(async () => {
  door = await serveFrontDoor();
});
afterEach(() => door.close());
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** In a pipe and on a terminal, which is to look the same but where it is said. */
const ask = (args: string) => slipway(args, { url: door.url });
const onTerminal = (args: string) => slipway(args, { url: door.url, terminal: true });

const start = `start hello 2.0.0 --package https://builds.example/hello.zip --sha256 ${sha256} --function hello:http --function greet:queue --setting GREETING=hi --commit abc --key k1`;
const id = 'hello-production-2-0-0-15e29761';

async function begun(): Promise<void> {
  expect((await ask(start)).out).toContain(id);
}

describe('start', () => {
  it('says which rollout came of it, and that it had before', async () => {
    expect(await ask(start)).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "Rollout hello-production-2-0-0-15e29761 is on its way: hello 2.0.0 to production.
      Watch it: slipway status hello-production-2-0-0-15e29761 --watch
      ",
      }
    `);
    expect((await onTerminal(start)).out).toMatchInlineSnapshot(`
      "Rollout hello-production-2-0-0-15e29761 was on its way already: hello 2.0.0 to production.
      Watch it: slipway status hello-production-2-0-0-15e29761 --watch
      "
    `);
    expect((await ask(`${start} --json`)).out).toMatchInlineSnapshot(`
      "{
        "id": "hello-production-2-0-0-15e29761",
        "already": true,
        "statusUrl": "https://slipway.example/api/rollouts/hello-production-2-0-0-15e29761"
      }
      "
    `);
    expect((await door.ports.rows.read(id, 'rollout'))?.value).toMatchObject({
      release: { commit: 'abc', functions: [{ name: 'hello' }, { name: 'greet' }], settingNames: ['GREETING'] },
    });
  });

  it('takes a whole request as a file', async () => {
    writeFileSync(path.join(folder, 'request.json'), JSON.stringify(requestOf()));
    expect(await slipway('start --file request.json --key k1', { url: door.url, folder })).toMatchObject({ code: 0, err: '' });
    writeFileSync(path.join(folder, 'broken.json'), '{');
    expect(await slipway('start --file broken.json', { url: door.url, folder })).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "broken.json is no request: it holds no JSON.
      Name a file with one JSON object, as POST /api/rollouts takes it.
      ",
        "out": "",
      }
    `);
  });

  it('says what is wrong with the command line', async () => {
    expect(await ask('start hello')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "App, version and --package are needed, or the whole request as --file.
      See slipway start --help for how each is written.
      ",
        "out": "",
      }
    `);
    expect(await ask('start hello 2.0.0 --package https://x.example/a.zip')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "A package that is named by its URL needs --sha256.
      Write the digest that the build computed.
      ",
        "out": "",
      }
    `);
    expect(await ask('start hello 2.0.0 --package gone.zip')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "There is no package gone.zip to be read.
      Name the zip that the build made.
      ",
        "out": "",
      }
    `);
    expect(await ask('start --function hello')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "error: option '--function <name:trigger>' argument 'hello' is invalid. Write a name and its trigger, such as hello:http.
      ",
        "out": "",
      }
    `);
    expect(await ask('start --setting SECRETVALUE')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "App, version and --package are needed, or the whole request as --file.
      See slipway start --help for how each is written.
      ",
        "out": "",
      }
    `);
    writeFileSync(path.join(folder, 'a.zip'), 'zip');
    expect(await slipway('start hello 2.0.0 --package a.zip', { url: door.url, folder })).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "The package is a file, and nothing says where it is to be uploaded.
      Say --upload-to with the URL of a container that slipway.yaml lets packages come from.
      ",
        "out": "",
      }
    `);
    expect(await slipway('start hello 2.0.0 --package a.zip --upload-to nowhere', { url: door.url, folder })).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "--upload-to names no container.
      Write its URL, such as https://account.blob.core.windows.net/releases.
      ",
        "out": "",
      }
    `);
  });

  it('tells a refusal in the words of the API', async () => {
    expect(await ask(start.replace('hello 2.0.0', 'Hello ""'))).toMatchInlineSnapshot(`
      {
        "code": 3,
        "err": "Invalid request: 2 things are wrong with the request.
        /app write the name as in slipway.yaml: lower-case letters, digits and "-", at most 40
        /version must be 1 to 100 letters, digits, ".", "_", "+" or "-", beginning with a letter or digit
      Mend everything that is listed and send it again.
      ",
        "out": "",
      }
    `);
    expect(await ask(`${start.replace('hello 2.0.0', 'nobody 2.0.0')} --json`)).toMatchInlineSnapshot(`
      {
        "code": 3,
        "err": "{"title":"Unknown app or environment","detail":"No environment \\"production\\" of an app \\"nobody\\" is named in slipway.yaml.","next":"Ask for one of: hello to production; or add it to slipway.yaml."}
      ",
        "out": "",
      }
    `);
  });

  it('waits for the end where it is told to', async () => {
    await begun();
    await tell(door.ports, id, endedAs('deployed'));
    expect(await ask(`${start} --wait end`)).toMatchInlineSnapshot(`
      {
        "code": 0,
        "err": "",
        "out": "Rollout hello-production-2-0-0-15e29761 was on its way already: hello 2.0.0 to production.

      hello 2.0.0 to production                            rollout hello-production-2-0-0-15e29761
        ✓ queue

      deployed after 0.0 s
      It was so.
      2.0.0
      Look at it.
      ",
      }
    `);
  });
});

describe('status', () => {
  it('draws a rollout, for a terminal and for a pipe', async () => {
    await begun();
    expect((await ask(`status ${id}`)).out).toMatchInlineSnapshot(`
      "hello 2.0.0 to production                            rollout hello-production-2-0-0-15e29761
        ◐ queue      waits for its turn and fetches the package
        · announce
        · stage
        · prove
        · ask
        · swap
        · watch
        · tell
      "
    `);
    expect((await onTerminal('status')).out).toMatchInlineSnapshot(`
      "hello 2.0.0 to production                rollout hello-production-2-0-0-15e29761
        [34m◐[0m queue      waits for its turn and fetches the package
        [90m·[0m announce
        [90m·[0m stage
        [90m·[0m prove
        [90m·[0m ask
        [90m·[0m swap
        [90m·[0m watch
        [90m·[0m tell
      "
    `);
    expect(JSON.parse((await ask('status --json')).out)).toMatchObject({ id, phase: 'queued' });
  });

  it('follows it to its end: drawn again on a terminal, a line an event in a pipe, a line of JSON with --json', async () => {
    await begun();
    const ended = (args: string, terminal?: true) => {
      const follows = slipway(args, { url: door.url, ...(terminal ? { terminal } : {}) });
      return tell(door.ports, id, endedAs('failed')).then(() => follows);
    };
    expect(await ended(`status ${id} --watch`)).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello 2.0.0 to production                            rollout hello-production-2-0-0-15e29761
        ✗ queue      failed: It was so

      failed after 0.0 s
      It was so.
      2.0.0
      Look at it.
      ",
      }
    `);
    expect(await onTerminal('status --watch')).toMatchInlineSnapshot(`
      {
        "code": 1,
        "err": "",
        "out": "hello 2.0.0 to production                rollout hello-production-2-0-0-15e29761
        [31m✗[0m queue      failed: It was so
        [90m·[0m announce
        [90m·[0m stage
        [90m·[0m prove
        [90m·[0m ask
        [90m·[0m swap
        [90m·[0m watch
        [90m·[0m tell

      [31mfailed[0m after 0.0 s
      It was so.
      2.0.0
      Look at it.
      ",
      }
    `);
    const { out, code } = await ask(`status ${id} --watch --json`);
    expect([
      code,
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { phase: string }).phase),
    ]).toEqual([1, ['done']]);
  });

  it.each([
    ['', 'out'],
    [' --json', 'err'],
  ] as const)('says once that Slipway does not answer, while it asks again:%s on std%s', async (json, where) => {
    await begun();
    let asked = 0;
    const goesAway: typeof fetch = async (input, init) => {
      asked += 1;
      if (asked > 1 && asked < 5) throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
      if (asked === 5) await tell(door.ports, id, endedAs('failed'));
      return fetch(input, init);
    };
    const said = (await slipway(`status ${id} --watch${json}`, { url: door.url, fetch: goesAway }))[where];
    expect(said.split('\n').filter((line) => line.startsWith('Slipway'))).toEqual([
      'Slipway does not answer (ECONNREFUSED); asking again for a minute.',
      'Slipway answers again.',
    ]);
  });

  it('says that there is none', async () => {
    expect(await ask('status')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "There is no rollout yet.
      Start one: slipway start --help says how.
      ",
        "out": "",
      }
    `);
    expect(await ask('status nobody')).toMatchInlineSnapshot(`
      {
        "code": 3,
        "err": "Unknown rollout: There is no rollout "nobody".
      Look at slipway list for the ids there are.
      ",
        "out": "",
      }
    `);
  });
});

test('list', async () => {
  expect(await ask('list')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "No rollout fits.
    ",
    }
  `);
  await begun();
  await ask(start.replace('k1', 'k2').replace('2.0.0', '10.0.0'));
  await tell(door.ports, id, endedAs('needs-attention'));
  expect(await ask('list')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "◐  hello 10.0.0  production  queued           3 min      hello-production-10-0-0-6b9ff434
    ‼  hello 2.0.0   production  needs-attention  0.0 s ago  hello-production-2-0-0-15e29761
    ",
    }
  `);
  expect((await onTerminal('list --outcome running')).out).toMatchInlineSnapshot(`
    "◐  hello 10.0.0  production  queued  3 min  hello-production-10-0-0-6b9ff434
    "
  `);
  await tell(door.ports, 'hello-production-10-0-0-6b9ff434', {
    phase: 'asking',
    ask: { state: 'open', openedAt: '2026-11-23T10:00:00Z', expiresAt: '2026-11-24T10:00:00Z', decisions: [], held: ['Frozen.'] },
  });
  expect((await onTerminal('list --outcome running')).out).toMatchInlineSnapshot(`
    "◔  hello 10.0.0  production  asking, held  3 min  hello-production-10-0-0-6b9ff434
    "
  `);
  expect(JSON.parse((await ask('list --json --app hello --environment production --limit 1')).out)).toHaveLength(1);
  for (const none of ['0', '201', '-1', '1.5', '""'])
    expect(await ask(`list --limit ${none}`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is invalid\. Write a whole number from 1 to 200\.\n$/) as string,
    });
  expect(await ask('list --limit 200')).toMatchObject({ code: 0 });
  expect(await ask('list --limit many')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "error: option '--limit <number>' argument 'many' is invalid. Write a whole number from 1 to 200.
    ",
      "out": "",
    }
  `);
  expect(await ask('list --outcome gone')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "error: option '--outcome <outcome>' argument 'gone' is invalid. Allowed choices are deployed, unchanged, rejected, expired, cancelled, superseded, failed, rolled-back, needs-attention, running.
    ",
      "out": "",
    }
  `);
});

test('cancel', async () => {
  await begun();
  expect(await ask(`cancel ${id} --reason "the wrong build"`)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "Rollout hello-production-2-0-0-15e29761 is asked to end; production keeps what it serves.
    See how it ends: slipway status hello-production-2-0-0-15e29761 --watch
    ",
    }
  `);
  expect((await onTerminal(`cancel ${id}`)).out).toMatchInlineSnapshot(`
    "Rollout hello-production-2-0-0-15e29761 had been asked to end before.
    See how it ends: slipway status hello-production-2-0-0-15e29761 --watch
    "
  `);
  expect((await ask(`cancel ${id} --json`)).out).toContain('"already": true');
  await tell(door.ports, id, { phase: 'watching', intent: undefined as never });
  expect(await ask(`cancel ${id}`)).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Too late to cancel: Rollout hello-production-2-0-0-15e29761 is watching: it is too late to cancel it.
    Use roll-back to bring the release before it again.
    ",
      "out": "",
    }
  `);
});

test('roll-back', async () => {
  await begun();
  expect(await ask(`roll-back ${id}`)).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Too early to roll back: Rollout hello-production-2-0-0-15e29761 is queued and has not touched production.
    Use cancel.
    ",
      "out": "",
    }
  `);
  await tell(door.ports, id, { phase: 'watching' });
  expect((await onTerminal(`roll-back ${id} --reason "orders fail"`)).out).toMatchInlineSnapshot(`
    "Rollout hello-production-2-0-0-15e29761 takes itself back.
    See how it ends: slipway status hello-production-2-0-0-15e29761 --watch
    "
  `);
  await tell(door.ports, id, endedAs('deployed'));
  expect((await ask(`roll-back ${id}`)).out).toMatchInlineSnapshot(`
    "Rollout hello-production-before-2-0-0-e6b9e977 takes hello-production-2-0-0-15e29761 back.
    See how it ends: slipway status hello-production-before-2-0-0-e6b9e977 --watch
    "
  `);
  expect((await ask(`roll-back ${id}`)).out).toMatchInlineSnapshot(`
    "Rollout hello-production-before-2-0-0-e6b9e977 takes hello-production-2-0-0-15e29761 back, as had been asked for before.
    See how it ends: slipway status hello-production-before-2-0-0-e6b9e977 --watch
    "
  `);
  const other = (await ask(start.replace('k1', 'k2').replace('2.0.0', '3.0.0'))).out.split(' ')[1] ?? '';
  const { phase, ending } = endedAs('deployed');
  await tell(door.ports, other, { phase, ending: { ...ending, at: '2026-11-23T12:00:00.000Z' } });
  await tell(door.ports, 'hello-production-before-2-0-0-e6b9e977', endedAs('failed'));
  expect(await ask(`roll-back ${id}`)).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "No longer live: Rollout hello-production-2-0-0-15e29761 is no longer what is live: hello-production-3-0-0-6b9ff434 went live after it, at 2026-11-23 12:00 UTC.
    Use slipway roll-back hello-production-3-0-0-6b9ff434: that one is live.
    ",
      "out": "",
    }
  `);
});

test('unblock', async () => {
  const me = { rolloutId: 'r1', admittedAt: '2026-11-23T10:00:00.000Z' };
  const held = enterLane(freeLane, me, 'queue').lane;
  const value = blockLane(held, 'r1', { by: 'r1', reason: 'nobody knows', at: me.admittedAt });
  await door.ports.rows.write([{ kind: 'insert', partition: lanePartition('hello', 'production'), row: laneKey, value }]);
  expect(await ask('unblock hello production')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "error: required option '--reason <text>' not specified
    ",
      "out": "",
    }
  `);
  expect(await ask('unblock hello production --reason "looked at both slots"')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "The lane of hello to production is free again.
    Nothing waits for it.
    ",
    }
  `);
  expect(await onTerminal('unblock hello production --reason again')).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Lane not blocked: The lane of hello to production is free, not blocked.
    There is nothing to unblock.
    ",
      "out": "",
    }
  `);
});

test('ledger verify', async () => {
  const place = { app: 'hello', environment: 'production' };
  expect(await ask('ledger verify hello production')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "The ledger of hello in production is whole: 0 entries, head none yet.
    Whether its tail was cut, or all of it written anew, shows only with --head and the head of a closing notice.
    ",
    }
  `);
  await appendLedger(door.ports, place, { id: 'a', kind: 'looked', at: '2026-11-23T10:00:00.000Z', data: {} });
  const { out } = await onTerminal('ledger verify hello production');
  expect(out).toMatchInlineSnapshot(`
    "The ledger of hello in production is whole: 1 entry, head 75ad0165cb06838570abff3cc3f3a6f4e37a5e0fbae94fcb43b0de0ae5213d54.
    Whether its tail was cut, or all of it written anew, shows only with --head and the head of a closing notice.
    "
  `);
  const seal = /head ([0-9a-f]{64})/.exec(out)?.[1] ?? '';
  expect((await ask(`ledger verify hello production --head ${seal}`)).out).toMatchInlineSnapshot(`
    "The ledger of hello in production is whole: 1 entry, head 75ad0165cb06838570abff3cc3f3a6f4e37a5e0fbae94fcb43b0de0ae5213d54.
    It holds the head that was given: nothing up to it was cut or written anew.
    "
  `);
  expect(await ask(`ledger verify hello production --head ${'f'.repeat(64)}`)).toMatchInlineSnapshot(`
    {
      "code": 1,
      "err": "",
      "out": "The ledger of hello in production is broken: no entry carries the seal given as head: the chain was cut, or written anew. It has 1 entry.
    ",
    }
  `);
  expect((await ask('ledger verify hello production --json')).out).toMatchInlineSnapshot(`
    "{
      "app": "hello",
      "environment": "production",
      "chain": {
        "kind": "whole",
        "number": 1,
        "seal": "75ad0165cb06838570abff3cc3f3a6f4e37a5e0fbae94fcb43b0de0ae5213d54"
      }
    }
    "
  `);
  expect(await ask('ledger verify hello production --head short')).toMatchInlineSnapshot(`
    {
      "code": 3,
      "err": "Invalid request: One thing is wrong with the request.
      /head must be the 64 hex digits that a closing notice prints as the head of the ledger
    Mend everything that is listed and send it again.
    ",
      "out": "",
    }
  `);
});

test('validate', async () => {
  writeFileSync(path.join(folder, 'slipway.yaml'), 'azure: { subscription: s }\napps: {}\npolicies:\n  a: { gatse: [] }\n');
  const here = (args: string, terminal?: true) => slipway(args, { folder, ...(terminal ? { terminal } : {}) });
  expect(await here('validate')).toMatchInlineSnapshot(`
    {
      "code": 1,
      "err": "",
      "out": "slipway.yaml:1:1 azure.resourceGroup is missing; write a name that Azure accepts: letters, digits, ".", "_", "-", up to 90.
    slipway.yaml:4:8 policies.a.gatse is not known here; write "gates".
    slipway.yaml: 2 mistakes.
    ",
    }
  `);
  const good = `azure: { subscription: s, resourceGroup: g }
people: { team: [team@company.com] }
apps:
  hello:
    environments:
      production: { functionApp: hello-production, policy: careful }
policies:
  careful:
    gates: [{ name: release, kind: signed-link, approvers: [ann@company.com] }]
    checks: [{ name: hello, path: /api/hello }]
`;
  writeFileSync(path.join(folder, 'good.yaml'), good);
  expect(await here('validate good.yaml', true)).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "good.yaml is valid.
    ",
    }
  `);
  writeFileSync(
    path.join(folder, 'odd.yaml'),
    `${good.replace(/ {4}(?:gates|checks).*\n/g, '')}    watch: { for: 0 }\n    swap: { settle: 5s }\n  other:\n    gates: []\noutgoing: { loopback: true }\n`,
  );
  expect(await here('validate odd.yaml')).toMatchInlineSnapshot(`
    {
      "code": 0,
      "err": "",
      "out": "odd.yaml:9:5 worth a look: policies.careful has no checks: nothing is proven before the swap, nor watched after it.
    odd.yaml:9:5 worth a look: policies.careful has no gates: nobody is asked before the swap.
    odd.yaml:9:19 worth a look: policies.careful.watch.for is nothing: a release that breaks after the swap is not swapped back.
    odd.yaml:10:21 worth a look: policies.careful.swap.settle is shorter than five minutes, and an answer of Azure Resource Manager can be lost for that long; right on a laptop.
    odd.yaml:12:5 worth a look: policies.other is the policy of no environment; name it there, or take it out.
    odd.yaml:13:23 worth a look: outgoing.loopback lets releases lead to the machine Slipway runs on; leave it out in Azure.
    odd.yaml is valid; 6 things are worth a second look.
    ",
    }
  `);
  expect((await here('validate good.yaml --json')).out).toMatchInlineSnapshot(`
    "{
      "file": "good.yaml",
      "mistakes": [],
      "warnings": []
    }
    "
  `);
  expect(await here('validate gone.yaml')).toMatchInlineSnapshot(`
    {
      "code": 2,
      "err": "There is no file gone.yaml to be read.
    Name the slipway.yaml that Slipway runs with.
    ",
      "out": "",
    }
  `);
});

describe('where Slipway is', () => {
  it('is found by the running.json of npm start, here or above', async () => {
    const below = path.join(folder, 'project', 'src');
    mkdirSync(path.join(folder, 'project', '.slipway'), { recursive: true });
    mkdirSync(below);
    const file = path.join(folder, 'project', '.slipway', 'running.json');
    writeFileSync(file, JSON.stringify({ slipwayUrl: door.url }));
    expect(await slipway('list', { folder: below })).toMatchObject({ code: 0, out: 'No rollout fits.\n' });
    writeFileSync(file, JSON.stringify({ slipwayUrl: 'http://127.0.0.1:1' }));
    expect(await slipway('list', { folder: below })).toMatchObject({
      code: 4,
      err: 'Slipway at http://127.0.0.1:1 does not answer (bad port).\nThat is where an npm start ran that has ended: npm start in another terminal first.\n',
    });
    expect((await slipway('list --url http://127.0.0.1:7', { folder: below })).err).toMatch(
      /See that it runs and that the address is right/,
    );
    writeFileSync(file, '{');
    expect((await slipway('list', { folder: below })).err).toMatch(/running\.json holds no JSON/);
    expect((await slipway('list --url http://127.0.0.1:1', { folder: below })).err).toMatch(
      /See that it runs and that the address is right/,
    );
  });

  it('is said to be missing, unreachable, or to need a sign-in', async () => {
    expect(await slipway('list')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "No Slipway is named, and none was started in .slipway/ here or above.
      Say --url http://127.0.0.1:… or https://…, set SLIPWAY_URL, or run npm start in another terminal.
      ",
        "out": "",
      }
    `);
    expect(await slipway('list --url nonsense')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "The address of Slipway is no http or https URL.
      Write one such as https://slipway.example.com.
      ",
        "out": "",
      }
    `);
    expect(await slipway('list --url http://127.0.0.1:1 --json')).toMatchInlineSnapshot(`
      {
        "code": 4,
        "err": "{"detail":"Slipway at http://127.0.0.1:1 does not answer (bad port).","next":"See that it runs and that the address is right."}
      ",
        "out": "",
      }
    `);
    expect(await slipway('list --url https://slipway.example.com')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "Nobody can be signed in: SLIPWAY_AUDIENCE is not set.
      Set it to the application id URI of Slipway’s app registration, such as api://slipway.
      ",
        "out": "",
      }
    `);
  });

  it('says what it does not know', async () => {
    expect(await slipway('lits')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "error: unknown command 'lits'
      (Did you mean list?)
      ",
        "out": "",
      }
    `);
    expect(await slipway('cancel')).toMatchInlineSnapshot(`
      {
        "code": 2,
        "err": "error: missing required argument 'id'
      ",
        "out": "",
      }
    `);
  });
});
