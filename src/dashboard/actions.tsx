import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { isBeforeSwap } from '../domain/rollout';
import type { RolloutView } from '../domain/rollout-view';
import { api, may, type Me } from './api';
import { Trouble } from './parts';
import { visit } from './visiting';
import { addressOf } from './addresses';

interface Act {
  /** What stands on the button. */
  label: string;
  /** What it will do. */
  sentence: string;
  isGrave?: boolean;
  /** What is asked for besides: `must` be said, or `may` be. */
  reason?: 'must' | 'may';
  reasonLabel?: string;
  carryOut: (reason: string) => Promise<unknown>;
}

/** A button that says what it will do before it does it. */
export const Action = ({ act }: { act: Act }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [state, setState] = useState<{ kind: 'asking' } | { kind: 'doing' } | { kind: 'failed'; failure: Error }>({ kind: 'asking' });
  const id = useId();
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  const close = () => {
    dialog.current?.close();
    setOpen(false);
    setState({ kind: 'asking' });
  };
  const carryOut = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = new FormData(event.currentTarget as HTMLFormElement).get('reason');
    setState({ kind: 'doing' });
    act
      .carryOut(typeof reason === 'string' ? reason.trim() : '')
      .then(close, (failure: unknown) =>
        setState({ kind: 'failed', failure: failure instanceof Error ? failure : new Error(String(failure)) }),
      );
  };
  return (
    <>
      <button type="button" class={act.isGrave ? 'act grave' : 'act'} onClick={() => setOpen(true)}>
        {act.label}
      </button>
      {isOpen && (
        <dialog ref={dialog} aria-labelledby={`${id}-title`} aria-describedby={`${id}-what`} onClose={close}>
          <form onSubmit={carryOut}>
            <h2 id={`${id}-title`}>{act.label}</h2>
            <p id={`${id}-what`}>{act.sentence}</p>
            {act.reason && (
              <>
                <label for={`${id}-reason`}>
                  {act.reasonLabel ?? 'Why'}
                  {act.reason === 'may' && <span class="quiet"> (if you like)</span>}
                </label>
                <textarea id={`${id}-reason`} name="reason" rows={2} maxLength={500} required={act.reason === 'must'} />
              </>
            )}
            {state.kind === 'failed' && <Trouble failure={state.failure} />}
            <div class="buttons">
              <button type="submit" class={act.isGrave ? 'act grave' : 'act first'} disabled={state.kind === 'doing'}>
                {act.label}
              </button>
              <button type="button" class="act" onClick={close}>
                Leave it
              </button>
            </div>
          </form>
        </dialog>
      )}
    </>
  );
};

export const UnblockAction = ({ app, environment, done }: { app: string; environment: string; done: () => void }) => (
  <Action
    act={{
      label: 'Let the lane move again',
      sentence: `Says that a person looked at ${environment} of ${app} and that rollouts may go there again. Nothing is changed in Azure; the next rollout in the queue begins.`,
      reason: 'must',
      reasonLabel: 'What you looked at, and why it may move again',
      carryOut: (reason) => api.unblock(app, environment, reason).then(done),
    }}
  />
);

/** What can be done with a rollout now, by whoever is signed in. */
export const RolloutActions = ({ view, me, done }: { view: RolloutView; me: Me | undefined; done: () => void }) => {
  const acts = actsOf(view, me, done);
  if (acts.length === 0) return null;
  return (
    <Row>
      {acts.map((act) => (
        <Action key={act.label} act={act} />
      ))}
    </Row>
  );
};

const Row = ({ children }: { children: ComponentChildren }) => (
  <section aria-label="What can be done now" class="actions">
    {children}
  </section>
);

function actsOf(view: RolloutView, me: Me | undefined, done: () => void): Act[] {
  const { id, app, environment, version, kind, phase, ending, intent } = view;
  const before = replaced(view);
  const acts: Act[] = [];
  const goTo = (answer: { id: string }) => {
    if (answer.id === id) done();
    else visit(addressOf({ at: 'rollout', id: answer.id }));
  };
  if (may(me, 'Slipway.Operate')) {
    if (!ending && isBeforeSwap(phase) && intent?.kind !== 'cancel')
      acts.push({
        label: 'Cancel',
        sentence: `Ends this rollout at its next step, before it touches ${environment}, which goes on serving ${before}. People who were told of it hear that it ended.`,
        isGrave: true,
        reason: 'may',
        carryOut: (reason) => api.cancel(id, reason).then(done),
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
        carryOut: (reason) => api.rollBack(id, reason).then(goTo),
      });
  }
  if (ending && kind === 'deploy' && may(me, 'Slipway.Start'))
    acts.push({
      label: ending.outcome === 'deployed' ? 'Roll out again' : 'Try again',
      sentence: `Starts another rollout of ${app} ${version} to ${environment}, from the kept package, with every check and every gate anew.`,
      carryOut: () => api.tryAgain(id).then(goTo),
    });
  return acts;
}

/** What served before, as far as it is known. */
export function replaced({ plan }: Pick<RolloutView, 'plan'>): string {
  const { version, says } = plan?.kind === 'go' ? plan.replaces : {};
  return version ?? says ?? 'what served before';
}
