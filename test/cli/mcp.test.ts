import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import fc from 'fast-check';
import type { Change, Rows } from '../../src/azure/rows';
import { connectAssistant } from '../../src/cli/connect';
import { createAssistantServer } from '../../src/cli/mcp/server';
import { callAsOperator, endedAs, requestOf, tell } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';

const root = path.join(__dirname, '../..');
callAsOperator();
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
let changes: Change[];
beforeEach(async () => {
  door = await serveFrontDoor();
  changes = [];
  const write = door.ports.rows.write.bind(door.ports.rows);
  const recorded: Rows['write'] = (all) => {
    changes.push(...all);
    return write(all);
  };
  door.ports.rows.write = recorded;
});
afterEach(() => door.close());

/** The SDK's own client, on a server in this process. */
async function assistant() {
  const [here, there] = InMemoryTransport.createLinkedPair();
  const time = { nowMs: 0 };
  const server = createAssistantServer(
    {
      port: () => connectAssistant({ url: door.url, environment: {}, workingDirectory: root }),
      nowMs: () => time.nowMs,
      sleep: async (milliseconds) => void (time.nowMs += milliseconds),
    },
    '1',
  );
  await server.connect(there);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(here);
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
  changes.length = 0;
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['list', 'explain', 'watch', 'start']);
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
  // All that was ever written: what a start writes, each row for the first time.
  expect(
    [...new Set(changes.map(({ kind, row }) => `${kind} ${row}`))].filter(
      (one) => !/^insert (?:key|rollout|source|release-settings)$/.test(one),
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
