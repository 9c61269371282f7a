import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import * as z from 'zod';
import { assumptionsOf, filesOf, notesOf, understand, writeProject } from '../create/make-project';
import { commandHere } from '../create/project-files';
import { accounts, builders, example } from '../create/read-prompt';
import { CliMistake } from '../mistake';
import type { Answering, AssistantWorld } from './server';

const mails = z.array(z.string().max(320)).min(1).max(10);

const input = {
  prompt: z.string().max(2000).optional().describe(`What it should be, such as: ${example}`),
  name: z.string().max(200).optional().describe('What the project is called; goes before what the prompt says, as all of these do.'),
  space: z.string().max(200).optional().describe('What it belongs to.'),
  account: z.enum(accounts).optional().describe('How the builds sign in to Azure.'),
  builder: z.enum(builders).optional().describe('Who builds.'),
  approvers: mails.optional().describe('Who approves each rollout to production. Ask the person whom you work for; never make them up.'),
  team: mails.optional().describe('Who hears of starts and ends.'),
  location: z.string().max(40).optional().describe('Region in Azure, by its name or as the portal shows it.'),
  subscription: z.string().max(40).optional().describe('Id of the subscription in Azure.'),
  suffix: z.string().max(6).optional().describe('What makes the name of the function app its own in all of Azure.'),
};

type Input = z.output<z.ZodObject<typeof input>>;

/** The same as `slipway create`, in a new folder below the one that the server runs in; it never overwrites. */
export function addCreate(server: McpServer, { workingDirectory }: AssistantWorld, answering: Answering): void {
  server.registerTool(
    'create',
    {
      description:
        'Makes a new Azure Function project in a folder of its own: app, policy in seven steps, infrastructure, runbooks, workflows. Nothing is created in Azure, and no rollout starts.',
      inputSchema: input,
      annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
    },
    answering(async (wanted: Input) => create(workingDirectory, wanted)),
  );
}

async function create(workingDirectory: string, { prompt, ...flags }: Input): Promise<object> {
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const { said, notUnderstood } = understand(prompt, given);
  const { name } = said;
  if (name === undefined) throw new CliMistake('The project has no name yet.', `Say "name", or write a prompt such as: ${example}`);
  const { project, files } = filesOf({ ...said, name });
  // Made of letters, digits and "-" alone, so it leads nowhere else.
  const folder = project.names.app;
  const place = path.join(workingDirectory, folder);
  if (!isFree(place))
    throw new CliMistake(
      `There is a ${folder} in ${workingDirectory} already, and the project gets a folder of its own.`,
      'Say another "name"; or let a person run slipway create, which can write into a folder that is there.',
    );
  writeProject(place, files, false);
  return {
    folder,
    ...project,
    assumed: assumptionsOf(said).map(({ what, taken }) => ({ what, taken })),
    notUnderstood,
    notes: notesOf({ ...said, name }, project),
    files: files.map((file) => file.path),
    next: `In ${folder}: npm install, npm run build -- --version 1.0.0, ${commandHere()} rehearse --package dist/${folder}.zip --release 1.0.0.`,
  };
}

/** Nothing is there, or a folder that holds nothing. A link is neither: it leads elsewhere. */
function isFree(place: string): boolean {
  const found = lstatSync(place, { throwIfNoEntry: false });
  return found === undefined || (found.isDirectory() && readdirSync(place).length === 0);
}
