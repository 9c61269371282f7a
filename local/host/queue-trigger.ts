import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { isKind, type AppFunction } from './app-functions';
import type { LogLevel } from './contract';
import type { Sqlite } from './database';
import type { TypedData } from './functions-core';
import { resolveNames, type HostJson } from './host-json';
import type { QueueConnections } from './queue-connection';
import { decodeMessage } from './queue-encoding';
import { createTakenMessages, type TakenMessages } from './taken-messages';

export interface QueueWorld {
  db: Sqlite;
  connections: QueueConnections;
  options: HostJson['queues'];
  settings: NodeJS.ProcessEnv;
  /** Counts one message as work. */
  begin(): () => void;
  invoke(fn: AppFunction, inputs: { name: string; data: TypedData }[], metadata: Record<string, TypedData>): Promise<unknown>;
  log(level: LogLevel, text: string, functionName?: string): void;
}

/** While a message is worked on nobody else sees it for so long (recorded). */
const heldSeconds = 600;
const shortestPollMs = 50;
/** The real host backs off to a minute; a person on a laptop does not wait so long. */
const longestPollMs = 1000;

export interface QueueTriggers {
  /** Takes no more messages. Resolves when those that are worked on are done. */
  stop(): Promise<void>;
  kill(): void;
}

/** Polls in real time, because the queue's own clock is real. */
export function startQueues(functions: AppFunction[], world: QueueWorld): QueueTriggers {
  const state = { stopped: false, dead: false };
  const taken = createTakenMessages(world.db);
  const wakes = new Set<() => void>();
  const pollers = functions
    .filter((fn) => isKind(fn, 'queueTrigger') && !fn.isDisabled)
    .map((fn) => {
      const queueName = resolveNames(
        String(fn.trigger['queueName'] ?? ''),
        world.settings,
        `The queue of function "${fn.name}"`,
      ).toLowerCase();
      const queue = world.connections.queue(fn.trigger['connection'], queueName);
      const poison = world.connections.queue(fn.trigger['connection'], `${queueName}-poison`);
      return poll({ fn, queue, poison, world, taken, state, wakes });
    });
  const halt = (): void => {
    state.stopped = true;
    for (const wake of wakes) wake();
  };
  return {
    async stop() {
      halt();
      await Promise.allSettled(pollers);
    },
    kill() {
      state.dead = true;
      halt();
    },
  };
}

interface Poller {
  fn: AppFunction;
  queue: QueueClient;
  poison: QueueClient;
  world: QueueWorld;
  taken: TakenMessages;
  state: { stopped: boolean; dead: boolean };
  wakes: Set<() => void>;
}

async function poll(poller: Poller): Promise<void> {
  const { fn, queue, world, state } = poller;
  const mostMs = Math.min(longestPollMs, world.options.maxPollingMs);
  let waitMs = shortestPollMs;
  let isOut = false;
  let isPrepared = false;
  while (!state.stopped) {
    try {
      if (!isPrepared) {
        await queue.createIfNotExists();
        await poller.taken.giveBack(queue);
        isPrepared = true;
      }
      const { receivedMessageItems: messages } = await queue.receiveMessages({
        numberOfMessages: world.options.batchSize,
        visibilityTimeout: heldSeconds,
      });
      if (isOut) world.log('info', `Queue "${queue.name}" answers again.`, fn.name);
      isOut = false;
      await Promise.all(messages.map((message) => work(poller, message)));
      waitMs = messages.length > 0 ? shortestPollMs : Math.min(mostMs, waitMs * 2);
    } catch (error) {
      if (state.dead) return;
      // Once an outage, not once a second.
      if (!isOut)
        world.log('warn', `Queue "${queue.name}" could not be read; it is tried again until it answers: ${reasonOf(error)}`, fn.name);
      isOut = true;
      isPrepared = false;
      waitMs = mostMs;
    }
    await pause(waitMs, poller);
  }
}

/** Never the error's own text, which may hold the account's address with its signature. */
function reasonOf(error: unknown): string {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return String(code ?? statusCode ?? (error instanceof Error ? error.name : 'unknown'));
}

/** Ends early when the host stops. */
function pause(ms: number, { state, wakes }: Poller): Promise<void> {
  return new Promise((resolve) => {
    if (state.stopped) {
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

async function work(poller: Poller, message: DequeuedMessageItem): Promise<void> {
  const { fn, queue, world, taken, state } = poller;
  if (state.stopped) return taken.giveBackOne(queue, message);
  const done = world.begin();
  try {
    taken.note(queue.name, message);
    const text = decodeMessage(message.messageText, world.options.messageEncoding);
    if (text === undefined) {
      world.log(
        'error',
        `A message of queue "${queue.name}" is not ${world.options.messageEncoding}: it goes to "${poller.poison.name}" unread.`,
        fn.name,
      );
      await moveToPoison(poller, message);
      return;
    }
    const data = { string: text };
    const failed = await world.invoke(fn, [{ name: fn.trigger.name, data }], metadataOf(message, data)).then(
      () => false,
      () => true,
    );
    if (state.dead) return;
    if (!failed) await queue.deleteMessage(message.messageId, message.popReceipt);
    else if (message.dequeueCount >= world.options.maxDequeueCount) await moveToPoison(poller, message);
    else
      await queue.updateMessage(
        message.messageId,
        message.popReceipt,
        message.messageText,
        Math.floor(world.options.visibilityTimeoutMs / 1000),
      );
  } catch (error) {
    if (!state.dead)
      world.log('warn', `A message of queue "${queue.name}" could not be put away and will come again: ${reasonOf(error)}`, fn.name);
  } finally {
    if (!state.dead) taken.forget(message.messageId);
    done();
  }
}

async function moveToPoison(poller: Poller, message: DequeuedMessageItem): Promise<void> {
  await poller.poison.createIfNotExists();
  await poller.poison.sendMessage(message.messageText);
  await poller.queue.deleteMessage(message.messageId, message.popReceipt);
  poller.world.log('warn', `A message of queue "${poller.queue.name}" was moved to "${poller.poison.name}".`, poller.fn.name);
}

function metadataOf(message: DequeuedMessageItem, data: TypedData): Record<string, TypedData> {
  const time = (date: Date): TypedData => ({ json: JSON.stringify(date.toISOString().replace(/\.\d+Z$/, '+00:00')) });
  return {
    QueueTrigger: data,
    DequeueCount: { json: JSON.stringify(message.dequeueCount) },
    ExpirationTime: time(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: time(message.insertedOn),
    NextVisibleTime: time(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
  };
}
