import { insertedNotice, insertNotice } from '../azure/notice-rows';
import type { NoticeModel, NoticeRow } from '../domain/notice';
import { noticeId } from '../domain/notice-model';
import { noticeRow } from '../domain/notice-row';
import { recipientsOf } from '../domain/recipients';
import type { InputProblem } from '../domain/problems';
import { cutToBytes, redactJson, redactText } from '../domain/redact';
import { noticesPartition, sha256Hex } from '../domain/tables';
import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';

type NeededPorts = Pick<Ports, 'rows' | 'clock' | 'settings'>;

export interface BadMessage {
  queue: string;
  messageId: string;
  /** As it came: JSON already parsed, or a text that is none. */
  message: unknown;
  problem: InputProblem;
}

/** Row `<sha256 of the message's id>` in partition `bad-messages`. */
export interface BadMessageRow {
  v: 1;
  queue: string;
  messageId: string;
  at: string;
  problem: InputProblem;
  /** Redacted, at most 4 KB. */
  copy: string;
}

export const badMessagesPartition = 'bad-messages';
const mostCopyBytes = 4096;

export type KeepBadMessage = (bad: BadMessage, instances: Instances) => Promise<void>;

/** Keeps a redacted copy of a message that started nothing, and tells the team; once an hour for each queue and kind of mistake. */
export function createKeepBadMessage(ports: NeededPorts): KeepBadMessage {
  return async ({ queue, messageId, message, problem }, instances) => {
    const copy = typeof message === 'string' ? redactText(message) : JSON.stringify(redactJson(message));
    const value: BadMessageRow = { v: 1, queue, messageId, at: isoNow(ports.clock), problem, copy: cutToBytes(copy, mostCopyBytes) };
    // A conflict is the same message delivered again.
    await ports.rows.write([{ kind: 'insert', partition: badMessagesPartition, row: sha256Hex(messageId), value }]);
    await tellHourly(ports, instances, { queue, mistake: kindOf(problem), messageId }, (at) => ({
      ...aboutQueue(queue, at),
      headline: `Not understood: a message in ${queue}`,
      sentence: `A message in the queue ${queue} started no rollout. ${problem.sentence}`,
      facts: [
        { name: 'message', value: messageId },
        ...(problem.errors ?? []).slice(0, 20).map(({ pointer, detail }) => ({ name: pointer || 'the message', value: detail })),
      ],
      did: [
        `Took the message from the queue and kept a redacted copy: table slipway, partition ${badMessagesPartition}, row ${sha256Hex(messageId)}.`,
        'Tells of this mistake at most once an hour; the log names every message.',
      ],
      next: [problem.next],
    }));
  };
}

/** The same mistake at the same places is one kind: who mends one and makes another hears of it. */
function kindOf({ code, errors = [] }: BadMessage['problem']): string {
  const places = errors.map(({ pointer }) => pointer).sort();
  return places.length === 0 ? code : `${code}-${sha256Hex(places.join('\n')).slice(0, 12)}`;
}

export const aboutQueue = (queue: string, at: string): Omit<NoticeModel, 'headline' | 'sentence' | 'facts' | 'did' | 'next'> => ({
  moment: 'failure',
  rolloutId: '',
  app: queue,
  environment: '',
  version: '',
  statusPath: '/api/rollouts',
  serves: 'No production was touched.',
  checks: [],
  at,
});

interface HourRow {
  v: 1;
  at: string;
  messageId: string;
}

/**
 * Tells the team (or whoever else policy names) unless the same was told within the hour. The row of the hour and its notices are one transaction: a crash
 * leaves both or neither, also where the message comes back under another id. A delivery that a crash left out is started when that message comes again,
 * or by the watchdog.
 */
export async function tellHourly(
  ports: NeededPorts,
  instances: Instances,
  about: { queue: string; mistake: string; messageId: string },
  modelAt: (at: string) => NoticeModel,
): Promise<void> {
  const { settings } = ports;
  const noticesAt = (at: string): NoticeRow[] => {
    const model = modelAt(at);
    return recipientsOf(settings, [settings.people.team ? 'team' : 'on-call'], 'failure').map((to) =>
      noticeRow(noticeId(`${about.queue} ${about.mistake} ${at}`, model.moment, to.channel, to.recipient, 0), to, model),
    );
  };
  const at = await claimHour(ports, about, noticesAt);
  if (at === undefined) return;
  for (const notice of noticesAt(at)) await insertNotice(ports, instances, noticesPartition, notice);
}

async function claimHour(
  { rows, clock }: NeededPorts,
  { queue, mistake, messageId }: { queue: string; mistake: string; messageId: string },
  noticesAt: (at: string) => NoticeRow[],
): Promise<string | undefined> {
  const at = isoNow(clock);
  const place = { partition: noticesPartition, row: `hour-${queue}-${mistake}` };
  const value: HourRow = { v: 1, at, messageId };
  const found = await rows.read<HourRow>(place.partition, place.row);
  if (found?.value.messageId === messageId) return found.value.at;
  if (found && clock.now() - Date.parse(found.value.at) < 3_600_000) return undefined;
  const written = await rows.write([
    found ? { kind: 'replace', ...place, value, etag: found.etag } : { kind: 'insert', ...place, value },
    ...noticesAt(at).map((notice) => insertedNotice(noticesPartition, notice)),
  ]);
  return written.kind === 'written' ? at : undefined;
}
