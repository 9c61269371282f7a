import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { judgeTour, type Seen, type SeenAnswer, type TourPolicy } from '../../local/start/tour-judgement';

/** Whoever checks a tour finds what is wrong with one: a tour as it was once played, and the same one doctored. */
const repository = path.join(__dirname, '../..');
const policyFile = path.join(repository, 'examples/tour.yaml');
const checkerFile = path.join(repository, 'dist/local/start/check-tour.js');

interface Recorded {
  rollouts: { id: string; app: string; environment: string; version: string; outcome: string; admittedAt: string }[];
  traces: Record<string, Seen['rollouts'][number]['notices']>;
  mails: { to: { address: string }[]; subject: string; plainText: string; headers: Record<string, string> }[];
  messages: { service: string; body: { state?: string; dedup_key?: string; text?: string } }[];
}
const recordedText = readFileSync(path.join(__dirname, 'tour-recorded.json'), 'utf8');
let tour: Recorded;
beforeEach(() => {
  tour = JSON.parse(recordedText) as Recorded;
});
const idOf = (outcome: string): string => tour.rollouts.find((rollout) => rollout.outcome === outcome)?.id ?? '';

/** What production says in the course of a rollout that ends so. */
const course = (outcome: string, version: string): string[] =>
  ({ deployed: [version], 'rolled-back': [version, '503', '1.0.0'], 'needs-attention': [version, '9.9.9'] })[outcome] ?? [];

describe('the process itself', () => {
  /** Slipway's API, the inbox and every production, in one: production says what it is told to, at `/production/<place>`. */
  let server: Server;
  let url: string;
  const says = new Map<string, string>();
  const looks = new Map<string, () => void>();
  beforeAll(async () => {
    server = createServer((request, response) => {
      const [, part, place = '', id = '', rest] = (request.url ?? '').split('/');
      const body = part === 'production' ? productionAt(place) : rest === 'traces' ? { notices: tour.traces[id] } : lists()[place];
      const status = typeof body === 'number' ? body : 200;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const lists = (): Record<string, unknown> => ({ rollouts: { rollouts: tour.rollouts }, mails: tour.mails, messages: tour.messages });
  function productionAt(place: string): object | number {
    const said = says.get(place) ?? '1.0.0';
    looks.get(place)?.();
    return said === '503' ? 503 : { version: said };
  }
  const placeOf = ({ app, environment }: Recorded['rollouts'][number]): string => `${app}.${environment}`;

  /** Production says something else, and the checker has seen it: it asks again once it has read an answer. */
  async function production(place: string, what: string): Promise<void> {
    for (const said of [what, what]) {
      await new Promise<void>((resolve) => looks.set(place, resolve));
      says.set(place, said);
    }
    await new Promise<void>((resolve) => looks.set(place, resolve));
    looks.delete(place);
  }

  /** Plays the recorded tour before the checker, and has it judge. */
  async function checked(doctor: () => void = () => undefined): Promise<{ code: number | null; lines: string[] }> {
    says.clear();
    const places = [...new Set(tour.rollouts.map(placeOf))];
    const child: ChildProcess = spawn(process.execPath, [
      checkerFile,
      ...['--slipway', url, '--inbox', `${url}/`, '--policy', policyFile, '--stranger', '9.9.9', '--patience-ms', '0'],
      ...places.flatMap((place) => ['--production', `${place}=${url}/production/${place}`]),
    ]);
    const lines: string[] = [];
    const out = createInterface({ input: child.stdout! });
    await new Promise<void>((resolve) => out.once('line', () => resolve()));
    out.on('line', (line) => lines.push(line));
    for (const rollout of tour.rollouts) {
      rollout.admittedAt = new Date().toISOString();
      // What is seen within one millisecond of an admission was there before it.
      while (Date.now() <= Date.parse(rollout.admittedAt)) await new Promise((resolve) => setImmediate(resolve));
      for (const what of course(rollout.outcome, rollout.version)) await production(placeOf(rollout), what);
    }
    doctor();
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.stdin!.write('check\n');
    return { code: await ended, lines };
  }

  test('is content with a tour as it was played', async () => {
    const { code, lines } = await checked();
    expect(lines.filter((line) => line.startsWith('✗'))).toEqual([]);
    expect([code, lines.at(-1)]).toEqual([0, 'The tour went as it was to.']);
    expect(lines.find((line) => line.includes('rolled-back'))).toMatch(/^✓ {2}rolled-back +1\.0\.0 → 3\.0\.0 → 503 → 1\.0\.0 +20 of 20 /);
  });

  test('is not where a notice is missing, and where production says something else than it was to', async () => {
    const { code, lines } = await checked(() => {
      tour.mails = tour.mails.filter(({ subject, to }) => !(subject.startsWith('Rejected') && to[0]?.address === 'on-call@example.com'));
      const failed = tour.rollouts.find(({ outcome }) => outcome === 'failed');
      if (failed) Object.assign(failed, { outcome: 'deployed' });
    });
    expect(code).toBe(1);
    expect(lines).toContain(
      `${idOf('rejected')}: the notice failure over mail to on-call@example.com is in the inbox 0 times, and was to be once.`,
    );
    expect(lines).toContain('2 rollouts ended deployed, and one was to.');
    expect(lines.join('\n')).toContain('production says 1.0.0 after it, and was to say 1.3.0.');
    expect(lines.filter((line) => line.startsWith('✗')).length).toBeGreaterThanOrEqual(2);
  });
});

describe('the judgement', () => {
  const policy = parse(readFileSync(policyFile, 'utf8')) as TourPolicy;
  let answers: Record<string, SeenAnswer[]>;
  beforeEach(() => {
    answers = {};
    for (const { app, environment, version, outcome, admittedAt } of tour.rollouts) {
      const list = (answers[`${app}.${environment}`] ??= [{ atMs: 0, says: '1.0.0' }]);
      list.push(...course(outcome, version).map((says, n) => ({ atMs: Date.parse(admittedAt) + n + 1, says })));
    }
  });

  function differences(): string[] {
    const seen: Seen = {
      rollouts: tour.rollouts.map((rollout) => ({ ...rollout, notices: tour.traces[rollout.id] ?? [] })),
      answers,
      inbox: [
        ...tour.mails.map(({ to, subject, plainText, headers }) => ({
          by: 'mail',
          to: to[0]?.address ?? '',
          headline: subject,
          text: plainText,
          urgent: headers['X-Priority'] === '1',
        })),
        ...tour.messages.map(({ service, body }) => ({
          by: service,
          to: '',
          headline: JSON.stringify(body),
          text: JSON.stringify(body),
          urgent: false,
        })),
      ],
      incidents: tour.messages.flatMap(({ body: { dedup_key: rolloutId, state } }) =>
        rolloutId !== undefined && state !== undefined ? [{ rolloutId, state, severity: '' }] : [],
      ),
    };
    const { rows, differences: others } = judgeTour(policy, seen, '9.9.9');
    return [...rows.flatMap((row) => row.differences), ...others];
  }

  test('finds nothing in a tour as it was played', () => {
    expect(differences()).toEqual([]);
  });

  const slack = (outcome: string, word: string) =>
    tour.messages.findIndex(({ service, body }) => service === 'slack' && JSON.stringify(body).includes(word) && outcome !== '');
  const notice = (outcome: string, moment: string, channel: string) =>
    tour.traces[idOf(outcome)]!.find((one) => one.moment === moment && one.channel === channel)!;

  test.each<[string, () => void, RegExp[]]>([
    [
      'a card that did not come',
      () => tour.messages.splice(slack('superseded', 'Superseded'), 1),
      [/notice ended over team-room is in the inbox 0 times/],
    ],
    ['a card that came twice', () => tour.messages.push(tour.messages[slack('superseded', 'Superseded')]!), [/is in the inbox 2 times/]],
    [
      'a notice that was given up',
      () => (notice('failed', 'failure', 'phones').state = 'given-up'),
      [/notice failure over phones to \+4915112345678 is given-up/],
    ],
    [
      'a notice to nobody',
      () => void tour.traces[idOf('failed')]!.splice(0),
      [/notice start over mail to team@example\.com is known to the API 0 times/, /came by mail/],
    ],
    [
      'a notice too many',
      () => (notice('expired', 'failure', 'mail').recipient = 'boss@example.com'),
      [/known to the API 0 times/, /notice failure over mail to boss@example\.com was sent, and policy does not want it/],
    ],
    [
      'a failure that is not urgent',
      () => (tour.mails.find(({ subject }) => subject.startsWith('Rejected'))!.headers = {}),
      [/is not marked as urgent/],
    ],
    [
      'a mail that says something else',
      () => (tour.mails.find(({ subject }) => subject.startsWith('Deployed'))!.subject = 'Failed: hello'),
      [/does not say "Deployed", but "Failed: hello"/],
    ],
    [
      'an incident that stays open',
      () => (tour.messages.find(({ body }) => body.dedup_key === idOf('rolled-back'))!.body.state = 'triggered'),
      [/its incident is triggered, and was to be resolved/],
    ],
    [
      'a rollout that is not there',
      () => tour.rollouts.splice(0, 1),
      [/0 rollouts ended superseded, and one was to/, /is no notice of any rollout/],
    ],
    [
      'a rollout that has not ended',
      () => ((tour.rollouts[0] as { outcome: string | null }).outcome = null),
      [/has no outcome of the closed list/, /0 rollouts ended superseded/],
    ],
    [
      'production that was touched',
      () => void answers['hello.test']!.push({ atMs: Infinity, says: '503' }),
      [/production was not to be touched, and said 503/, /was to say 1\.0\.0/],
    ],
    ['production that was never the release', () => answers['search.production']!.splice(1), [/production never said 3\.0\.0 meanwhile/]],
    [
      'production that is not what was deployed',
      () => (answers['hello.production']!.at(-1)!.says = '1.9.9'),
      [/production says 1\.9\.9 after it, and was to say 2\.0\.0/],
    ],
  ])('%s', (_, doctor, told) => {
    doctor();
    const found = differences();
    for (const sentence of told) expect(found.join('\n')).toMatch(sentence);
  });
});

test('the checker shares no code with what it checks', () => {
  const imported = ['check-tour', 'tour-judgement'].flatMap((name) =>
    [...readFileSync(path.join(repository, `local/start/${name}.ts`), 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from),
  );
  expect(imported.filter((from) => !/^(?:node:.*|yaml|\.\/tour-judgement)$/.test(from ?? ''))).toEqual([]);
});
