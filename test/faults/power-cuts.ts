import path from 'node:path';
import { virtualClock, type VirtualClock } from '../../local/host';
import type { Azurite } from '../azurite';
import { freePort } from '../free-port';
import type { Judge } from './call-judge';
import { fate, type Choice } from './fates';
import { layGround, stateFolder, type Ground } from './ground';
import { knowPlaces } from './install';
import { live, type Life } from './life';
import { playBefore, type Played } from './play';
import type { Scenario } from './scenarios';
import { dice, type Dice } from './turnstile';
import type { Engine } from './world';

/** Rollouts in one process, on a virtual clock; many on one ground, which is laid anew now and then: its notes grow. */
export class PowerCuts {
  private ground: Ground | undefined;
  private clock: VirtualClock = virtualClock();
  private playedHere = 0;
  private rollouts = 0;

  constructor(
    private readonly azurite: Azurite,
    private readonly judge: Judge,
    private readonly port: number,
    private readonly accountsFrom = 0,
  ) {}

  static async open(azurite: Azurite, judge: Judge, accountsFrom = 0): Promise<PowerCuts> {
    return new PowerCuts(azurite, judge, await freePort(), accountsFrom);
  }

  /** `choose` says where the power goes; `downSeconds`, how long it stays away each time. */
  async play(scenario: Scenario, seed: number, choose: Choice, downSeconds: (draw: Dice) => number = () => 0): Promise<Played> {
    const ground = await this.groundForOneMore();
    const plot = await ground.plot(this.accountsFrom + this.rollouts++, scenario.app);
    await this.standAtABeginning();
    const draw = dice(seed);
    const lived = fate(choose);
    const folder = stateFolder();
    Object.assign(process.env, plot.settings(this.port));
    knowPlaces(plot.places(this.port));
    const lives = new Lives({ clock: this.clock, stateFile: path.join(folder, 'host.db'), port: this.port, draw, fate: lived }, () =>
      downSeconds(draw),
    );
    return playBefore(this.judge, scenario, {
      ...{ plot, seed, folder, slipway: lives, engine: lives.engine(lived.oddities), lived, lastSeconds: 1 },
      // The next one begins on new ground.
      whenBroken: () => void (this.playedHere = Infinity),
    });
  }

  private async groundForOneMore(): Promise<Ground> {
    if (this.ground && this.playedHere < 40) {
      this.playedHere += 1;
      return this.ground;
    }
    await this.ground?.stop();
    this.clock = virtualClock();
    this.ground = await layGround(this.azurite, 'virtual', this.clock);
    this.playedHere = 1;
    return this.ground;
  }

  /** Two seconds past a full five minutes, so that the watchdog comes by at the same moments in every run of a seed; what was there before has started. */
  private async standAtABeginning(): Promise<void> {
    const fiveMinutesMs = 300_000;
    const sinceMs = this.clock.now() % fiveMinutesMs;
    await this.clock.advance(fiveMinutesMs - sinceMs + 2000);
  }

  async close(): Promise<void> {
    await this.ground?.stop();
  }
}

/** One life after the other, over one state file. */
class Lives {
  private life: Life | undefined;

  constructor(
    private readonly options: Parameters<typeof live>[0],
    private readonly downSeconds: () => number,
  ) {}

  engine(strange: string[]): Engine {
    const { clock, port } = this.options;
    return {
      nowMs: () => clock.now(),
      sampleTime: () => ({ atMs: clock.now() }),
      url: () => `http://127.0.0.1:${port}`,
      nudgeKey: () => this.life?.host?.keys().ofFunctions['nudgerollout']?.['default'],
      systemKey: () => this.life?.host?.keys().systemKeys['durabletask_extension'],
      strange,
      mostSteps: 900,
      heard: () => this.life?.drained() ?? Promise.resolve(),
      step: async (seconds) => {
        // What is under way goes on at its own time, and not in the midst of a move.
        await clock.advance(0);
        await this.life?.settled();
        await clock.advance(seconds * 1000);
        await this.life?.settled();
        await this.revive();
      },
    };
  }

  async revive(): Promise<void> {
    const { clock } = this.options;
    while (!this.life || this.life.isDead()) {
      if (this.life) {
        await this.life.drained();
        await clock.advance(this.downSeconds() * 1000);
      }
      this.life = await live(this.options);
      await clock.advance(0);
      await this.life.settled();
    }
  }

  async end(): Promise<void> {
    this.life?.cut();
    await this.life?.drained();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
