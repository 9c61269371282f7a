import type { Question } from '../client/deciding';
import { isBeforeSwap, mostCommentCharacters } from '../domain/rollout';
import type { RolloutView } from '../domain/rollout-view';
import { sayJourney } from '../domain/say';
import { Action, type Act } from './action';
import { addressOf } from './addresses';
import { api, may, type Me } from './api';
import { visit } from './visiting';

interface Standing {
  view: RolloutView;
  /** The gates that ask whoever is signed in. */
  questions: readonly Question[];
  /** How the stopped line is told where it holds this rollout. */
  stops: readonly string[];
  /** The other environments of its app. */
  elsewhere: readonly string[];
  me: Me | undefined;
  done: () => void;
}

/** What can be done with a rollout now, by whoever is signed in. */
export const RolloutActions = (standing: Standing) => {
  const acts = actsOf(standing);
  if (acts.length === 0) return null;
  return (
    <section aria-label="What can be done now" class="actions">
      {acts.map((act) => (
        <Action key={act.label} act={act} />
      ))}
    </section>
  );
};

function actsOf(standing: Standing): Act[] {
  const { me } = standing;
  return [
    ...decisionsOf(standing),
    ...(may(me, 'Slipway.Operate') ? operationsOf(standing) : []),
    ...(may(me, 'Slipway.Start') ? startsOf(standing) : []),
  ];
}

/** A yes and a no for each gate that asks; being asked is all the right it takes. */
function decisionsOf({ view, questions, done }: Standing): Act[] {
  const { id, environment, version, sha256 } = view;
  const before = replaced(view);
  const isRevert = view.kind === 'revert';
  const what = `${isRevert ? sayJourney(view) : `${view.app} ${version}`}${sha256 === '' ? '' : ` (package ${sha256.slice(0, 12)})`}`;
  const then = isRevert
    ? `Once every yes is there that policy wants, it takes ${before} back: ${version}`
    : 'Once every yes is there that policy wants, it';
  return questions.flatMap(({ gate, approver, group }) => {
    const where = questions.length > 1 ? ` at ${gate}` : '';
    const who = group === undefined ? approver : `${approver}, as a member of the group that is asked`;
    return [
      {
        label: `Approve${where}`,
        sentence: `Says yes at gate ${gate}, as ${who}, to ${what}. ${then} is swapped into ${environment}, which serves ${before} until then.`,
        reason: 'may',
        reasonLabel: 'A comment',
        longestReason: mostCommentCharacters,
        carryOut: (comment) => api.decide(id, { gate, answer: 'yes', comment }).then(done),
      },
      {
        label: `Reject${where}`,
        sentence: `Says no at gate ${gate}, as ${who}. The rollout ends rejected, whoever else said yes, and ${environment} goes on serving ${before}.`,
        isGrave: true,
        reason: 'must',
        reasonLabel: 'Why',
        longestReason: mostCommentCharacters,
        carryOut: (comment) => api.decide(id, { gate, answer: 'no', comment }).then(done),
      },
    ] satisfies Act[];
  });
}

function operationsOf({ view, stops, done }: Standing): Act[] {
  const { id, app, environment, version, kind, phase, ending, intent, override } = view;
  const before = replaced(view);
  const acts: Act[] = [];
  if (!ending && isBeforeSwap(phase) && intent?.kind !== 'cancel')
    acts.push({
      label: 'Cancel',
      sentence: `Ends this rollout at its next step, before it touches ${environment}, which goes on serving ${before}. People who were told of it hear that it ended.`,
      isGrave: true,
      reason: 'may',
      carryOut: (reason) => api.cancel(id, reason).then(done),
    });
  if (!ending && isBeforeSwap(phase) && kind === 'deploy' && override === undefined && isHeldByCalendar(view, stops))
    acts.push({
      label: 'Override the calendar',
      sentence: `Lets this rollout pass the windows and freezes of ${environment}. Its gates still ask, a stopped line still holds it, and everybody who heard of the rollout hears your reason.`,
      isGrave: true,
      reason: 'must',
      reasonLabel: 'Why it can not wait',
      carryOut: (reason) => api.override(id, reason).then(done),
    });
  if (!ending && (phase === 'swapping' || phase === 'watching') && intent?.kind !== 'roll-back')
    acts.push({
      label: 'Roll back',
      sentence: `Swaps ${environment} of ${app} back to ${before} now, without asking anybody, as long as ${environment} provably still holds ${version}.`,
      isGrave: true,
      reason: 'may',
      carryOut: (reason) => api.rollBack(id, reason).then(done),
    });
  if (ending?.outcome === 'deployed')
    acts.push({
      label: 'Roll back',
      sentence: `Starts a rollout that brings ${before} back to ${environment} of ${app}: by a swap if the staging slot still holds it, else from the kept package. It asks whom policy names for reverts; freezes do not bind it.`,
      isGrave: true,
      reason: 'may',
      carryOut: (reason) => api.rollBack(id, reason).then(goTo(id, done)),
    });
  return acts;
}

function startsOf({ view, elsewhere, done }: Standing): Act[] {
  const { id, app, environment, version, kind, ending } = view;
  if (!ending || kind !== 'deploy') return [];
  const isDeployed = ending.outcome === 'deployed';
  const promotions: Act[] = elsewhere.map((other) => ({
    label: `Promote to ${other}`,
    sentence: `Starts a rollout of the same package, ${app} ${version}, to ${other}, by the policy there: with its checks, its gates and its calendar. Nothing is built again.`,
    carryOut: () => api.promote(id, other).then(goTo(id, done)),
  }));
  return [
    ...(isDeployed ? promotions : []),
    {
      label: isDeployed ? 'Roll out again' : 'Try again',
      sentence: `Starts another rollout of ${app} ${version} to ${environment}, from the kept package, with every check and every gate anew.`,
      carryOut: () => api.tryAgain(id).then(goTo(id, done)),
    },
  ];
}

const goTo = (id: string, done: () => void) => (answer: { id: string }) => {
  if (answer.id === id) done();
  else visit(addressOf({ at: 'rollout', id: answer.id }));
};

/** Foreseen by its plan, or met at the gate, where it is told in sentences alone; a stopped line is no calendar. */
function isHeldByCalendar({ plan, ask }: RolloutView, stops: readonly string[]): boolean {
  const foreseen = plan?.kind === 'go' ? plan.standstills : [];
  const ofLine = new Set([...stops, ...foreseen.filter(({ kind }) => kind === 'stop').map(({ sentence }) => sentence)]);
  return foreseen.some(({ kind }) => kind !== 'stop') || (ask?.held ?? []).some((sentence) => !ofLine.has(sentence));
}

/** What served before, as far as it is known. */
export function replaced({ plan }: Pick<RolloutView, 'plan'>): string {
  const { version, says } = plan?.kind === 'go' ? plan.replaces : {};
  return version ?? says ?? 'what served before';
}
