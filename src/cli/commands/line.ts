import { sayTime } from '../../domain/say';
import { exitCodes } from '../exit-codes';
import type { Adding } from '../program';
import { marked } from '../prose';

const whose = (app: string | null | undefined): string => (app ? `the line of ${app}` : 'the line of all apps');

export function addLine({ program, act }: Adding): void {
  const line = program.command('line').description('the line, on which nothing swaps while it is stopped');

  line
    .command('show')
    .description('show which stops of the line stand; ends with code 1 if there is one')
    .addHelpText('after', '\nExamples:\n  slipway line show')
    .action(
      act(async (session) => {
        const stops = await session.client().line();
        const drawn = stops.flatMap(({ app, by, reason, at }) =>
          marked(session, 'failed', [`${capital(whose(app))} is stopped by ${by} since ${sayTime(at)}: ${reason}`]),
        );
        session.tell(stops, stops.length === 0 ? ['The line moves.'] : drawn);
        return stops.length === 0 ? exitCodes.done : exitCodes.notGood;
      }),
    );

  const changes = [
    {
      change: 'stop',
      description: 'stop the line of one app, or of all: nothing swaps until it is started again',
      why: 'why; everybody who waits reads it',
      example: '"the database moves"',
      does: 'is stopped: nothing swaps until it is started again',
      did: 'was stopped before',
    },
    {
      change: 'start',
      description: 'start the line of one app, or of all, again',
      why: 'why it may move again',
      example: '"the database has moved"',
      does: 'moves again',
      did: 'was moving before',
    },
  ] as const;
  for (const { change, description, why, example, does, did } of changes)
    line
      .command(change)
      .description(description)
      .argument('[app]', 'its name in slipway.yaml (default: all apps)')
      .requiredOption('--reason <text>', why)
      .addHelpText('after', `\nExamples:\n  slipway line ${change} --reason ${example}\n  slipway line ${change} hello --reason ${example}`)
      .action(
        act(async (session, app: string | undefined, { reason }: { reason: string }) => {
          const changed = await session.client().changeLine(change, app ?? null, reason);
          session.tell(changed, [`${capital(whose(app))} ${changed.already ? did : does}.`]);
          return exitCodes.done;
        }),
      );
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
