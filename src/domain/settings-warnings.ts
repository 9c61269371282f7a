import type { BrokenRule } from './broken-rule';
import { gateWarnings } from './gate-warnings';
import { mailBudgetOf } from './mail-budget';
import { mailsOfRollout } from './recipients';
import type { Settings } from './settings';
import { isClosing } from './notice-model';
import { moments } from './notice';

/** What settings may say, and nobody should want: told at every start and by whoever judges the file, without refusing it. */
export function settingsWarnings({ channels, people, policies, mail }: Warned): BrokenRule[] {
  const heardOver = new Set(Object.values(people).flat());
  const ended = Object.entries(channels).flatMap(([name, { kind }]) =>
    kind === 'chime'
      ? [
          {
            path: ['channels', name, 'kind'],
            message: 'is Amazon Chime, which ended on 20 February 2026: nothing sent there arrives; write another channel',
          },
        ]
      : [],
  );
  const idle = Object.keys(channels).flatMap((name) =>
    heardOver.has(name) ? [] : [{ path: ['channels', name], message: 'reaches nobody; name it under people, or leave it out' }],
  );
  const onlyEnded = Object.entries(policies).flatMap(([name, { notices }]) => {
    const entries = moments.flatMap((moment) => (isClosing(moment) ? notices[moment] : [])).flatMap((audience) => people[audience] ?? []);
    const isDead = (entry: string): boolean => Object.hasOwn(channels, entry) && channels[entry]?.kind === 'chime';
    return entries.length > 0 && entries.every(isDead)
      ? [
          {
            path: ['policies', name],
            message: 'tells how a rollout ended over Amazon Chime alone, so nobody hears it; add another channel',
          },
        ]
      : [];
  });
  return [...ended, ...idle, ...onlyEnded, ...gateWarnings({ policies }), ...tooManyMails({ channels, people, policies, mail })];
}

function tooManyMails({ channels, people, policies, mail }: Warned): BrokenRule[] {
  if (mail.perHour === undefined) return [];
  const { perHour, keptForFailures } = mailBudgetOf(mail, '');
  return Object.entries(policies).flatMap(([name, policy]) => {
    const mails = mailsOfRollout({ channels, people }, policy);
    const room = perHour - keptForFailures;
    return mails > room
      ? [
          {
            path: ['policies', name],
            message: `sends ${mails} mails for one rollout, and an hour has room for ${room}; name fewer people, or a channel`,
          },
        ]
      : [];
  });
}

type Warned = Pick<Settings, 'channels' | 'people' | 'policies' | 'mail'>;
