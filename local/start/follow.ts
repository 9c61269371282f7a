import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api';
import { approve, findInvitation } from './approver';
import type { RolloutView } from '../../src/domain/rollout-view';
import type { Screen } from '../../src/cli/screen';

const lookEveryMs = 300;

export interface Following {
  api: Api;
  screen: Screen;
  inboxUrl: string;
  /** Play the approver. */
  handsFree: boolean;
  /** Ends the following: Ctrl-C, a child that died, or the time being up. */
  signal: AbortSignal;
}

/** Closing notices do not hold up an outcome; they are waited for this long. */
const goodbyeMs = 10_000;

/** Shows a rollout until it has ended and told people, and answers it as it ended. Rejects when the signal comes first. */
export async function followRollout(id: string, { api, screen, inboxUrl, handsFree, signal }: Following): Promise<RolloutView> {
  let asked = false;
  let endedAtMs: number | undefined;
  for (;;) {
    const view = await api.rollout(id);
    signal.throwIfAborted();
    if (view?.ending) endedAtMs ??= Date.now();
    const told = view?.phase === 'done' || (endedAtMs !== undefined && Date.now() - endedAtMs > goodbyeMs);
    if (view) screen.show(told ? { ...view, phase: 'done' } : view);
    if (view && told) {
      screen.settle();
      return view;
    }
    if (view?.ask?.state === 'open' && !asked) asked = await answerMail(view, { screen, inboxUrl, handsFree });
    await sleep(lookEveryMs, undefined, { signal });
  }
}

/** False while the mail has not arrived. */
async function answerMail(
  view: RolloutView,
  { screen, inboxUrl, handsFree }: Pick<Following, 'screen' | 'inboxUrl' | 'handsFree'>,
): Promise<boolean> {
  // An inbox that does not answer is asked again.
  const invitation = await findInvitation(inboxUrl, view.version).catch(() => undefined);
  if (!invitation) return false;
  if (!handsFree) {
    screen.say(`The question is in the inbox: ${inboxUrl} (open the mail, follow its link, answer).`, '');
    return true;
  }
  screen.say(`The mail "${invitation.subject}" is in the inbox. Hands-free: opening its link as ${invitation.approver} and answering yes.`);
  await approve(invitation);
  return true;
}
