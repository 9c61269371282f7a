import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalAzure, type LocalAzure } from '../azure';
import { createClient, type SlipwayClient } from '../../src/client/slipway-client';
import { startAzurite } from './azurite';
import { openFolder, type Folder } from './folder';
import { keysOf } from './keys';
import { startOwnApp } from './laptop';
import { buildHello } from './release';
import { helloSite } from './site';

/** As examples/tour.yaml names them: `app.environment`. */
export const places = ['hello.test', 'hello.production', 'orders.production', 'billing.production', 'search.production'] as const;
export type Place = (typeof places)[number];
export const siteOf = (place: Place): string => place.replace('.', '-');

/** Azure at its quickest: nine rollouts are to be seen in a minute or two. */
const pace = { deploymentMs: 400, swapApplyMs: 300, swapWarmUpMs: 300, swapRouteMs: 300, swapFinishMs: 300, mailMs: 100 };

/** Everything that a tour is played on: a local Azure in this process, so that it can be stirred, with the function apps of examples/tour.yaml. */
export interface TourStage {
  folder: Folder;
  azure: LocalAzure;
  client: SlipwayClient;
  slipwayUrl: string;
  storage: string;
  /** Where production of each place answers. */
  production: Record<Place, string>;
  stop(): Promise<void>;
}

export const tourPolicy = (repository: string): string => path.join(repository, 'examples', 'tour.yaml');

export async function startTourStage(repository: string, say: (line: string) => void, signal: AbortSignal): Promise<TourStage> {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-tour-'));
  const folder = openFolder(repository, root);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const keys = keysOf(folder);
    const azurite = await startAzurite(folder, keys, { patienceMs: 0, say });
    stops.push(azurite.stop);
    signal.throwIfAborted();
    const azure = await startLocalAzure({ directory: folder.at('azure'), runSlot: 'process', pace });
    stops.push(() => azure.stop());
    const { zip } = await buildHello(repository, '1.0.0');
    await Promise.all(places.map((place) => azure.createSite({ ...helloSite(azurite.storage, siteOf(place)), package: zip })));
    signal.throwIfAborted();
    const { publicUrl } = await startOwnApp(
      {
        folder,
        keys,
        afterKill: false,
        fromPackage: false,
        say,
        signal,
        onStart: () => undefined,
        onStop: (one) => stops.push(one),
      },
      repository,
      azurite,
      azure,
      tourPolicy(repository),
    );
    const production = Object.fromEntries(places.map((place) => [place, `${azure.siteUrl(siteOf(place))}/api/hello`])) as Record<
      Place,
      string
    >;
    return {
      folder,
      azure,
      client: createClient({ baseUrl: publicUrl }),
      slipwayUrl: publicUrl,
      storage: azurite.storage,
      production,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
