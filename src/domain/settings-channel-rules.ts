import type { BrokenRule } from './broken-rule';
import { mailChannel } from './recipients';
import { audiences } from './settings-channels';
import { at, entriesOf, listOf } from './unknown-value';

/** Names of channels against each other and against those who are to hear over them. */
export function channelRules(settings: unknown): BrokenRule[] {
  const names = entriesOf(at(settings, 'channels')).map(([name]) => name);
  const taken = names
    .filter((name) => name === mailChannel || (audiences as readonly string[]).includes(name))
    .map((name) => ({
      path: ['channels', name],
      message:
        name === mailChannel ? 'is what mail itself is called; choose another name' : 'is the name of an audience; choose another name',
    }));
  const unknown = entriesOf(at(settings, 'people')).flatMap(([audience, entries]) =>
    listOf(entries).flatMap((entry, n) =>
      typeof entry === 'string' && !entry.includes('@') && !names.includes(entry)
        ? [
            {
              path: ['people', audience, n],
              message: `names no channel; write an e-mail address, or ${names.length > 0 ? `one of: ${names.join(', ')}` : 'add it under channels'}`,
            },
          ]
        : [],
    ),
  );
  const known = [...names, ...audiences];
  const lost = entriesOf(at(settings, 'policies')).flatMap(([policy, value]) =>
    listOf(at(at(value, 'notices'), 'fallback')).flatMap((entry, n) =>
      typeof entry === 'string' && !known.includes(entry)
        ? [{ path: ['policies', policy, 'notices', 'fallback', n], message: `names nobody; write one of: ${known.join(', ')}` }]
        : [],
    ),
  );
  const [perHour, kept] = ['perHour', 'keptForFailures'].map((key) => at(at(settings, 'mail'), key));
  const tooMany =
    typeof perHour === 'number' && typeof kept === 'number' && kept >= perHour
      ? [
          {
            path: ['mail', 'keptForFailures'],
            message: `leaves nothing of ${perHour} mails an hour for anything else; write less than that`,
          },
        ]
      : [];
  return [...taken, ...unknown, ...lost, ...tooMany];
}
