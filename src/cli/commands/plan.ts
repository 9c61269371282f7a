import { sayWall } from '../../domain/calendar';
import type { SlipwayClient } from '../../client/slipway-client';
import { exitCodes } from '../exit-codes';
import type { Adding } from '../program';
import { marked, prose } from '../prose';
import type { Session } from '../world';

type Foreseen = Awaited<ReturnType<SlipwayClient['plan']>>;

interface PlanOptions {
  to: string;
  at?: string;
  sha256?: string;
  hotfix?: string;
}

const examples = `
Nothing is changed. Ends with code 1 where no rollout would come of it: it is refused, the slot is not fit for it, the lane is blocked, policy lets no second one in, or the ask would expire before the calendar opens.

Examples:
  slipway plan hello
  slipway plan hello 2.0.0 --at 2026-12-24T17:00
  slipway plan hello 2.0.0 --to test --sha256 9c1e… --json`;

export function addPlan({ program, act }: Adding): void {
  program
    .command('plan')
    .description('tell what would happen to a release, now or at another time, and why')
    .argument('<app>', 'its name in slipway.yaml')
    .argument('[version]', 'the version, as people know it (default: the next release)')
    .option('--to <environment>', 'where it would go', 'production')
    .option('--at <time>', "when: ISO 8601 with an offset, or what clocks show in the policy's time zone (default: now)")
    .option('--sha256 <digest>', 'of its package: whether it is live already, and was deployed where policy wants it before')
    .option('--hotfix <reason>', 'as a hotfix')
    .addHelpText('after', examples)
    .action(
      act(async (session, app: string, version: string | undefined, { to, ...options }: PlanOptions) => {
        const given = version === undefined ? options : { ...options, version };
        const foreseen = await session.client().plan({ app, environment: to, ...given });
        session.tell(foreseen, draw(session, foreseen, version === undefined ? `the next release of ${app}` : `${app} ${version}`));
        const { plan, problems, wouldExpire } = foreseen;
        return plan.kind === 'refused' || problems.length > 0 || wouldExpire ? exitCodes.notGood : exitCodes.done;
      }),
    );
}

function draw(session: Session, foreseen: Foreseen, what: string): string[] {
  const { environment, clock, zone, plan, joins, turn, problems, warnings } = foreseen;
  const refusals = [...(plan.kind === 'refused' ? [plan] : []), ...problems];
  return [
    ...prose(session, `${what} to ${environment}, as it would be on ${clock} (${zone})`),
    ...(plan.kind === 'refused' ? [] : marked(session, 'done', [plan.sentence])),
    ...(plan.kind === 'go' ? drawGo(session, foreseen, plan) : []),
    ...(joins ? marked(session, 'waiting', [joins.sentence]) : []),
    ...(turn && plan.kind !== 'refused' ? marked(session, 'waiting', [turn.sentence]) : []),
    ...refusals.flatMap(({ sentence, next }) => marked(session, 'failed', [sentence], next)),
    ...warnings.flatMap((sentence) => marked(session, 'inconclusive', [sentence])),
  ];
}

function drawGo(session: Session, { zone, standstills, maySwapAt, expiresAt, wouldExpire }: Foreseen, plan: GoPlan): string[] {
  const wall = (iso: string) => `${sayWall(zone, Date.parse(iso))} (${zone})`;
  const opens = maySwapAt === undefined ? 'Nobody can say when it may swap.' : `It may swap from ${wall(maySwapAt)} on.`;
  const ends = `Asked then, it expires on ${wall(expiresAt)}${wouldExpire ? ', before it may swap.' : '.'}`;
  return [
    ...marked(session, 'to come', [replaced(plan)]),
    ...plan.gates.flatMap(({ name, kind, needed, approvers }) =>
      marked(session, 'waiting', [`${name} (${kind}) needs ${needed} of: ${approvers.join(', ')}.`]),
    ),
    ...(standstills.length === 0 ? [] : marked(session, wouldExpire ? 'failed' : 'waiting', [`${opens} ${ends}`])),
  ];
}

type GoPlan = Extract<Foreseen['plan'], { kind: 'go' }>;

const replaced = ({ replaces, adopts }: GoPlan): string =>
  replaces.version !== null
    ? `It replaces ${replaces.version}.`
    : adopts
      ? 'It replaces what Slipway never touched.'
      : 'It replaces a release of which Slipway knows no version.';
