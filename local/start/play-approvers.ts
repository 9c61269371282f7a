import type { LocalAzure } from '../azure';
import type { RolloutView } from '../../src/domain/rollout-view';
import { serviceName } from '../../src/domain/service-gate';
import type { Screen } from '../../src/cli/screen';
import { approve, invitationsIn } from './approver';

/** Plays everybody whom a rehearsal asks; `played` keeps what was answered. */
export async function playApprovers(
  azure: LocalAzure,
  { ask, version }: Pick<RolloutView, 'ask' | 'version'>,
  played: Set<string>,
  screen: Screen,
): Promise<void> {
  if (ask?.state !== 'open') return;
  await answerMails(azure, version, played, screen);
  for (const { number, service } of ask.requests ?? []) {
    const step = number === undefined ? undefined : waitingStep(azure, service, number);
    if (number === undefined || step === undefined || played.has(`${number} ${step}`)) continue;
    played.add(`${number} ${step}`);
    screen.say(`${number} waits for its approvers in ${serviceName({ kind: service })}, and one of them says yes in this rehearsal.`);
    if (service === 'servicenow') azure.itsmPeople.servicenow.answer(number, 'approved');
    else azure.itsmPeople.jira.answer(number, 'approve');
  }
}

/** Opens each mail that asks, once, and says yes. */
async function answerMails(azure: LocalAzure, version: string, opened: Set<string>, screen: Screen): Promise<void> {
  const invitations = invitationsIn(azure.mails(), version);
  for (const invitation of invitations.filter(({ link }) => !opened.has(link))) {
    opened.add(invitation.link);
    screen.say(`${invitation.approver} is asked by mail, and says yes in this rehearsal.`);
    await approve(invitation).catch((error: unknown) => screen.say(error instanceof Error ? error.message : String(error)));
  }
}

/** What is to be approved just now; undefined where nobody is asked there. */
function waitingStep({ itsmPeople }: LocalAzure, service: 'servicenow' | 'jira', number: string): string | undefined {
  if (service === 'servicenow') {
    const change = itsmPeople.servicenow.changes().find((one) => one.number === number);
    return change?.columns['approval'] === 'requested' ? change.columns['state'] : undefined;
  }
  const request = itsmPeople.jira.requests().find(({ key }) => key === number);
  return request?.approvals.findLast(({ finalDecision }) => finalDecision === 'pending')?.id;
}
