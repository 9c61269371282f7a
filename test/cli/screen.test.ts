import { openScreen } from '../../src/cli/screen';
import type { Drawn } from '../../src/cli/steps';
import { addresses, whatNext } from '../../local/start/tell';

/** As much of a terminal as is needed: it breaks lines at its width, and again when that changes, as most do; it knows `ESC[nA ESC[J` alone. */
function terminal(columns: number) {
  let lines: string[] = [];
  let resized: () => void = () => undefined;
  const rows = (): string[] => lines.flatMap((line) => line.match(new RegExp(`.{1,${out.columns}}`, 'gu')) ?? ['']);
  const out = {
    isTTY: true,
    columns,
    write(text: string) {
      // What stands above the cursor may be the end of a line that was broken.
      if (text.startsWith('\u001b[')) lines = rows().slice(0, -Number.parseInt(text.slice(2)));
      else lines.push(...text.split('\n').slice(0, -1));
    },
    on: (_event: 'resize', listener: () => void) => (resized = listener),
  };
  return {
    out,
    rows,
    resize(to: number) {
      out.columns = to;
      resized();
    },
  };
}

const view: Drawn = {
  id: 'hello-production-2-0-0-4f1a09c2',
  app: 'hello',
  environment: 'production',
  kind: 'deploy',
  version: '2.0.0',
  phase: 'staging',
  phases: [
    { phase: 'announcing', startedAt: '2026-01-05T09:00:00Z', endedAt: '2026-01-05T09:00:01Z', note: 'mail to team' },
    { phase: 'staging', startedAt: '2026-01-05T09:00:01Z' },
  ],
  checks: [],
};

const open = (columns: number) => {
  const shown = terminal(columns);
  return { ...shown, screen: openScreen(shown.out, { NO_COLOR: '1' }, () => Date.parse('2026-01-05T09:00:02Z')) };
};

test('a terminal that is made narrower in the middle of a picture is left with one picture', () => {
  const { screen, rows, resize } = open(80);
  screen.say('Before.');
  screen.show(view);
  expect(rows()[1]).toBe('hello 2.0.0 to production                rollout hello-production-2-0-0-4f1a09c2');
  resize(60);
  expect(rows().slice(0, 5)).toEqual([
    'Before.',
    'hello 2.0.0 to production',
    'rollout hello-production-2-0-0-4f1a09c2',
    '  ✓ announce   mail to team                            1.0 s',
    '  ◓ stage      brings the package to the slot',
  ]);
  resize(80);
  screen.say('Said meanwhile.');
  expect(rows().filter((row) => row.startsWith('hello'))).toHaveLength(1);
  expect(rows().slice(0, 2)).toEqual(['Before.', 'Said meanwhile.']);
});

test.each([80, 60])('at %d columns no address, no command and no word is broken', (columns) => {
  const { screen, rows } = open(columns);
  const at = { slipwayUrl: 'http://127.0.0.1:17071', inboxUrl: 'http://127.0.0.1:35461/', helloUrl: 'http://127.0.0.1:34677/api/hello' };
  const folder = { shown: '.slipway' };
  const lines = [
    ...addresses(at, '1.0.0'),
    ...whatNext(folder, at, { ending: { outcome: 'deployed', at: '', reason: '', next: '', serves: '' } }),
  ];
  screen.say(...lines);
  expect(Math.max(...rows().map((row) => row.length))).toBeLessThanOrEqual(columns);
  const words = (all: string[]) => all.join(' ').split(/ +/).filter(Boolean);
  expect(words(rows())).toEqual(words(lines));
  for (const command of [
    `curl ${at.helloUrl}`,
    `curl ${at.slipwayUrl}/api/rollouts`,
    'npm run release',
    'npm run roll-back',
    'npm start -- --fresh',
  ])
    expect(rows()).toContainEqual(expect.stringContaining(command));
});

test('a terminal that does not know how wide it is is taken for one of 80 columns', () => {
  const written: string[] = [];
  const screen = openScreen({ isTTY: true, columns: 0, write: (text) => written.push(text), on: () => undefined }, {}, Date.now);
  screen.say('Said in a line.');
  screen.show(view);
  screen.show({ ...view, phase: 'proving' });
  screen.say('Said meanwhile.');
  expect(written[0]).toBe('Said in a line.\n');
  expect(written.join('')).not.toMatch(/Infinity|NaN/);
});

test('in a pipe a line stays whole, however long', () => {
  const written: string[] = [];
  const screen = openScreen({ write: (text) => written.push(text), on: () => undefined }, {}, Date.now);
  screen.say('word '.repeat(50));
  expect(written).toEqual([`${'word '.repeat(50)}\n`]);
});
