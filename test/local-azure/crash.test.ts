import { afterEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { virtualClock } from '../../local/host/clock';
import type { RunningContent } from '../../local/azure/slots/running';
import { standIn } from '../../local/azure/slots/stand-in';
import { plainApp, served, site, startCloud, until, type Cloud } from './cloud';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function stateDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'local-azure-crash-'));
  ends.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A local Azure that does nothing more once its first content is about to run: for its directory it is as good as killed. */
async function halted(directory: string): Promise<{ cloud: Cloud; reached: Promise<void> }> {
  let reach: () => void = () => {};
  let release: () => void = () => {};
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const end = new Promise<never>((_, reject) => (release = () => reject(new Error('killed'))));
  end.catch(() => undefined);
  const cloud = await startCloud({
    directory,
    runSlot: () => {
      reach();
      return end;
    },
  });
  ends.push(async () => {
    release();
    await cloud.azure.stop();
  });
  return { cloud, reached };
}

async function next(directory: string): Promise<Cloud> {
  const cloud = await startCloud({ directory });
  ends.push(() => cloud.azure.stop());
  return cloud;
}

test('killed while a site is being made, it brings the packages that were to come', async () => {
  const directory = stateDirectory();
  const [staging] = site().slots;
  const spec = site({
    package: await plainApp('1'),
    slots: [{ name: 'staging', appSettings: staging?.appSettings ?? {}, package: await plainApp('2') }],
  });
  const before = await halted(directory);
  void before.cloud.azure.createSite(spec);
  await before.reached;

  const { azure } = await next(directory);
  await azure.createSite(spec);
  const live = (slot?: string) =>
    until(
      () => served(azure, slot),
      (version) => version !== 'status 503' && version !== 'status 404',
    );
  expect([await live(), await live('staging')]).toEqual(['1', '2']);
});

test('an app that ends by itself is started again, each time after a longer pause', async () => {
  const runs: RunningContent[] = [];
  const clock = virtualClock();
  const cloud = await startCloud({
    clock,
    runSlot: async (content) => {
      const running = await standIn(content);
      runs.push(running);
      return running;
    },
  });
  ends.push(() => cloud.close());
  await cloud.azure.createSite(site({ package: await plainApp('1') }));
  for (const pauseMs of [1000, 2000]) {
    expect(await served(cloud.azure)).toBe('1');
    await runs.at(-1)?.stop();
    await clock.advance(pauseMs - 1);
    expect(await served(cloud.azure)).toBe('status 503');
    await clock.advance(1);
  }
  expect(await served(cloud.azure)).toBe('1');
  expect(runs).toHaveLength(3);
});

test('what a kill left of pushes and content is removed at the next start', async () => {
  const directory = stateDirectory();
  const first = await startCloud({ directory });
  await first.azure.createSite(site({ package: await plainApp('1') }));
  await first.azure.stop();
  mkdirSync(path.join(directory, 'content', 'half'));
  writeFileSync(path.join(directory, 'packages', 'half.zip'), '');
  const { azure } = await next(directory);
  expect([readdirSync(path.join(directory, 'content')).length, readdirSync(path.join(directory, 'packages'))]).toEqual([1, []]);
  expect(await served(azure)).toBe('1');
});
