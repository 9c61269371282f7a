import { timestamp } from './history';

/**
 * How the durable extension keeps the order of messages between two instances: each carries its own stamp and that of the one before. Here messages
 * arrive in order anyway; the stamps are kept because histories and the status of entities show them. Keys and their order as recorded.
 */
export interface MessageOrder {
  LastSentToInstance?: Record<string, string>;
  SendHorizon?: string;
  ReceivedFromInstance?: Record<string, { Last: string; ExecutionId?: string }>;
  ReceiveHorizon?: string;
}

/** Stamps older than this are forgotten (the extension's `entityMessageReorderWindowInMinutes`). */
const windowMs = 30 * 60_000;
const betweenCollectionsMs = 10_000;
const never = '0001-01-01T00:00:00';

/** 100-nanosecond ticks since 1970: two messages of one instant are a tick apart. */
function ticks(stamp: string): bigint {
  const [whole = '', fraction = ''] = stamp.replace(/Z$/, '').split('.');
  return BigInt(Date.parse(`${whole}Z`)) * 10_000n + BigInt(fraction.padEnd(7, '0').slice(0, 7));
}

/** Without a Z: adding a tick to a .NET time loses its zone (recorded). */
function aTickAfter(stamp: string): string {
  const next = ticks(stamp) + 1n;
  const whole = new Date(Number(next / 10_000_000n) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(next % 10_000_000n).padStart(7, '0')}`.replace(/0+$/, '');
}

const isPast = (horizon: string | undefined, nowMs: number): boolean =>
  horizon === undefined || Date.parse(horizon) + windowMs + betweenCollectionsMs < nowMs;

/** Stamps a message to `target`. Changes `order`. */
export function stampOf(order: MessageOrder, target: string, nowMs: number): { Timestamp: string; Predecessor: string } {
  if (isPast(order.SendHorizon, nowMs)) {
    order.SendHorizon = timestamp(nowMs - windowMs);
    const horizon = ticks(order.SendHorizon);
    if (order.LastSentToInstance)
      order.LastSentToInstance = Object.fromEntries(Object.entries(order.LastSentToInstance).filter(([, last]) => ticks(last) >= horizon));
  }
  const sent = (order.LastSentToInstance ??= {});
  const last = sent[target];
  const now = timestamp(nowMs);
  const own = last !== undefined && ticks(now) <= ticks(last) ? aTickAfter(last) : now;
  sent[target] = own;
  arrange(order);
  return { Timestamp: own, Predecessor: last ?? never };
}

/** Notes that a message came from `sender`. Changes `order`. */
export function noteReceived(order: MessageOrder, sender: string, executionId: string | undefined, stamp: string): void {
  const stampMs = Number(ticks(stamp) / 10_000n);
  if (isPast(order.ReceiveHorizon, stampMs)) {
    order.ReceiveHorizon = timestamp(stampMs - windowMs);
    const horizon = ticks(order.ReceiveHorizon);
    if (order.ReceivedFromInstance)
      order.ReceivedFromInstance = Object.fromEntries(
        Object.entries(order.ReceivedFromInstance).filter(([, { Last }]) => ticks(Last) >= horizon),
      );
  }
  (order.ReceivedFromInstance ??= {})[sender] = { Last: stamp, ...(executionId !== undefined && { ExecutionId: executionId }) };
  arrange(order);
}

/** Puts the keys into the order in which .NET writes them. */
function arrange(order: MessageOrder): void {
  for (const key of ['LastSentToInstance', 'SendHorizon', 'ReceivedFromInstance', 'ReceiveHorizon'] as const) {
    const value = order[key];
    delete order[key];
    if (value !== undefined) Object.assign(order, { [key]: value });
  }
}

/** The keys in the order in which the extension writes them. */
export function inRecordedOrder({ LastSentToInstance, SendHorizon, ReceivedFromInstance, ReceiveHorizon }: MessageOrder): MessageOrder {
  return {
    ...(LastSentToInstance && { LastSentToInstance }),
    ...(SendHorizon !== undefined && { SendHorizon }),
    ...(ReceivedFromInstance && { ReceivedFromInstance }),
    ...(ReceiveHorizon !== undefined && { ReceiveHorizon }),
  };
}
