import { asBeginning, sayTime } from '../../domain/say';
import type { LineChanged } from '../../client/operating';
import { standstillOf, startLine } from '../../domain/stop';
import { exitCodes, type ExitCode } from '../exit-codes';
import type { Adding } from '../program';
import { marked } from '../prose';
import type { Session } from '../world';

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
          marked(session, 'failed', [`${asBeginning(whose(app))} is stopped by ${by} since ${sayTime(at)}: ${reason}`]),
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
          if (change === 'start' && changed.otherStops.length > 0) return tellStillStopped(session, changed);
          session.tell(changed, [`${asBeginning(whose(app))} ${changed.already ? did : does}.`]);
          return exitCodes.done;
        }),
      );
}

/** One stop less, or none that could be taken away, and others that stand. */
function tellStillStopped(session: Session, changed: LineChanged): ExitCode {
  const { app, already, otherStops } = changed;
  const stop = app === null ? 'stop of all apps' : `stop of ${app} alone`;
  session.tell(changed, [
    already ? `There was no ${stop}; nothing is changed.` : `The ${stop} is taken away.`,
    ...otherStops.flatMap((one) =>
      marked(session, 'failed', [`${asBeginning(whose(app ?? one.app))} stays stopped: ${standstillOf(one).sentence}`], startLine(one.app)),
    ),
  ]);
  return already ? exitCodes.notGood : exitCodes.done;
}
