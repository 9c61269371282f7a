import type { IncomingMessage } from 'node:http';
import type { ChannelAccess } from '../azure/channel-access';
import { RefusedAddress } from '../azure/outgoing';
import type { Ports } from '../azure/ports';
import { oneLine } from '../domain/escape-html';
import { cutText } from '../domain/fit-text';
import { judgeDelivery, type SendAnswer } from '../domain/judge-delivery';
import type { NoticeRow } from '../domain/notice';
import { renderChime } from './chime';
import { renderPagerduty } from './pagerduty';
import { renderSlack } from './slack';
import { renderSms } from './sms';
import { renderTeams } from './teams';
import { renderWebhook, signWebhook } from './webhook';

type Needs = Pick<Ports, 'channels' | 'outgoing' | 'sms' | 'clock' | 'publicUrl'>;

interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** The service's own words in an answer that is no success; '' where they could hold what is secret. */
  wordsIn: (answer: string) => string;
  /** The least pause between tries, where the service names none. */
  patientSeconds: number;
}

const timeoutMs = 30_000;
/** More of an answer is not read. */
const mostAnswerBytes = 4096;

type Sent = Pick<NoticeRow, 'id' | 'channel' | 'recipient' | 'model' | 'resolves'>;

/** One try to hand a notice to its channel. The bytes of the message depend on the notice alone, so a rerun sends the same again. */
export async function sendOverChannel(ports: Needs, notice: Sent): Promise<SendAnswer> {
  const channel = ports.channels[notice.channel];
  if (!channel)
    return { kind: 'refused', code: 'no-channel', text: `slipway.yaml names no channel ${notice.channel} any more; name it again` };
  const { id, model, recipient } = notice;
  if (channel.kind !== 'sms') return post(ports, postOf(channel, notice, ports));
  const text = renderSms(model, id, ports.publicUrl);
  return ports.sms.send({ from: channel.from, to: recipient, text }, id, Date.parse(model.at));
}

function postOf(channel: Exclude<ChannelAccess, { kind: 'sms' }>, { id, model, resolves }: Sent, { publicUrl, clock }: Needs): Post {
  switch (channel.kind) {
    case 'slack':
      return json(channel.url, renderSlack(model, id, publicUrl), { wordsIn: slackWord });
    case 'teams':
      return json(channel.url, renderTeams(model, id, publicUrl));
    case 'chime':
      return json(channel.url, renderChime(model, id, publicUrl));
    case 'pagerduty': {
      const { endpoint, routingKey } = channel;
      const { path, body } = renderPagerduty(model, {
        noticeId: id,
        publicUrl,
        routingKey,
        ...(resolves === undefined ? {} : { resolves }),
      });
      return json(endpoint + path, body, { wordsIn: (answer) => pagerWords(answer, routingKey), patientSeconds: pagerPatienceSeconds });
    }
    case 'eventgrid':
      return {
        ...json(channel.url, renderWebhook(model, id, publicUrl)),
        headers: { 'content-type': 'application/cloudevents+json; charset=utf-8', 'aeg-sas-key': channel.key },
      };
    case 'webhook': {
      const event = json(channel.url, renderWebhook(model, id, publicUrl));
      const signed = signWebhook(channel.secret, id, event.body, clock.now());
      return { ...event, headers: { 'content-type': 'application/cloudevents+json', ...signed } };
    }
  }
}

/** "Preferably with a backoff of a few minutes": docs/events-API-v2/01-Overview.md of PagerDuty/developer-docs. */
const pagerPatienceSeconds = 120;

/** PagerDuty says what is wrong with an event in JSON. */
function pagerWords(answer: string, routingKey: string): string {
  try {
    const { errors } = JSON.parse(answer) as { errors?: unknown };
    const words = Array.isArray(errors) ? errors.filter((one) => typeof one === 'string').join('; ') : '';
    return cutText(oneLine(words.replaceAll(routingKey, '…')), 200);
  } catch {
    return '';
  }
}

/** Slack answers with one word, such as `invalid_payload`. */
const slackWord = (answer: string): string => /^[a-z_]{2,60}$/.exec(answer.trim())?.[0] ?? '';

const json = (url: string, message: object, service: Partial<Pick<Post, 'wordsIn' | 'patientSeconds'>> = {}): Post => ({
  url,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(message),
  wordsIn: () => '',
  patientSeconds: 0,
  ...service,
});

async function post({ outgoing, clock }: Needs, { url: address, headers, body, wordsIn, patientSeconds }: Post): Promise<SendAnswer> {
  const url = new URL(address);
  const refusal = outgoing.refusalOf(url, 'channel');
  if (refusal !== undefined) return { kind: 'refused', code: 'address-refused', text: `its address is not asked: ${refusal}` };
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await outgoing.open(url, { method: 'POST', headers, body, signal });
    const said = await readText(answer);
    const status = answer.statusCode ?? 0;
    return judgeDelivery({ status, retryAfter: answer.headers['retry-after'], said: wordsIn(said) }, clock.now(), patientSeconds);
  } catch (error) {
    if (error instanceof RefusedAddress)
      return { kind: 'refused', code: 'address-refused', text: `its address is not asked: ${error.message}` };
    return judgeDelivery({ status: 503, retryAfter: undefined, said: `no answer (${codeOf(error)})` }, clock.now(), patientSeconds);
  }
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= mostAnswerBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostAnswerBytes).toString('utf8');
}

/** Its message may hold the address. */
const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return [code, name, 'unknown'].find((one) => typeof one === 'string' && /^\w+$/.test(one)) as string;
};
