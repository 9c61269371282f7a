import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RolloutView } from '../../src/domain/rollout-view';
import type { Screen } from '../../src/cli/screen';
import { childEnvironment } from './environment';
import { playScene, strangersVersion, tracks, type Scene, type Touring } from './tour-scenes';
import { startTourStage, tourPolicy, type TourStage } from './tour-stage';

/** One rollout an outcome, all channels on, played and answered by itself; then what a process of its own says of it. Answers the exit code. */
export async function playTour(repository: string, screen: Screen, signal: AbortSignal): Promise<number> {
  screen.say('A tour: nine rollouts, one for each way in which a rollout can end. People, build and Azure are played; Slipway is real.');
  const stage = await startTourStage(repository, screen.say, signal);
  try {
    screen.say(`page   ${stage.slipwayUrl}/`, `inbox  ${stage.azure.inboxUrl}`);
    const checker = await startChecker(stage, signal);
    try {
      await playTracks({ stage, screen, signal, answered: new Set() });
      screen.say('', 'A process of its own looked on, and asks the API and the inbox now:', '');
      return await checker.check();
    } finally {
      checker.stop();
    }
  } finally {
    screen.say('Stopping Slipway, the local Azure and Azurite.');
    await stage.stop();
  }
}

/** All tracks go on at once; each rollout is shown in its turn, from wherever it has come to. */
export async function playTracks(touring: Touring): Promise<void> {
  const { screen, signal } = touring;
  const views = new Map<Scene, RolloutView>();
  const playing = Promise.all(
    tracks.map(async (track) => {
      for (const scene of track) await playScene(touring, scene, (view) => views.set(scene, view));
    }),
  );
  const showing = (async () => {
    for (const scene of tracks.flat()) {
      screen.say('', `${scene.outcome}: ${scene.says}`, '');
      while (views.get(scene)?.phase !== 'done') {
        const view = views.get(scene);
        if (view) screen.show(view);
        await sleep(250, undefined, { signal });
      }
      const ended = views.get(scene);
      if (ended) screen.show(ended);
      screen.settle();
    }
  })();
  // What can't be played is not waited for.
  await Promise.all([playing, showing]);
}

interface Checker {
  /** Has it judge, and answers its exit code. */
  check(): Promise<number>;
  stop(): void;
}

/** It watches production from before the first rollout; it ends when its standard input does. */
async function startChecker(stage: TourStage, signal: AbortSignal): Promise<Checker> {
  const { folder, slipwayUrl, azure, production } = stage;
  const places = Object.entries(production).flatMap(([place, url]) => ['--production', `${place}=${url}`]);
  const child = spawn(
    process.execPath,
    [
      path.join(__dirname, 'check-tour.js'),
      ...['--slipway', slipwayUrl, '--inbox', azure.inboxUrl, '--policy', tourPolicy(folder.repository), '--stranger', strangersVersion],
      ...places,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'], env: childEnvironment(process.env, {}), windowsHide: true },
  );
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
  const lines = createInterface({ input: child.stdout });
  const watching = new Promise<'watching'>((resolve) => lines.once('line', () => resolve('watching')));
  if ((await Promise.race([watching, ended])) !== 'watching') throw new Error('The process that checks the tour ended before it began.');
  signal.throwIfAborted();
  lines.on('line', (line) => process.stdout.write(`${line}\n`));
  return {
    check() {
      child.stdin.write('check\n');
      return ended;
    },
    stop: () => child.stdin.end(),
  };
}
