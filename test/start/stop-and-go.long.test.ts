import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { saidVersion } from '../../local/start/api';
import { approve, findInvitation } from '../../local/start/approver';
import { isRunning } from '../../local/start/lock';
import type { Running } from '../../local/start/tell';

/** npm start as people use it, built, and as a process of its own: killed, stopped and begun anew. Time is the real one, so all is waited for. */

const state = mkdtempSync(path.join(tmpdir(), 'slipway-stop-and-go-'));
/** Every process that a start of this file has noted, and the starts themselves. */
const pids = new Set<number>();
afterAll(() => {
  for (const pid of [...pids].filter(isRunning)) process.kill(pid, 'SIGKILL');
  rmSync(state, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
});

const kept = <T>(name: string): T => JSON.parse(readFileSync(path.join(state, name), 'utf8')) as T;

interface Program {
  child: ChildProcess;
  /** Resolves with what was said so far once it says this; rejects when it ends before. */
  says(pattern: RegExp): Promise<string>;
  /** Exit code, or the signal that ended it, and all that it said. */
  ended: Promise<{ how: number | string; said: string }>;
}

function run(script: string, ...args: string[]): Program {
  const main = path.join(__dirname, '../../dist/local/start', script);
  const child = spawn(process.execPath, [main, ...args, '--state', state], { stdio: ['ignore', 'pipe', 'pipe'] });
  pids.add(child.pid!);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(([code, signal]) => ({ how: (code ?? signal) as number | string, said }));
  const says = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(said)) {
      const more = await Promise.race([once(child.stdout, 'data'), ended]);
      if (!Array.isArray(more) && !pattern.test(said)) throw new Error(`It ended (${more.how}) without saying ${pattern}:\n${said}`);
    }
    return said;
  };
  return { child, says, ended };
}

const start = (...options: string[]): Program => run('main.js', ...options);

/** Notes what runs, to be asked after later. */
function noted(): { slipway: number; azurite: number; running: Running } {
  const { children } = kept<{ children: number[] }>('lock');
  const azurite = kept<{ pid: number }>('azurite.json').pid;
  for (const pid of [...children, azurite]) pids.add(pid);
  return { slipway: children.at(-1)!, azurite, running: kept<Running>('running.json') };
}

const atGate = /The question is in the inbox/;
const idIn = (said: string): string | undefined => /rollout (hello-production-\S+)/.exec(said)?.[1];
/** Windows knows no Ctrl-C of another process: there it is a kill, which spares Azurite. */
const signalsArrive = process.platform !== 'win32';

test('npm start goes on after kills, is held by one, stops whole, and begins anew', async () => {
  const first = start('--wait');
  const id = idIn(await first.says(atGate));
  expect(id).toBeDefined();
  const { slipway, running } = noted();
  const invitation = (await findInvitation(running.inboxUrl, '2.0.0'))!;

  const other = await start('--wait').ended;
  expect(other).toEqual({ how: 1, said: expect.stringContaining(`Another npm start holds ${state}/: process ${first.child.pid}, since`) });

  // Slipway's own process alone: the start says so and ends what is left.
  process.kill(slipway, 'SIGKILL');
  expect(await first.ended).toEqual({ how: 1, said: expect.stringMatching(/Slipway was ended by SIGKILL|Slipway ended with exit code/) });

  const second = start('--wait');
  const again = await second.says(atGate);
  expect(again).toContain('is under way and is taken up again');
  expect(idIn(again)).toBe(id);
  expect(noted().running.helloUrl).toBe(running.helloUrl);
  expect((await fetch(invitation.link)).status).toBe(200);
  expect(await saidVersion(running.helloUrl)).toBe('1.0.0');

  // The start itself, which can't end its children then.
  second.child.kill('SIGKILL');
  await second.ended;
  const third = start('--wait');
  expect(idIn(await third.says(atGate))).toBe(id);
  expect(await saidVersion(running.helloUrl)).toBe('1.0.0');
  await approve(invitation);
  expect(await third.says(/To try next/)).toContain('production said 1.0.0, and says 2.0.0 now');
  expect(await saidVersion(running.helloUrl)).toBe('2.0.0');

  const message = await run('ask.js', 'release').ended;
  expect(message).toEqual({ how: 0, said: expect.stringMatching(/^hello 3\.0\.0 is built \(.* kB, sha256 [0-9a-f]{12}\).*queue/) });
  await third.says(/hello 3\.0\.0 to production/);
  const another = await run('ask.js', 'release').ended;
  expect(another).toEqual({ how: 0, said: expect.stringMatching(/^hello 4\.0\.0 is built/) });
  const { azurite } = noted();
  third.child.kill('SIGINT');
  const stopped = await third.ended;
  if (signalsArrive) expect(stopped).toEqual({ how: 0, said: expect.stringMatching(/Stopping, as asked[^]*Everything has stopped/) });
  expect([...pids].filter((pid) => isRunning(pid) && (signalsArrive || pid !== azurite))).toEqual([]);
  expect(await saidVersion(running.helloUrl)).toBeUndefined();

  const anew = start('--fresh', '--hands-free');
  expect(await anew.says(/hello 2\.0\.0 is built/)).toMatch(/Beginning anew[^]*says 1\.0\.0/);
  noted();
  anew.child.kill('SIGINT');
  expect((await anew.ended).how).toBe(signalsArrive ? 130 : 'SIGINT');
  if (signalsArrive) expect([...pids].filter(isRunning)).toEqual([]);
}, 300_000);
