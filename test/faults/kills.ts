import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as later } from 'node:timers/promises';
import { childEnvironment } from '../../local/start/environment';
import type { Azurite } from '../azurite';
import { freePort } from '../free-port';
import type { Judge } from './call-judge';
import { pointsOf } from './effects';
import type { Cut } from './fates';
import { layGround, stateFolder, type Ground, type Plot } from './ground';
import type { FromKilled, KillPlan } from './kill-at-point';
import { playBefore, type Played } from './play';
import type { Scenario } from './scenarios';
import type { Engine } from './world';

const repository = path.join(__dirname, '../../..');
const momentMs = 40;
/** A message that was taken has long been noted by then, or was lost with the process that took it. */
const heardMs = 1000;

export interface Targets {
  /** What is still to be killed at; the first that comes by is taken out. */
  left: KillPlan['targets'];
  /** Effects that go by in each life before it may be killed. */
  gap: number;
  /** How many kills one rollout gets at most. */
  most: number;
}

/** Rollouts in real time, told by the real process, which is killed. */
export class Kills {
  private ground: Ground | undefined;
  private rollouts = 0;

  constructor(
    private readonly azurite: Azurite,
    private readonly judge: Judge,
    private readonly port: number,
    private readonly accountsFrom: number,
  ) {}

  static async open(azurite: Azurite, judge: Judge, accountsFrom: number): Promise<Kills> {
    return new Kills(azurite, judge, await freePort(), accountsFrom);
  }

  async play(scenario: Scenario, targets: Targets, seed = 0): Promise<Played> {
    const ground = (this.ground ??= await layGround(this.azurite, 'real'));
    const plot = await ground.plot(this.accountsFrom + this.rollouts++, scenario.app);
    // Until what was there before has started.
    await later(100);
    const folder = stateFolder();
    const slipway = new KilledSlipway(plot, this.port, path.join(folder, 'host.db'), targets);
    return playBefore(this.judge, scenario, {
      ...{ plot, seed, folder, slipway, engine: slipway.engine(), lived: slipway.lived, lastSeconds: 0 },
      whenBroken: () => this.close(),
    });
  }

  async close(): Promise<void> {
    const ground = this.ground;
    this.ground = undefined;
    await ground?.stop();
  }
}

/** Slipway's real process: local/host/main.js over the built app, started again whenever it is gone. */
class KilledSlipway {
  readonly lived = {
    hits: new Map<string, number>(),
    cuts: [] as Cut[],
    oddities: [] as string[],
    trace: [] as string[],
    reads: new Set<string>(),
  };
  private child: ChildProcess | undefined;

  constructor(
    private readonly plot: Plot,
    private readonly port: number,
    private readonly stateFile: string,
    private readonly targets: Targets,
  ) {}

  engine(): Engine {
    return {
      nowMs: () => Date.now(),
      sampleTime: () => ({}),
      url: () => `http://127.0.0.1:${this.port}`,
      nudgeKey: () => undefined,
      systemKey: () => undefined,
      strange: this.lived.oddities,
      step: async () => {
        await later(momentMs);
        await this.revive();
      },
      mostSteps: 5000,
      heard: () => later(heardMs),
    };
  }

  /** Sees to it that the process runs and serves. */
  async revive(): Promise<void> {
    while (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) {
      this.noteEnd();
      await this.start();
    }
  }

  private noteEnd(): void {
    if (this.child && this.child.signalCode !== 'SIGKILL')
      this.lived.oddities.push(
        `Slipway ended by itself (code ${this.child.exitCode ?? 'none'}, signal ${this.child.signalCode ?? 'none'})`,
      );
  }

  private async start(): Promise<void> {
    const { targets, lived, port } = this;
    const mayDie = lived.cuts.length < targets.most;
    const plan: KillPlan = { places: [...this.plot.places(port)], targets: mayDie ? this.allowed() : [], gap: targets.gap };
    const main = path.join(repository, 'dist/local/host/main.js');
    const settings = { ...this.plot.settings(port), SLIPWAY_FAULTS: JSON.stringify(plan) };
    const child = spawn(
      process.execPath,
      ['--require', path.join(__dirname, 'kill-at-point.js'), main, '--app', repository, '--state', this.stateFile, '--port', String(port)],
      { env: childEnvironment(process.env, settings), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
    );
    this.child = child;
    child.on('message', (message: FromKilled) => this.hear(message));
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      if (line.startsWith('[error]')) lived.oddities.push(`an error in the log: ${line}`);
    });
    const gone = once(child, 'exit');
    const ready = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
    await Promise.race([ready, gone]);
  }

  /** See `attempts` and `isHidden` in fates.ts: where a second kill would rightly lead to another end. */
  private allowed(): KillPlan['targets'] {
    const { lived, targets } = this;
    const isTaken = lived.hits.has('host: queue take');
    const burning = (point: string, side: string): boolean =>
      /^postSwap: (?:.*ledger|arm swap|write swap)$/.test(point) &&
      `${point} ${side}` !== 'postSwap: arm swap after' &&
      `${point} ${side}` !== 'postSwap: write swap before';
    const isBurnt = lived.cuts.some(({ point, side }) => burning(point, side));
    return targets.left.filter(({ point, side }) => !(isBurnt && burning(point, side)) && !(isTaken && point === 'host: queue take'));
  }

  private hear(message: FromKilled): void {
    const { lived, targets } = this;
    if (message.kind === 'strange') lived.oddities.push(message.what);
    if (message.kind === 'hit') {
      for (const point of pointsOf(message.effect)) {
        if (message.effect.isRead) lived.reads.add(point);
        lived.hits.set(point, (lived.hits.get(point) ?? 0) + 1);
        lived.trace.push(point);
      }
    }
    if (message.kind === 'killed') {
      const { point, side } = message;
      lived.cuts.push({ point, side, nth: lived.hits.get(point) ?? 1 });
      targets.left = targets.left.filter((target) => target.point !== point || target.side !== side);
    }
  }

  async end(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
