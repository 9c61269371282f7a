import { decodeRolloutRequest, putBacksAttribute, rolloutRequestedType, type Decoded } from './rollout-request';

/** Queue messages of build systems, and the poison queue the host moves them to. */
export const rolloutsQueue = 'slipway-rollouts';
export const rolloutsPoisonQueue = `${rolloutsQueue}-poison`;

/** The source of events that wrap a message put back from the poison queue. */
export const putBackSource = '/slipway/put-back';

export type QueueMessage = { kind: 'json'; json: unknown; decoded: Decoded } | { kind: 'not-json' };

/**
 * Reads what the queue trigger hands over: JSON is parsed already; base64 of JSON (what many SDKs send) arrives as text, because host.json says
 * `messageEncoding: none`, without which plain JSON would never reach the function.
 */
export function readQueueMessage(entry: unknown): QueueMessage {
  if (typeof entry !== 'string') return { kind: 'json', json: entry, decoded: decodeRolloutRequest(entry) };
  const json = parse(entry) ?? parse(fromBase64(entry));
  return json === undefined ? { kind: 'not-json' } : { kind: 'json', json, decoded: decodeRolloutRequest(json) };
}

/**
 * What goes back into the queue: put back, a message gets a new id, so it travels in an envelope that says so, and how often. What can't be
 * understood goes back as it is: the queue's own trigger keeps it and tells.
 */
export function putBackText(entry: unknown, message: QueueMessage, messageId: string): string {
  if (message.kind === 'not-json' || message.decoded.kind === 'invalid') return typeof entry === 'string' ? entry : JSON.stringify(entry);
  const envelope = message.decoded.event
    ? (message.json as object)
    : { specversion: '1.0', id: messageId, source: putBackSource, type: rolloutRequestedType, data: message.json };
  return JSON.stringify({ ...envelope, [putBacksAttribute]: putBacksOf(message) + 1 });
}

/** How often it came back already. */
export const putBacksOf = (message: QueueMessage): number =>
  message.kind === 'json' && message.decoded.kind === 'request' ? (message.decoded.event?.putBacks ?? 0) : 0;

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}
