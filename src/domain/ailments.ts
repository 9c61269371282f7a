import { mailsOfRollout } from './recipients';
import type { Policy, Settings } from './settings';
import type { Finding } from './traps';

/** What the doctor knows of Slipway itself; names and numbers, no value of a setting. */
export interface OwnFacts {
  inAzure: boolean;
  signInOn: boolean;
  publicUrl: string;
  /** Sender address of mails. */
  mailSender: string;
  /** How far this clock is before Azure's, in milliseconds; undefined where nobody could tell. */
  clockAheadMs: number | undefined;
  settings: Pick<Settings, 'people' | 'channels' | 'outgoing'>;
  policy: Policy;
}

/** Sends an hour of a domain that Azure manages, a whole subscription's; one of one's own has ten times that (service limits of Communication Services). */
const managedSendsAnHour = 10;
const mostSkewMs = 60_000;

/** What is wrong with Slipway itself, as far as it can tell. */
export function findAilments(own: OwnFacts): Finding[] {
  const found: Finding[] = [];
  const warn = (isSo: boolean, code: string, sentence: string, why: string, next: string): void => {
    if (isSo) found.push({ code, weight: 'warns', sentence, why, next });
  };
  const mails = mailsOfRollout(own.settings, own.policy);
  warn(
    own.inAzure && !own.signInOn,
    'sign-in-off',
    'Sign-in (App Service authentication) is off at Slipway’s own app.',
    'Nobody but a build with a function key can ask for anything: Slipway believes no name without it.',
    'Deploy infra/main.bicep, which switches it on.',
  );
  warn(
    own.inAzure && !own.publicUrl.startsWith('https://'),
    'public-url-plain',
    'SLIPWAY_PUBLIC_URL is no https address.',
    'Links in mails carry what decides over a rollout.',
    'Set it to the https address that people reach Slipway at.',
  );
  warn(
    /@[^@]*\.azurecomm\.net$/i.test(own.mailSender),
    'mail-domain-managed',
    `Mails are sent from a domain that Azure manages, which takes ${managedSendsAnHour} an hour; a rollout here sends ${mails}, reminders not counted.`,
    'What is over the limit arrives an hour late, also the mail that asks for an answer.',
    'Connect a domain of your own: parameter mailDomain of infra/main.bicep.',
  );
  const deaf = nobodyOf(own);
  warn(
    deaf.length > 0,
    'nobody-hears',
    `Policy lets these hear of a rollout, and nobody is in them: ${deaf.join(', ')}.`,
    'A rollout that goes wrong would be told to nobody.',
    'Name them under people in slipway.yaml.',
  );
  const skewMs = own.clockAheadMs ?? 0;
  warn(
    Math.abs(skewMs) > mostSkewMs,
    'clock-off',
    `This machine's clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} Azure's.`,
    'Expiries, freezes and signed links are judged by it.',
    'Set the machine’s clock by a time server.',
  );
  warn(
    own.inAzure && own.settings.outgoing.loopback,
    'outgoing-loopback',
    'outgoing.loopback is on: packages and checks may reach addresses of the machine Slipway runs on.',
    'It is for a laptop; here it opens what only the machine itself should reach.',
    'Take it out of slipway.yaml.',
  );
  warn(
    own.settings.outgoing.private.length > 0,
    'outgoing-private',
    `Private addresses may be asked at: ${own.settings.outgoing.private.join(', ')}.`,
    'Whoever may ask for a rollout can make Slipway knock there.',
    'Keep only the hosts that need it.',
  );
  return found;
}

function nobodyOf({ policy, settings }: OwnFacts): string[] {
  const audiences = [...policy.notices.failure, ...policy.notices['rolled-back'], ...policy.notices['needs-attention']];
  return [...new Set(audiences)].filter((audience) => (settings.people[audience] ?? []).length === 0).sort();
}
