import { exitCodes } from '../exit-codes';
import type { Adding } from '../program';

export function addLedger({ program, act }: Adding): void {
  program
    .command('ledger')
    .description('the record of who did what')
    .command('verify')
    .description('verify the chain of an app and environment; ends with code 1 if it is broken')
    .argument('<app>', 'its name in slipway.yaml')
    .argument('<environment>', 'its name in slipway.yaml')
    .option('--head <seal>', 'the head that any closing notice prints: shows also a cut tail, or a chain written anew')
    .addHelpText(
      'after',
      '\nExamples:\n  slipway ledger verify hello production\n  slipway ledger verify hello production --head 5f0c… --json',
    )
    .action(
      act(async (session, app: string, environment: string, { head }: { head?: string }) => {
        const { entries, chain } = await session.client().ledger(app, environment, head);
        const whose = `The ledger of ${app} in ${environment}`;
        if (chain.kind === 'broken') {
          const known = entries.length === 1 ? '1 entry' : `${entries.length} entries`;
          session.tell({ app, environment, chain }, [`${whose} is broken: ${chain.why}. It has ${known}.`]);
          return exitCodes.notGood;
        }
        session.tell({ app, environment, chain }, [
          `${whose} is whole: ${chain.number === 1 ? '1 entry' : `${chain.number} entries`}, head ${chain.seal === '' ? 'none yet' : chain.seal}.`,
          head === undefined
            ? 'Whether its tail was cut, or all of it written anew, shows only with --head and the head of a closing notice.'
            : 'It holds the head that was given: nothing up to it was cut or written anew.',
        ]);
        return exitCodes.done;
      }),
    );
}
