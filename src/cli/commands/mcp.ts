import { exitCodes } from '../exit-codes';
import type { Adding } from '../program';
import { connectAssistant } from '../connect';

const more = `
Tools: list, plan, explain, watch, start, create. An assistant can make a project, start a rollout and say how it stands; it can never approve, cancel, unblock,
override or stop the line. Projects are made in folders below the one that this runs in, and nothing there is overwritten.

Example, for an assistant that reads a JSON configuration:
  { "mcpServers": { "slipway": { "command": "npx", "args": ["slipway", "mcp"] } } }`;

export function addMcp({ program, act }: Adding): void {
  program
    .command('mcp')
    .description('serve assistants over the Model Context Protocol, on stdin and stdout')
    .addHelpText('after', more)
    .action(
      act(async (session) => {
        // Loaded only where they are needed.
        const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
        const { createAssistantServer } = await import('../mcp/server.js');
        const port = () => connectAssistant(session);
        const server = createAssistantServer({ ...session, port }, '1');
        const ended = new Promise<void>((resolve) => (server.server.onclose = resolve));
        process.stdin.once('end', () => void server.close());
        await server.connect(new StdioServerTransport());
        await ended;
        return exitCodes.done;
      }),
    );
}
