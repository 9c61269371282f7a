import './install';
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import type { Azurite } from '../azurite';
import { callJudge } from './call-judge';
import { startStorage } from './ground';
import { killProcess } from './kill-part';
import { cutPower, playSeed, type Due } from './power-part';
import { PowerCuts } from './power-cuts';
import { report, shown } from './report';
import { differenceOf, Tally, type Part } from './tally';

/**
 * `npm run test:faults -- [--crashes N] [--kill M] [--seed S] [--seeds K] [--twice] [--json] [--replay]`: whole rollouts, with the power cut at each place in
 * turn, then by seed until there were N cuts and K seeds; and with the real process killed M times. Both ways run at the same time, each in a process of its
 * own. `--twice` plays each seed twice and compares. Exit code 1 if anything that is promised was broken.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      crashes: { type: 'string', default: '0' },
      kill: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '0' },
      twice: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      replay: { type: 'boolean', default: false },
      part: { type: 'string' },
    },
  });
  const [crashes, kills] = [whole('crashes', values.crashes), whole('kill', values.kill)];
  const [seed, seeds] = [whole('seed', values.seed), whole('seeds', values.seeds)];
  const { twice } = values;
  if (values.replay) return replay(seed, twice);
  if (values.part === 'power cut' || values.part === 'kill') return playPart(values.part, { crashes, kills, seed, seeds, twice });
  const startedMs = Date.now();
  const [power, kill] = await Promise.all([partOf('power cut'), partOf('kill')]);
  const result = report(power, kill, { seed, seconds: Math.round((Date.now() - startedMs) / 1000) });
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : shown(result));
  process.exitCode = result.violations === 0 ? 0 : 1;
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return number;
}

async function playPart(way: Part['way'], due: Due & { kills: number }): Promise<void> {
  const tally = new Tally(way, (line) => process.stderr.write(`${line}\n`));
  const azurite = await startStorage();
  const judge = callJudge();
  endWithParent(azurite);
  try {
    await (way === 'kill' ? killProcess(azurite, judge, due, tally) : cutPower(azurite, judge, due, tally));
  } finally {
    judge.dismiss();
    await azurite.stop();
  }
  await new Promise((resolve) => process.send?.(tally.part, resolve));
  process.exit(0);
}

/** Whoever ends the run ends its storage too. */
function endWithParent(azurite: Azurite): void {
  const end = (): void => void azurite.stop().finally(() => process.exit(1));
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, end);
}

/** The same rollout, cut at the same places, whatever was played before or after it; `twice`: and once more, to see that it is the same. */
async function replay(seed: number, twice: boolean): Promise<void> {
  const azurite = await startStorage();
  const judge = callJudge();
  const cuts = await PowerCuts.open(azurite, judge);
  endWithParent(azurite);
  const { hits: _counts, reads: _reads, ...played } = await playSeed(cuts, seed);
  const difference = twice ? differenceOf(played.trace, (await playSeed(cuts, seed)).trace) : undefined;
  if (difference !== undefined) played.violations.push(difference);
  process.stdout.write(`${JSON.stringify(played, null, 2)}\n`);
  await azurite.stop();
  process.exit(played.violations.length === 0 ? 0 : 1);
}

/** Runs one way in a process of its own, with the same arguments. */
function partOf(way: Part['way']): Promise<Part> {
  return new Promise((resolve, reject) => {
    const child = fork(__filename, [...process.argv.slice(2), '--part', way], { stdio: 'inherit' });
    let part: Part | undefined;
    process.once('SIGTERM', () => child.kill('SIGTERM'));
    child.on('message', (message) => (part = message as Part));
    child.on('exit', (code) =>
      part ? resolve(part) : reject(new Error(`The ${way} part ended with code ${code ?? 'none'} and without a result.`)),
    );
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
