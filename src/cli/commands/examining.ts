import type { Examined } from '../../domain/examined';
import { exitCodes } from '../exit-codes';
import type { Adding } from '../program';
import { marked, prose } from '../prose';
import type { Session } from '../world';

export function addExamining({ program, act }: Adding): void {
  program
    .command('doctor')
    .description('examine a target, and Slipway itself: what stands in the way of a rollout, what it means, what mends it')
    .argument('<app>', 'its name in slipway.yaml')
    .argument('[environment]', 'its name in slipway.yaml', 'production')
    .addHelpText(
      'after',
      '\nNothing is changed. Ends with code 1 if something stops a rollout.\n\nExamples:\n  slipway doctor hello\n  slipway doctor hello test --json',
    )
    .action(
      act(async (session, app: string, environment: string) => {
        const examined = await session.client().doctor(app, environment);
        session.tell(examined, draw(session, examined));
        return examined.ok ? exitCodes.done : exitCodes.notGood;
      }),
    );

  program
    .command('adopt')
    .description('write the part of slipway.yaml for a function app that is there, with what was found as comments')
    .argument('<resource-id>', 'of the function app, as az functionapp show --query id prints it')
    .addHelpText(
      'after',
      '\nNothing is changed. The text is to be looked through and put into slipway.yaml.\n\nExamples:\n  slipway adopt /subscriptions/…/resourceGroups/…/providers/Microsoft.Web/sites/hello\n  slipway adopt "$(az functionapp show -g shop -n hello --query id -o tsv)"',
    )
    .action(
      act(async (session, resource: string) => {
        const adoption = await session.client().adopt(resource);
        session.tell(adoption, [adoption.yaml.trimEnd()]);
        return exitCodes.done;
      }),
    );
}

function draw(session: Session, { app, environment, findings }: Examined): string[] {
  const stops = findings.filter(({ weight }) => weight === 'stops').length;
  const warns = findings.length - stops;
  const things = (count: number) => (count === 1 ? '1 thing' : `${count} things`);
  const found = [
    stops === 0 ? 'nothing stands in the way of a rollout' : `${things(stops)} ${stops === 1 ? 'stands' : 'stand'} in the way of a rollout`,
    ...(warns === 0 ? [] : [`${things(warns)} ${warns === 1 ? 'is' : 'are'} worth knowing`]),
  ];
  return [
    ...prose(session, `${app} to ${environment}: ${found.join('; ')}.`),
    ...findings.flatMap(({ weight, code, sentence, why, next }) =>
      marked(session, weight === 'stops' ? 'failed' : 'inconclusive', [`${sentence} (${code})`, why], next),
    ),
  ];
}
