import { decodeRolloutRequest, type Decoded } from '../domain/rollout-request';

/** Queue messages of build systems, and the poison queue the host moves them to. */
export const rolloutsQueue = 'slipway-rollouts';
export const rolloutsPoisonQueue = `${rolloutsQueue}-poison`;
export const queueConnection = 'AzureWebJobsStorage';

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

/** The id of the message being worked on, as the trigger's metadata has it. */
export function messageIdOf(metadata: Record<string, unknown> | undefined): string {
  const id = metadata?.['id'];
  if (typeof id !== 'string' || id === '') throw new Error('The queue trigger did not say the id of its message.');
  return id;
}

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
