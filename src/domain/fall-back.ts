import type { NoticeModel, NoticeRow } from './notice';
import { noticeId } from './notice-model';
import { noticeRow } from './notice-row';
import { mailChannel, recipientsOf } from './recipients';
import type { Settings } from './settings';

/**
 * The notices that go out instead of one that was given up: to whom policy names as fallback, by audience or channel, but not over the channel that failed
 * unless that is mail to somebody else. Whoever hears of the moment anyway hears of it once: an id is that of the notice they have. `model`: what is
 * said, without anything that was meant for the first recipient alone.
 */
export function fallbackNotices(
  settings: Pick<Settings, 'people' | 'channels'>,
  fallback: readonly string[],
  { id, rolloutId, moment, channel, recipient, resolves, insteadOf, model: { ask } }: NoticeRow,
  model: NoticeModel,
  why: string,
): NoticeRow[] {
  // Where a fallback itself fails, all others it could fall back to have been told already.
  if (resolves !== undefined || insteadOf !== undefined) return [];
  const instead = { name: 'Instead of', value: `${channel} to ${recipient}, which was given up: ${why}` };
  const said = { ...model, facts: [...model.facts, instead] };
  return recipientsOf(settings, fallback, moment)
    .filter((to) => (channel === mailChannel ? to.recipient.toLowerCase() !== recipient.toLowerCase() : to.channel !== channel))
    .map((to) => {
      const forAsk = ask === undefined ? undefined : `instead of ${id}`;
      return { ...noticeRow(noticeId(rolloutId, moment, to.channel, to.recipient, 0, forAsk), to, said), insteadOf: id };
    });
}
