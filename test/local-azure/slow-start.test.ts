import { expect, test } from '@jest/globals';
import { virtualClock } from '../../local/host/clock';
import { plainApp, served, site, startCloud } from './cloud';

test('a cold slot answers 503 for a time of the clock after each restart', async () => {
  const clock = virtualClock();
  const cloud = await startCloud({ clock });
  try {
    cloud.azure.faults.on('slot-slow-start', { slot: 'staging', afterMs: 30_000 });
    await cloud.azure.createSite(site({ package: await plainApp('1') }));
    await cloud.azure.strangerPushes('hello', 'staging', await plainApp('2'));
    expect([await served(cloud.azure), await served(cloud.azure, 'staging')]).toEqual(['1', 'status 503']);
    await clock.advance(29_999);
    expect(await served(cloud.azure, 'staging')).toBe('status 503');
    await clock.advance(1);
    expect(await served(cloud.azure, 'staging')).toBe('2');
  } finally {
    await cloud.close();
  }
});

test('the phases of a swap take their time of the clock, and production answers throughout', async () => {
  const clock = virtualClock();
  const cloud = await startCloud({
    clock,
    pace: { deploymentMs: 0, restartMs: 0, swapApplyMs: 1000, swapWarmUpMs: 2000, swapRouteMs: 3000, swapFinishMs: 4000 },
  });
  try {
    await cloud.azure.createSite(site({ package: await plainApp('1') }));
    await cloud.azure.strangerPushes('hello', 'staging', await plainApp('2'));
    const done = cloud.azure.strangerSwaps('hello', 'staging');
    const answers: (string | null)[] = [];
    for (let second = 0; second < 10; second++) {
      answers.push(await served(cloud.azure));
      await clock.advance(1000);
    }
    await done;
    expect(answers).toEqual(['1', '1', '1', '1', '1', '1', '2', '2', '2', '2']);
    const [swap] = cloud.azure.receipts().swaps;
    expect(swap?.phases.map(({ atMs }) => atMs - (swap.phases[0]?.atMs ?? 0))).toEqual([0, 1000, 3000, 6000, 10_000]);
  } finally {
    await cloud.close();
  }
});
