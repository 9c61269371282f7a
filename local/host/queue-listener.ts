import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { LogLevel } from './contract';
import { decodeMessage, type MessageEncoding } from './queue-encoding';
import type { TakenMessages } from './taken-messages';

export interface QueueRules {
  batchSize: number;
  /** Another batch is fetched when no more messages than these are worked on. */
  newBatchThreshold: number;
  maxDequeueCount: number;
  /** How long a message waits after a failure. */
  visibilityTimeoutMs: number;
  maxPollingMs: number;
  messageEncoding: MessageEncoding;
}

export interface QueueListening {
  owner: string | undefined;
  queue: QueueClient;
  /** Where a message goes that failed too often; undefined: it stays, hidden, and comes again. */
  poison: QueueClient | undefined;
  /** Where this message goes instead, if that depends on it. */
  poisonFor?(text: string): QueueClient | undefined;
  /** A queue of the host's own, whose absence concerns nobody. */
  isQuiet?: boolean;
  rules: QueueRules;
  taken: TakenMessages;
  /** Works on one message; a rejection is a failure of it. */
  run(text: string, message: DequeuedMessageItem): Promise<void>;
  /** Counts one message as work. */
  begin(): () => void;
  log(level: LogLevel, text: string, functionName?: string): void;
}

export interface Listener {
  /** Takes nothing more. Resolves when what is worked on is done. */
  stop(): Promise<void>;
  kill(): void;
}

/** While a message is worked on nobody else sees it for so long (recorded), and that is renewed while the work goes on. */
const heldSeconds = 600;
const renewalMs = (heldSeconds * 1000) / 2;
const noQueue = 'QueueNotFound';
const shortestPollMs = 50;
/** The real host backs off to a minute; a person on a laptop does not wait so long. */
const longestPollMs = 1000;

interface State {
  stopped: boolean;
  dead: boolean;
  wakes: Set<() => void>;
  working: Set<Promise<void>>;
  holds: Set<Hold>;
}

/** Listens to a queue in real time, because the queue's own clock is real. */
export function listenToQueue(listening: QueueListening): Listener {
  const state: State = { stopped: false, dead: false, wakes: new Set(), working: new Set(), holds: new Set() };
  const polling = poll(listening, state);
  const halt = (): void => {
    state.stopped = true;
    for (const wake of state.wakes) wake();
  };
  return {
    async stop() {
      halt();
      await polling;
      await Promise.allSettled([...state.working]);
    },
    kill() {
      state.dead = true;
      for (const hold of state.holds) hold.drop();
      halt();
    },
  };
}

async function poll(listening: QueueListening, state: State): Promise<void> {
  const { queue, rules, owner } = listening;
  const mostMs = Math.min(longestPollMs, rules.maxPollingMs);
  const isStopped = (): boolean => state.stopped;
  let waitMs = shortestPollMs;
  let trouble: string | undefined;
  let isPrepared = false;
  while (!isStopped()) {
    try {
      if (!isPrepared) {
        // Only when it answers: what is given back in vain stays hidden.
        await queue.getProperties();
        await listening.taken.giveBack(queue);
        isPrepared = true;
      }
      const { receivedMessageItems: messages } = await queue.receiveMessages({
        numberOfMessages: rules.batchSize,
        visibilityTimeout: heldSeconds,
      });
      if (trouble === noQueue) listening.log(listening.isQuiet ? 'debug' : 'info', `There is a queue "${queue.name}" now.`, owner);
      else if (trouble !== undefined) listening.log('info', `Queue "${queue.name}" answers again.`, owner);
      trouble = undefined;
      for (const message of messages) workOn(listening, state, message);
      waitMs = messages.length > 0 ? 0 : Math.min(mostMs, Math.max(shortestPollMs, waitMs * 2));
    } catch (error) {
      // After a kill the state file is closed; what else fails is the account's.
      if (state.dead) return;
      const reason = reasonOf(error);
      // Once an outage, not once a second.
      if (trouble !== reason) tellTrouble(listening, reason);
      trouble = reason;
      isPrepared = false;
      waitMs = mostMs;
    }
    await pause(waitMs, state);
    while (!isStopped() && state.working.size > rules.newBatchThreshold) await Promise.race(state.working);
  }
}

function tellTrouble({ queue, log, owner, isQuiet }: QueueListening, reason: string): void {
  // The real host does not make the queue either: whoever sends does.
  if (reason === 'QueueNotFound')
    log(isQuiet ? 'debug' : 'info', `There is no queue "${queue.name}" yet; its function waits for it.`, owner);
  else log('warn', `Queue "${queue.name}" could not be read; it is tried again until it answers: ${reason}`, owner);
}

/** Never the error's own text, which may hold the account's address with its signature. */
export function reasonOf(error: unknown): string {
  const { code, statusCode, details } = error as { code?: unknown; statusCode?: unknown; details?: { errorCode?: unknown } };
  return String(details?.errorCode ?? code ?? statusCode ?? (error instanceof Error ? error.name : 'unknown'));
}

/** Ends early when the host stops. */
function pause(ms: number, { stopped, wakes }: State): Promise<void> {
  return new Promise((resolve) => {
    if (stopped) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(handle);
      wakes.delete(end);
      resolve();
    };
    const handle = setTimeout(end, ms);
    wakes.add(end);
  });
}

function workOn(listening: QueueListening, state: State, message: DequeuedMessageItem): void {
  const one = work(listening, state, message).finally(() => state.working.delete(one));
  state.working.add(one);
}

async function work(listening: QueueListening, state: State, message: DequeuedMessageItem): Promise<void> {
  const { queue, taken, owner } = listening;
  if (state.stopped) return taken.giveBackOne(queue, message);
  const done = listening.begin();
  try {
    taken.note(queue.name, message);
    await treat(listening, state, message);
  } catch (error) {
    if (!state.dead)
      listening.log('warn', `A message of queue "${queue.name}" could not be put away and will come again: ${reasonOf(error)}`, owner);
  } finally {
    if (!state.dead) taken.forget(message.messageId);
    done();
  }
}

async function treat(listening: QueueListening, state: State, message: DequeuedMessageItem): Promise<void> {
  const { queue, poison, rules, owner } = listening;
  const text = decodeMessage(message.messageText, rules.messageEncoding);
  if (text === undefined) {
    listening.log('error', `A message of queue "${queue.name}" is not ${rules.messageEncoding}: it is put away unread.`, owner);
    return putAway(listening, message, message.popReceipt);
  }
  // Somebody else may have taken it once too often.
  if (poison && message.dequeueCount > rules.maxDequeueCount) return putAway(listening, message, message.popReceipt);
  const hold = keepHidden(queue, message, heldSeconds, renewalMs);
  state.holds.add(hold);
  const failed = await listening.run(text, message).then(
    () => false,
    () => true,
  );
  state.holds.delete(hold);
  const receipt = await hold.end();
  if (state.dead) return;
  if (!failed) await queue.deleteMessage(message.messageId, receipt);
  else if (poison && message.dequeueCount >= rules.maxDequeueCount) await putAway(listening, message, receipt);
  else if (poison) await queue.updateMessage(message.messageId, receipt, message.messageText, Math.floor(rules.visibilityTimeoutMs / 1000));
  // Without a poison queue a message that failed stays hidden as long as it is, or it would come round and round.
}

/** Without a poison queue it stays hidden, and comes again. */
async function putAway(listening: QueueListening, message: DequeuedMessageItem, receipt: string): Promise<void> {
  const { queue, owner, log } = listening;
  const text = listening.poisonFor && decodeMessage(message.messageText, listening.rules.messageEncoding);
  const poison = (text !== undefined && listening.poisonFor?.(text)) || listening.poison;
  if (!poison) return;
  await poison.createIfNotExists();
  await poison.sendMessage(message.messageText);
  await queue.deleteMessage(message.messageId, receipt);
  log('warn', `A message of queue "${queue.name}" was moved to "${poison.name}".`, owner);
}

interface Hold {
  /** Answers the receipt that holds then. */
  end(): Promise<string>;
  drop(): void;
}

/** Hides a message anew every so often. */
export function keepHidden(
  queue: QueueClient,
  message: Pick<DequeuedMessageItem, 'messageId' | 'popReceipt' | 'messageText'>,
  seconds: number,
  everyMs: number,
): Hold {
  let receipt = message.popReceipt;
  let last = Promise.resolve();
  const renew = async (): Promise<void> => {
    const renewed = await queue.updateMessage(message.messageId, receipt, message.messageText, seconds).catch(() => undefined);
    // Not renewed: it is hidden for some time yet, and the next turn comes before it shows.
    receipt = renewed?.popReceipt ?? receipt;
  };
  const handle = setInterval(() => {
    last = last.then(renew);
  }, everyMs);
  return {
    async end() {
      clearInterval(handle);
      await last;
      return receipt;
    },
    drop: () => clearInterval(handle),
  };
}
