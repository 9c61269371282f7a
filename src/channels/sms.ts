import { oneLine } from '../domain/escape-html';
import { cutText } from '../domain/fit-text';
import type { NoticeModel } from '../domain/notice';
import { isAlarm } from '../domain/notice-model';

/**
 * At most three parts of a text in the GSM alphabet (153 characters each), and less than the 2048 bytes that Communication Services takes
 * (learn.microsoft.com/azure/communication-services/concepts/sms/sdk-features) whatever it is written in.
 */
const mostCharacters = 459;

/** A notice on a phone: what is served now where that is the news, then the state, and where everything stands. */
export function renderSms(model: NoticeModel, noticeId: string, publicUrl: string): string {
  const tail = ` ${model.statusPath === '' ? '' : `${publicUrl}${model.statusPath} `}Notice ${noticeId}`;
  const news = isAlarm(model.moment) ? model.serves : model.sentence;
  return cutText(oneLine(`${model.headline}. ${news}`), Math.max(40, mostCharacters - tail.length)) + tail;
}
