import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import {
  judgeTour,
  type Row,
  type Seen,
  type SeenAnswer,
  type SeenIncident,
  type SeenMessage,
  type SeenRollout,
  type TourPolicy,
} from './tour-judgement';

/**
 * Checks a tour from outside: a process of its own that watches what production answers while the tour is played, and then reads Slipway's API
 * and the local Azure's inbox. It says `watching` when it does; the line `check` on its standard input has it judge; when that ends it ends.
 * Exit code 0: all was as it was to be.
 */
const { values: given } = parseArgs({
  options: {
    slipway: { type: 'string', default: '' },
    inbox: { type: 'string', default: '' },
    policy: { type: 'string', default: '' },
    /** What a stranger puts into production. */
    stranger: { type: 'string', default: '' },
    /** `app.environment=URL`, for each. */
    production: { type: 'string', multiple: true, default: [] },
    /** For so long notices that are on their way may arrive. */
    'patience-ms': { type: 'string', default: '20000' },
  },
});

const pauseMs = 150;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pauseMs));

/** Only changes are kept. */
async function look(url: string, answers: SeenAnswer[]): Promise<void> {
  const says = await versionAt(url);
  if (answers.at(-1)?.says !== says) answers.push({ atMs: Date.now(), says });
}

async function versionAt(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
    if (!response.ok) return String(response.status);
    return String(((await response.json()) as { version?: unknown }).version);
  } catch {
    return 'nothing';
  }
}

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
  return (await response.json()) as T;
}

async function readRollouts(): Promise<SeenRollout[]> {
  const { rollouts } = await json<{ rollouts: Omit<SeenRollout, 'notices'>[] }>(`${given.slipway}/api/rollouts`);
  return Promise.all(
    rollouts.map(async (rollout) => ({
      ...rollout,
      notices: (await json<Pick<SeenRollout, 'notices'>>(`${given.slipway}/api/rollouts/${rollout.id}/traces`)).notices,
    })),
  );
}

interface Mail {
  to: { address: string }[];
  subject: string;
  plainText: string;
  headers: Record<string, string>;
}

interface Message {
  service: string;
  body: Body;
}

/** As much of each service's form as is read here. */
interface Body {
  text?: string;
  Content?: string;
  message?: string;
  smsRecipients?: { to: string }[];
  to?: string;
  attachments?: { content?: { fallbackText: string } }[];
  data?: { headline: string };
  dedup_key?: string;
  state?: string;
  event?: PagerEvent;
  change?: PagerEvent;
}
interface PagerEvent {
  payload: { summary: string; severity?: string };
}

const ofMail = ({ to, subject, plainText, headers }: Mail): SeenMessage => ({
  by: 'mail',
  to: to.map(({ address }) => address).join(', '),
  headline: subject,
  text: plainText,
  urgent: headers['X-Priority'] === '1',
});

function ofMessage({ service, body }: Message): SeenMessage {
  const card = body.attachments?.[0]?.content?.fallbackText;
  const pager = (body.change ?? body.event)?.payload.summary;
  const headline = pager ?? card ?? body.data?.headline ?? body.message ?? body.text ?? body.Content ?? '';
  return { by: service, to: body.to ?? '', headline: headline.slice(0, 160), text: JSON.stringify(body), urgent: false };
}

const incidentsIn = (messages: Message[]): SeenIncident[] =>
  messages.flatMap(({ body: { dedup_key: rolloutId, state, event } }) =>
    rolloutId !== undefined && state !== undefined ? [{ rolloutId, state, severity: event?.payload.severity ?? '' }] : [],
  );

async function see(answers: Seen['answers']): Promise<Seen> {
  const [rollouts, mails, messages] = await Promise.all([
    readRollouts(),
    json<Mail[]>(new URL('api/mails', given.inbox).href),
    json<Message[]>(new URL('api/messages', given.inbox).href),
  ]);
  return { rollouts, answers, inbox: [...mails.map(ofMail), ...messages.map(ofMessage)], incidents: incidentsIn(messages) };
}

function table(rows: Row[]): string[] {
  const cells = rows.map(({ outcome, production, arrived, wanted, rollout, differences }) => [
    differences.length === 0 ? '✓' : '✗',
    outcome,
    production.join(' → '),
    `${arrived} of ${wanted}`,
    rollout,
  ]);
  const all = [['', 'outcome', 'production', 'notices', 'rollout'], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Notices are told after a rollout has ended: what differs is looked at again until nothing does, or patience is at its end. */
async function judge(policy: TourPolicy, answers: Seen['answers']): Promise<{ rows: Row[]; differences: string[] }> {
  const endMs = Date.now() + Number(given['patience-ms']);
  for (;;) {
    const judged = judgeTour(policy, await see(answers), given.stranger);
    const all = [...judged.rows.flatMap(({ differences }) => differences), ...judged.differences];
    if (all.length === 0 || Date.now() >= endMs) return { rows: judged.rows, differences: all };
    await pause();
  }
}

const say = (...lines: string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

async function main(): Promise<number> {
  const policy = parse(readFileSync(given.policy, 'utf8')) as TourPolicy;
  const places = given.production.map((place) => [place.slice(0, place.indexOf('=')), place.slice(place.indexOf('=') + 1)] as const);
  const answers: Seen['answers'] = Object.fromEntries(places.map(([place]) => [place, []]));
  const orders: string[] = [];
  createInterface({ input: process.stdin })
    .on('line', (line) => orders.push(line))
    .on('close', () => orders.push('end'));
  const lookAll = () => Promise.all(places.map(([place, url]) => look(url, answers[place] ?? [])));
  await lookAll();
  say('watching');
  while (orders.length === 0) {
    await lookAll();
    await pause();
  }
  if (orders[0] !== 'check') return 1;
  await lookAll();
  const { rows, differences } = await judge(policy, answers);
  say(...table(rows), '', ...differences, differences.length === 0 ? 'The tour went as it was to.' : `${differences.length} differences.`);
  return differences.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
