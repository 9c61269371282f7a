import { standstillOf, startLine } from '../../domain/stop';
import { exitCodes } from '../exit-codes';
import type { Adding } from '../program';
import { marked } from '../prose';

export function addOperating({ program, act }: Adding): void {
  program
    .command('cancel')
    .description('end a rollout, as long as its swap has not begun')
    .argument('<id>', 'the rollout')
    .option('--reason <text>', 'why, for whoever reads the ledger')
    .addHelpText('after', '\nExamples:\n  slipway cancel hello-production-2-0-0-4f1a09c2 --reason "the wrong build"')
    .action(
      act(async (session, id: string, { reason }: { reason?: string }) => {
        const accepted = await session.client().cancel(id, reason);
        session.tell(accepted, [
          accepted.already
            ? `Rollout ${id} had been asked to end before.`
            : `Rollout ${id} is asked to end; production keeps what it serves.`,
          `See how it ends: slipway status ${id} --watch`,
        ]);
        return exitCodes.done;
      }),
    );

  program
    .command('roll-back')
    .description('take back what a rollout did to production')
    .argument('<id>', 'the rollout')
    .option('--reason <text>', 'why, for whoever reads the ledger')
    .addHelpText(
      'after',
      '\nWhile it swaps or watches, the rollout takes itself back; once it has ended, a rollout of kind revert does, with gates of its own.\n\nExamples:\n  slipway roll-back hello-production-2-0-0-4f1a09c2 --reason "orders fail"',
    )
    .action(
      act(async (session, id: string, { reason }: { reason?: string }) => {
        const accepted = await session.client().rollBack(id, reason);
        const who = accepted.id === id ? `Rollout ${id} takes itself back` : `Rollout ${accepted.id} takes ${id} back`;
        session.tell(accepted, [
          accepted.already ? `${who}, as had been asked for before.` : `${who}.`,
          `See how it ends: slipway status ${accepted.id} --watch`,
        ]);
        return exitCodes.done;
      }),
    );

  program
    .command('override')
    .description('let a rollout pass windows and freezes; its gates still ask')
    .argument('<id>', 'the rollout')
    .requiredOption('--reason <text>', 'why it cannot wait; everybody who heard of the rollout hears it')
    .addHelpText(
      'after',
      '\nA stopped line still holds it.\n\nExamples:\n  slipway override hello-production-2-0-0-4f1a09c2 --reason "customers cannot pay"',
    )
    .action(
      act(async (session, id: string, { reason }: { reason: string }) => {
        const accepted = await session.client().override(id, reason);
        session.tell(accepted, [
          accepted.already ? `Rollout ${id} had been let pass before.` : `Rollout ${id} waits for no window and no freeze any more.`,
          ...(accepted.stillHeldBy ?? []).flatMap((stop) =>
            marked(session, 'failed', [`The line still holds it: ${standstillOf(stop).sentence}`], startLine(stop.app)),
          ),
          `See how it goes on: slipway status ${id} --watch`,
        ]);
        return exitCodes.done;
      }),
    );

  program
    .command('unblock')
    .description('let a lane move again after needs-attention')
    .argument('<app>', 'its name in slipway.yaml')
    .argument('<environment>', 'its name in slipway.yaml')
    .requiredOption('--reason <text>', 'what you looked at, and why the lane may move again')
    .addHelpText('after', '\nExamples:\n  slipway unblock hello production --reason "both slots looked at; production serves 1.0.0"')
    .action(
      act(async (session, app: string, environment: string, { reason }: { reason: string }) => {
        const lane = await session.client().unblock(app, environment, reason);
        const next = lane.queue[0];
        session.tell(lane, [
          `The lane of ${app} to ${environment} is free again.`,
          next ? `${next.rolloutId} is next.` : 'Nothing waits for it.',
        ]);
        return exitCodes.done;
      }),
    );
}
