import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { virtualClock } from '../../local/host';
import { createWork } from '../../local/host/work';

/** Long enough for a clock that would move by itself to have moved. */
async function rounds(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('a virtual clock', () => {
  test('runs what falls due in order of time, each at its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 20 }), async (delays) => {
        const clock = virtualClock(0);
        const ran: [number, number][] = [];
        for (const delay of delays) clock.at(delay, () => ran.push([delay, clock.now()]));
        await clock.advance(1000);
        expect(ran.map(([delay]) => delay)).toEqual([...delays].sort((a, b) => a - b));
        expect(ran.every(([delay, at]) => delay === at)).toBe(true);
        expect(clock.now()).toBe(1000);
      }),
      { numRuns: 50 },
    );
  });

  test('by itself jumps to what is next, but not while anything is held, and never for the background alone', async () => {
    const clock = virtualClock(0);
    const ran: string[] = [];
    clock.at(10, () => ran.push('tick'), { background: true });
    clock.at(500, () => ran.push('late tick'), { background: true });
    const release = clock.hold();
    const due = new Promise<void>((resolve) => clock.at(100, resolve));
    clock.auto(true);
    await rounds();
    expect(clock.now()).toBe(0);
    release();
    release();
    await due;
    await rounds();
    expect([clock.now(), ran]).toEqual([100, ['tick']]);
  });

  test('a sleeper gives its hold back, and has it again when it wakes', async () => {
    const clock = virtualClock(0);
    const work = createWork(clock);
    clock.auto(true);
    const done = work.begin();
    expect(clock.quiet()).toBe(false);
    const asleep = clock.sleep(1000).then(() => [clock.now(), clock.quiet()]);
    expect(clock.quiet()).toBe(true);
    expect(await asleep).toEqual([1000, false]);
    done();
    await work.whenIdle();
    expect(clock.quiet()).toBe(true);
  });

  test('what was cancelled does not run', async () => {
    const clock = virtualClock(0);
    let ran = false;
    clock.at(5, () => (ran = true))();
    await clock.advance(10);
    expect(ran).toBe(false);
  });
});
