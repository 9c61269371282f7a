import { InvalidArgumentError, Option } from 'commander';
import type { ListFilter } from '../../client/reading';
import { outcomes } from '../../domain/rollout';
import type { RolloutSummary } from '../../domain/rollout-view';
import { sayBetween } from '../../domain/say';
import { drawRollout } from '../draw-rollout';
import { exitCodes } from '../exit-codes';
import { followRollout, isGood } from '../follow-rollout';
import { CliMistake } from '../mistake';
import type { Adding } from '../program';
import { hasColor } from '../prose';
import type { Session } from '../world';

const statusExamples = `
Examples:
  slipway status                  the newest rollout that is under way, or else the newest
  slipway status ID --watch       follows it to its end
  slipway status ID --json        everything that is known of it`;

export function addReading({ program, act }: Adding): void {
  program
    .command('status')
    .description('show a rollout, or follow it to its end')
    .argument('[id]', 'the rollout (default: the newest)')
    .option('-w, --watch', 'follow it until it has ended; ends with code 1 unless it is deployed or unchanged')
    .addHelpText('after', statusExamples)
    .action(
      act(async (session, named: string | undefined, { watch }: { watch?: true }) => {
        const id = named ?? (await newest(session));
        if (watch) return followRollout(session, id);
        const view = await session.client().rollout(id);
        session.tell(
          view,
          drawRollout(view, { width: session.out.columns || 92, color: hasColor(session), nowMs: session.nowMs(), tick: 0 }),
        );
        return exitCodes.done;
      }),
    );

  program
    .command('list')
    .description('list rollouts, newest first')
    .option('--app <name>', 'only of this app')
    .option('--environment <name>', 'only to this environment')
    .addOption(new Option('--outcome <outcome>', 'only those that ended so').choices([...outcomes, 'running']))
    .addOption(new Option('--limit <number>', 'at most so many').argParser(wholeNumber).default(20))
    .addHelpText('after', '\nExamples:\n  slipway list --outcome running\n  slipway list --app hello --limit 5 --json')
    .action(
      act(async (session, { app, environment, outcome, limit }: ListFilter) => {
        const rollouts = await session.client().rollouts({ app, environment, outcome, limit });
        session.tell(rollouts, rollouts.length > 0 ? table(rollouts.map((one) => row(one, session.nowMs()))) : ['No rollout fits.']);
        return exitCodes.done;
      }),
    );
}

function wholeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > 200)
    throw new InvalidArgumentError('Write a whole number from 1 to 200.');
  return Number(text);
}

async function newest(session: Session): Promise<string> {
  const client = session.client();
  const [running] = await client.rollouts({ outcome: 'running', limit: 1 });
  const [last] = running ? [running] : await client.rollouts({ limit: 1 });
  if (last) return last.id;
  throw new CliMistake('There is no rollout yet.', 'Start one: slipway start --help says how.');
}

function row(rollout: RolloutSummary, nowMs: number): string[] {
  const { app, version, environment, kind, ending, phase, held, admittedAt, id } = rollout;
  const ago = `${sayBetween(ending?.at ?? admittedAt, new Date(nowMs).toISOString())}${ending ? ' ago' : ''}`;
  const glyph = held ? '◔' : ending === undefined ? '◐' : isGood(rollout) ? '✓' : ending.outcome === 'needs-attention' ? '‼' : '✗';
  return [
    glyph,
    `${app} ${kind === 'revert' ? 'back to ' : ''}${version}`,
    environment,
    ending?.outcome ?? (held ? `${phase}, held` : phase),
    ago,
    id,
  ];
}

/** Columns, two spaces between them. */
function table(rows: string[][]): string[] {
  const widthOf = (column: number) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0));
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widthOf(column)))
      .join('  ')
      .trimEnd(),
  );
}
