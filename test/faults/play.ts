import { rmSync } from 'node:fs';
import type { Judge } from './call-judge';
import type { Lived } from './fates';
import type { Plot } from './ground';
import type { Scenario } from './scenarios';
import { World, type Engine } from './world';

/** One rollout, however often it was cut off. */
export interface Played extends Lived {
  scenario: string;
  seed: number;
  violations: string[];
  gist: Record<string, unknown>;
}

interface Playing {
  plot: Plot;
  seed: number;
  /** Holds the host's state; gone afterwards. */
  folder: string;
  slipway: { revive(): Promise<void>; end(): Promise<void> };
  engine: Engine;
  lived: Lived;
  /** How far time goes on after the scenario, before it is judged. */
  lastSeconds: number;
  /** Where the rollout stands nobody knows. */
  whenBroken(): void | Promise<void>;
}

/** Plays a scenario on Slipway, however often that goes down, before the judge. */
export async function playBefore(judge: Judge, scenario: Scenario, playing: Playing): Promise<Played> {
  const { plot, seed, folder, slipway, lived } = playing;
  const { azureDirectory, azure, site, storage, ledgerKeys } = plot;
  await judge.tell({ kind: 'begin', azureDirectory, productionUrl: azure.siteUrl(site), storage, ledgerKeys });
  const world = new World(plot, playing.engine, judge);
  let version = 1;
  try {
    await slipway.revive();
    await world.step(0);
    const expected = await scenario.play(world, () => `${++version}.0.0`);
    await world.step(playing.lastSeconds);
    const verdict = await judge.judge({ kind: 'judge', expected });
    return { ...lived, ...verdict, scenario: scenario.name, seed, violations: [...verdict.violations, ...lived.oddities] };
  } catch (error) {
    await playing.whenBroken();
    const said = error instanceof Error ? error.message : String(error);
    return { ...lived, scenario: scenario.name, seed, gist: {}, violations: [said, ...lived.oddities] };
  } finally {
    world.close();
    await slipway.end();
    azure.faults.off();
    rmSync(folder, { recursive: true, force: true });
  }
}
