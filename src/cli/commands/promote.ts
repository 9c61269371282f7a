import { exitCodes } from '../exit-codes';
import type { Adding } from '../program';

export function addPromote({ program, act }: Adding): void {
  program
    .command('promote')
    .description('take what a rollout deployed on to another environment; nothing is built again')
    .argument('<id>', 'the rollout that deployed it')
    .option('--to <environment>', 'where it goes (default: the one that policy names as the next)')
    .addHelpText(
      'after',
      '\nExamples:\n  slipway promote hello-test-2-0-0-4f1a09c2\n  slipway promote hello-test-2-0-0-4f1a09c2 --to production',
    )
    .action(
      act(async (session, id: string, { to }: { to?: string }) => {
        const accepted = await session.client().promote(id, to);
        const what = `Rollout ${accepted.id} takes on what ${id} deployed`;
        session.tell(accepted, [
          accepted.already ? `${what}, as had been asked for before.` : `${what}.`,
          `Watch it: slipway status ${accepted.id} --watch`,
        ]);
        return exitCodes.done;
      }),
    );

  program
    .command('try-again')
    .description('start another rollout of the release that an ended one brought, from the kept package')
    .argument('<id>', 'the rollout that has ended')
    .addHelpText('after', '\nExamples:\n  slipway try-again hello-production-2-0-0-4f1a09c2')
    .action(
      act(async (session, id: string) => {
        const accepted = await session.client().tryAgain(id);
        const what = `Rollout ${accepted.id} tries again what ${id} brought`;
        session.tell(accepted, [
          accepted.already ? `${what}; it was on its way already.` : `${what}.`,
          `Watch it: slipway status ${accepted.id} --watch`,
        ]);
        return exitCodes.done;
      }),
    );
}
