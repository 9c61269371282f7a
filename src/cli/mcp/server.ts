import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import * as z from 'zod';
import { SlipwayProblem, SlipwayUnreachable } from '../../client/problem';
import type { reading } from '../../client/reading';
import type { starting } from '../../client/starting';
import { outcomes } from '../../domain/rollout';
import { redactJson } from '../../domain/redact';
import { planQuery } from '../../domain/api-requests';
import { rolloutRequestSchema } from '../../domain/rollout-request';
import type { RolloutView } from '../../domain/rollout-view';
import { CliMistake } from '../mistake';
import { addCreate } from './create';
import { explain } from './explain';

/**
 * All that an assistant may ask of Slipway: to read, and to start. There is nothing here that decides, cancels, unblocks or overrides: whoever
 * drives the assistant by a prompt can't make it approve.
 */
export type AssistantPort = ReturnType<typeof reading> & ReturnType<typeof starting>;

export interface AssistantWorld {
  /** Finds Slipway, each time anew: it may have been started since. */
  port: () => AssistantPort;
  sleep: (milliseconds: number) => Promise<void>;
  nowMs: () => number;
  /** Projects are made in folders of this one, and nowhere else. */
  workingDirectory: string;
}

const lookEveryMs = 1000;
const longestWatchSeconds = 300;

const rolloutId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,200}$/, 'the id of a rollout')
  .describe('Id of the rollout.');
const readOnly = { readOnlyHint: true, openWorldHint: false };

/** The MCP server; whoever makes it connects it to a transport. */
export function createAssistantServer(world: AssistantWorld, version: string): McpServer {
  const server = new McpServer({ name: 'slipway', version });
  const filter = {
    app: z.string().max(40).optional(),
    environment: z.string().max(40).optional(),
    outcome: z.enum([...outcomes, 'running']).optional(),
    limit: z.number().int().min(1).max(50).default(10),
  };
  server.registerTool(
    'list',
    { description: 'Lists rollouts, newest first.', inputSchema: filter, annotations: readOnly },
    answering(async (wanted: z.output<z.ZodObject<typeof filter>>) => ({ rollouts: await world.port().rollouts(wanted) })),
  );
  server.registerTool(
    'plan',
    {
      description: 'Says what would happen to a release now or at another time, and why: way, gates, calendar. It changes nothing.',
      inputSchema: planQuery.shape,
      annotations: readOnly,
    },
    answering(async (of: z.input<typeof planQuery>) => world.port().plan(of)),
  );
  server.registerTool(
    'explain',
    {
      description: 'Says how a rollout stands, or why it ended as it did, what production serves, and what to do next.',
      inputSchema: { id: rolloutId },
      annotations: readOnly,
    },
    answering(async ({ id }: { id: string }) => explain(await world.port().rollout(id))),
  );
  const watchInput = { id: rolloutId, seconds: z.number().int().min(1).max(longestWatchSeconds).default(60) };
  server.registerTool(
    'watch',
    {
      description: `Follows a rollout until it ends, waits for a person, or the time is up (at most ${longestWatchSeconds} s).`,
      inputSchema: watchInput,
      annotations: readOnly,
    },
    answering(async ({ id, seconds }: { id: string; seconds: number }) => explain(await watch(world, id, seconds))),
  );
  server.registerTool(
    'start',
    {
      description: 'Starts a rollout of a package that is uploaded already. People decide about it at its gates; an assistant never can.',
      inputSchema: rolloutRequestSchema.shape,
      annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    },
    answering(async (request: z.input<typeof rolloutRequestSchema>) => {
      const { id, already } = await world.port().start(request);
      return { id, already };
    }),
  );
  addCreate(server, world, answering);
  return server;
}

async function watch({ port, sleep, nowMs }: AssistantWorld, id: string, seconds: number): Promise<RolloutView> {
  const untilMs = nowMs() + seconds * 1000;
  for (;;) {
    const view = await port().rollout(id);
    if (view.ending || view.ask?.state === 'open' || nowMs() >= untilMs) return view;
    await sleep(lookEveryMs);
  }
}

export interface Answered {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
  isError?: boolean;
}

const approvalLink = /https?:\/\/[^\s"]*\/api\/approvals\/[^\s"]*/g;

export type Answering = typeof answering;

/** What a tool answers, without anything that may be a link, a token or a code; refusals in the words of the API. */
const answering =
  <Input>(ask: (input: Input) => Promise<object>) =>
  async (input: Input): Promise<Answered> => {
    try {
      const text = JSON.stringify(redactJson(await ask(input)), null, 2);
      return { content: [{ type: 'text', text: text.replace(approvalLink, 'an approval link, withheld') }] };
    } catch (error) {
      const sentence = refusalIn(error);
      if (sentence === undefined) throw error;
      return { content: [{ type: 'text', text: sentence }], isError: true };
    }
  };

function refusalIn(error: unknown): string | undefined {
  if (error instanceof SlipwayProblem)
    return [error.detail, ...error.errors.map(({ pointer, detail }) => `${pointer} ${detail}.`), error.next].join(' ');
  if (error instanceof SlipwayUnreachable || error instanceof CliMistake) return error.message;
  return undefined;
}
