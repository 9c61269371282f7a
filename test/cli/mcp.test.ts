import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import fc from 'fast-check';
import type { Change, Rows } from '../../src/azure/rows';
import { connectAssistant } from '../../src/cli/connect';
import { createAssistantServer } from '../../src/cli/mcp/server';
import { readSettings } from '../../src/domain/read-settings';
import { stopKey, stopsPartition } from '../../src/domain/tables';
import { callAsOperator, endedAs, requestOf, tell } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';
import { standOn } from '../front-door/target';

const root = path.join(__dirname, '../..');
callAsOperator();
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
let changes: Change[];
/** Where the server runs; what is beside it is none of its business. */
let here: string;
beforeEach(async () => {
  here = path.join(mkdtempSync(path.join(tmpdir(), 'slipway-mcp-')), 'here');
  mkdirSync(here);
  door = await serveFrontDoor();
  changes = [];
  const write = door.ports.rows.write.bind(door.ports.rows);
  const recorded: Rows['write'] = (all) => {
    changes.push(...all);
    return write(all);
  };
  door.ports.rows.write = recorded;
});
afterEach(async () => {
  rmSync(path.dirname(here), { recursive: true, force: true });
  await door.close();
});

/** The SDK's own client, on a server in this process. */
async function assistant() {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const time = { nowMs: 0 };
  const server = createAssistantServer(
    {
      port: () => connectAssistant({ url: door.url, environment: {}, workingDirectory: root }),
      nowMs: () => time.nowMs,
      sleep: async (milliseconds) => void (time.nowMs += milliseconds),
      workingDirectory: here,
    },
    '1',
  );
  await server.connect(theirs);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(ours);
  const call = async (name: string, args: Record<string, unknown>) => {
    const answer = await client.callTool({ name, arguments: args });
    const [content] = answer.content as { text: string }[];
    return { isError: answer.isError === true, text: content?.text ?? '' };
  };
  return { client, call, close: () => client.close() };
}

const asked = {
  phase: 'asking' as const,
  plan: {
    kind: 'go' as const,
    sentence: 's',
    way: 'zip-push' as const,
    adopts: false,
    replaces: { marker: null, version: null },
    gates: [
      {
        name: 'release',
        kind: 'signed-link',
        approvers: ['ann@example.com', 'bob@example.com'],
        needed: 2,
        proof: 'link',
        notRequester: false,
      },
    ],
    combine: 'all' as const,
    policyHash: 'h',
  } as never,
  ask: {
    state: 'open' as const,
    openedAt: '2026-11-23T10:00:00.000Z',
    expiresAt: '2026-11-24T10:00:00.000Z',
    decisions: [{ gate: 'release', approver: 'ann@example.com', answer: 'yes' as const, at: '2026-11-23T10:01:00.000Z' }],
  },
};

test('an assistant starts a rollout, watches it to the person it waits for, and explains how it ended', async () => {
  const { call, close } = await assistant();
  const started = await call('start', requestOf({ requestId: 'r1' }));
  expect(started.isError).toBe(false);
  const { id, already } = JSON.parse(started.text) as { id: string; already: boolean };
  expect(already).toBe(false);
  expect(JSON.parse((await call('list', {})).text)).toMatchObject({ rollouts: [{ id, phase: 'queued' }] });
  expect(JSON.parse((await call('watch', { id, seconds: 5 })).text)).toMatchObject({ id, phase: 'queued', outcome: 'on its way' });
  await tell(door.ports, id, asked);
  expect(JSON.parse((await call('watch', { id })).text)).toEqual({
    id,
    what: 'hello 2.0.0 to production',
    phase: 'asking',
    outcome: 'on its way',
    waitsFor: ['bob@example.com'],
    until: '2026-11-24T10:00:00.000Z',
    note: 'A person has to answer; nobody else can.',
    checksNotHealthy: [],
    story: [],
  });
  await tell(door.ports, id, { ...asked, ask: { ...asked.ask, held: ['Frozen until noon: holidays.'] } });
  const explained = JSON.parse((await call('explain', { id })).text) as object;
  expect(explained).toMatchObject({ held: ['Frozen until noon: holidays.'], until: '2026-11-24T10:00:00.000Z' });
  expect(explained).not.toHaveProperty('waitsFor');
  await tell(door.ports, id, {
    ...endedAs('failed'),
    checks: [{ name: 'hello', verdict: 'unhealthy', seen: 'status 500', tries: [] }],
  });
  expect(JSON.parse((await call('explain', { id })).text)).toMatchObject({
    outcome: 'failed',
    why: 'It was so.',
    productionServes: '2.0.0',
    next: 'Look at it.',
    checksNotHealthy: [{ name: 'hello', verdict: 'unhealthy', seen: 'status 500' }],
  });
  await close();
});

test('an assistant makes a project, says what it took for granted, and overwrites nothing', async () => {
  const { call, close } = await assistant();
  const prompt = 'Create an Azure Function project called "My Function 1" in space "My Space". Make the Azure Account use OIDC.';
  const made = JSON.parse((await call('create', { prompt, approvers: ['ann@company.com'] })).text) as { files: string[] };
  expect(made).toMatchObject({
    folder: 'my-function-1',
    account: 'oidc',
    next: expect.stringMatching(
      / node "?\/?\S.*[/\\]scripts[/\\]slipway\.mjs"? rehearse --package dist\/my-function-1\.zip --release 1\.0\.0\.$/,
    ) as string,
    assumed: [{ what: 'location' }, { what: 'builder' }, { what: 'subscription' }],
  });
  expect(made.files.filter((file) => !existsSync(path.join(here, 'my-function-1', file)))).toEqual([]);
  expect(readSettings(readFileSync(path.join(here, 'my-function-1/slipway.yaml'), 'utf8'))).toMatchObject({
    kind: 'settings',
    warnings: [{ path: 'azure.subscription' }],
  });
  const taken = 'already, and the project gets a folder of its own. Say another "name"';
  expect(await call('create', { prompt })).toMatchObject({ isError: true, text: expect.stringContaining(taken) as string });
  // Nothing of a project is in it, and still it is somebody's.
  mkdirSync(path.join(here, 'theirs'));
  expect(await call('create', { name: 'Theirs' })).toMatchObject({ isError: false });
  rmSync(path.join(here, 'theirs'), { recursive: true });
  mkdirSync(path.join(here, 'theirs'));
  writeFileSync(path.join(here, 'theirs/notes.txt'), 'theirs');
  expect(await call('create', { name: 'Theirs' })).toMatchObject({ isError: true, text: expect.stringContaining(taken) as string });
  expect(readdirSync(path.join(here, 'theirs'))).toEqual(['notes.txt']);
  symlinkSync(tmpdir(), path.join(here, 'linked'), 'junction');
  expect(await call('create', { name: 'Linked' })).toMatchObject({ isError: true, text: expect.stringContaining(taken) as string });
  expect(await call('create', { prompt: 'colourless green ideas' })).toEqual({
    isError: true,
    text: 'The prompt says nothing about a project to create. Write it such as: Create an Azure Function project called "My Function 1" in space "My Space".',
  });
  expect(await call('create', { name: 'x', approvers: ["a'@example.com"] })).toMatchObject({ isError: true });
  expect(readdirSync(here)).toEqual(['linked', 'my-function-1', 'theirs']);
  await close();
});

test('an assistant asks what would happen, now and at another time, and nothing is written', async () => {
  const { call, close } = await assistant();
  const freezes = [{ from: '2026-12-20', to: '2027-01-03', reason: 'holidays' }];
  standOn(door.ports, {}, { gates: [{ name: 'release', kind: 'signed-link', approvers: ['ann@example.com'] }], calendar: { freezes } });
  const of = { app: 'hello', environment: 'production', version: '2.0.0' };
  expect(JSON.parse((await call('plan', of)).text)).toMatchObject({ plan: { kind: 'go', gates: [{ approvers: ['ann@example.com'] }] } });
  expect((await call('plan', { ...of, at: '2026-12-24T17:00' })).text).toContain('holidays');
  expect((await call('plan', { ...of, app: 'nobody' })).text).toMatch(/^No environment "production" of an app "nobody"/);
  expect(changes).toEqual([]);
  await close();
});

test('a refusal is told in the words of the API', async () => {
  const { call, close } = await assistant();
  expect(await call('explain', { id: 'nobody' })).toEqual({
    isError: true,
    text: 'There is no rollout "nobody". Look at GET /api/rollouts for the ids there are.',
  });
  expect((await call('start', requestOf({ app: 'nobody' }))).text).toMatch(/^No environment "production" of an app "nobody"/);
  await close();
});

test('no tool, whatever it is given, decides, grants, unblocks or changes a rollout that is there; no answer holds a link, token or code', async () => {
  const { call, client, close } = await assistant();
  const { text } = await call('start', requestOf({ requestId: 'there' }));
  const { id } = JSON.parse(text) as { id: string };
  const link = 'https://slipway.example/api/approvals/eyJhbGciOiJIUzI1NiJ9abcdef.MARKEDTOKENMARKED.MARKEDSIGNATURE#MARK-CODE';
  await tell(door.ports, id, { ...asked, phases: [{ phase: 'asking', startedAt: '2026-11-23T10:00:00.000Z', note: `see ${link}` }] });
  const standing = (await door.ports.rows.read(id, 'rollout'))?.value;
  const stop = { v: 1, app: 'hello', stopped: { reason: 'a flood', by: 'olga', at: '2026-11-23T10:00:00.000Z' } };
  await door.ports.rows.write([{ kind: 'insert', partition: stopsPartition, row: stopKey('hello'), value: stop }]);
  standOn(door.ports, {});
  const settings = structuredClone(door.ports.settings);
  changes.length = 0;
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['list', 'plan', 'explain', 'watch', 'start', 'create']);
  const words = fc.constantFrom(
    id,
    'approve',
    'yes',
    'release',
    'hello',
    'production',
    'cancel',
    `../${id}/cancel`,
    `${id}/roll-back`,
    link,
  );
  const value = fc.oneof(words, fc.jsonValue(), fc.integer());
  const names = [
    'id',
    'app',
    'environment',
    'answer',
    'code',
    'reason',
    'gate',
    'override',
    'outcome',
    'limit',
    'seconds',
    'settings',
    'requestId',
    ...['at', 'hotfix', 'prompt', 'name', 'space', 'approvers', 'suffix', 'into', 'force'],
  ];
  const args = fc.oneof(
    fc.dictionary(fc.constantFrom(...names), value),
    fc
      .dictionary(fc.constantFrom('version', 'requestId', 'actor'), fc.oneof(words, fc.string()))
      .map((more) => ({ ...requestOf(), ...more })),
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...tools.map(({ name }) => name)), args, async (name, given) => {
      const answer = await call(name, given);
      if (!answer.isError) taken += 1;
      expect(answer.text).not.toMatch(/MARKED|MARK-CODE|\/api\/approvals\//);
    }),
    { numRuns: 400 },
  );
  expect(taken).toBeGreaterThan(20);
  expect((await door.ports.rows.read(id, 'rollout'))?.value).toEqual(standing);
  expect((await door.ports.rows.read(stopsPartition, stopKey('hello')))?.value).toEqual(stop);
  expect(door.ports.settings).toEqual(settings);
  expect(readdirSync(path.dirname(here))).toEqual(['here']);
  // All that was ever written: what a start writes, each row for the first time, and that the list of what is open is complete.
  expect(
    [...new Set(changes.map(({ kind, row }) => `${kind} ${row}`))].filter(
      (one) => !/^insert (?:complete|key|open-.+|rollout|source|release-settings)$/.test(one),
    ),
  ).toEqual([]);
  await close();
});

test('the code of the assistant knows nothing that decides or operates', () => {
  const folder = path.join(root, 'src/cli/mcp');
  const imports = readdirSync(folder).flatMap((file) =>
    [...readFileSync(path.join(folder, file), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from ?? ''),
  );
  expect(imports.length).toBeGreaterThan(5);
  expect(imports.filter((from) => /operating|deciding|decide|slipway-client|commands|activities|azure|gates/.test(from))).toEqual([]);
});

test('slipway mcp serves it on stdin and stdout', async () => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [path.join(root, 'dist/src/cli/main.js'), 'mcp', '--url', door.url],
    stderr: 'ignore',
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  const answer = await client.callTool({ name: 'list', arguments: {} });
  expect(JSON.parse((answer.content as { text: string }[])[0]?.text ?? '')).toEqual({ rollouts: [] });
  await client.close();
});
