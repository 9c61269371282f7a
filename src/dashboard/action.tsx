import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Trouble } from './parts';

export interface Act {
  /** What stands on the button. */
  label: string;
  /** What it will do. */
  sentence: string;
  isGrave?: boolean;
  /** What is asked for besides: `must` be said, or `may` be. */
  reason?: 'must' | 'may';
  reasonLabel?: string;
  longestReason?: number;
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
                <textarea
                  id={`${id}-reason`}
                  name="reason"
                  rows={2}
                  maxLength={act.longestReason ?? 500}
                  required={act.reason === 'must'}
                />
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
