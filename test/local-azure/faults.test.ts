import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { armPath, group, plainApp, push, served, site, startCloud, until, type Cloud, type Reply } from './cloud';

let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
  const spec = site({ package: await plainApp('1') });
  await cloud.azure.createSite({ ...spec, slots: spec.slots.map((slot) => ({ ...slot })) });
  await push(cloud, 'staging', await plainApp('2'), '');
});

afterEach(() => cloud.close());

const swap = (): Promise<Reply> =>
  cloud.ask('POST', armPath(cloud.azure, 'sites/hello/slots/staging/slotsswap'), {
    body: '{"targetSlot":"production","preserveVnet":false}',
  });
const swapStatus = async () => (await cloud.client.webApps.get(group, 'hello')).slotSwapStatus;
const ended = () =>
  until(
    async () => cloud.azure.receipts().swaps,
    (swaps) => swaps.every((each) => each.outcome !== 'running'),
  );
const polled = async (first: Reply): Promise<Reply> => {
  let location = String(first.headers['location']);
  return until(
    async () => {
      const reply = await cloud.ask('GET', location);
      location = String(reply.headers['location'] ?? location);
      return reply;
    },
    (reply) => reply.status !== 202,
  );
};

describe('answers that say nothing true of a swap', () => {
  test('a lost answer of a swap that happens', async () => {
    cloud.azure.faults.on('swap-answer-lost-but-happened');
    const reply = await swap();
    expect([reply.status, reply.json().error.code]).toEqual([504, 'GatewayTimeout']);
    await ended();
    expect(await served(cloud.azure)).toBe('2');
  });

  test('a lost answer of a swap that does not', async () => {
    cloud.azure.faults.on('swap-answer-lost-not-happened');
    expect((await swap()).status).toBe(504);
    expect(cloud.azure.receipts()).toMatchObject({ swaps: [], swapPosts: [{ answered: 504, operationId: null }] });
    expect(await served(cloud.azure)).toBe('1');
  });

  test('a conflict with the swap that the same POST began', async () => {
    cloud.azure.faults.on('swap-conflict-own');
    const reply = await swap();
    expect([reply.status, reply.json().Message]).toEqual([409, expect.stringContaining('OperationName: SwapSiteSlots')]);
    await ended();
    expect(await served(cloud.azure)).toBe('2');
  });

  test('a lock, with or without the swap', async () => {
    cloud.azure.faults.on('swap-lock-429');
    const reply = await swap();
    expect([reply.status, reply.json().Message]).toEqual([429, expect.stringContaining('Cannot acquire exclusive lock')]);
    expect(cloud.azure.receipts().swaps).toEqual([]);
    cloud.azure.faults.on('swap-lock-429', { happens: true });
    expect((await swap()).status).toBe(429);
    await ended();
    expect(await served(cloud.azure)).toBe('2');
  });
});

describe('answers to a swap', () => {
  test.each(['reset', 307, 503] as const)('are lost as %s, once', async (answer) => {
    cloud.azure.faults.on('swap-answer-lost-not-happened', { answer });
    if (answer === 'reset') await expect(swap()).rejects.toThrow();
    else expect((await swap()).status).toBe(answer);
    expect(cloud.azure.receipts()).toMatchObject({ swaps: [], swapPosts: [{ answered: answer === 'reset' ? 0 : answer }] });
    expect((await swap()).status).toBe(202);
  });

  test('say how long a quota lasts', async () => {
    cloud.azure.faults.on('swap-quota-429', { afterMs: 17_000 });
    const reply = await swap();
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, '17']);
    expect(reply.json().error.message).toContain('exceeded the limit');
    expect(cloud.azure.receipts().swaps).toEqual([]);
  });

  test('say that a preview is open, or name what a stranger has begun', async () => {
    cloud.azure.faults.on('swap-prepared-409');
    expect((await swap()).json().Message).toContain('prepared for swap');
    cloud.azure.faults.on('swap-conflict-stranger');
    expect((await swap()).json().Message).toContain('OperationName: SwapSiteSlots');
    await ended();
    expect(cloud.azure.receipts().swaps.map(({ by }) => by)).toEqual(['stranger']);
  });

  test('are true of a swap that follows a stranger’s', async () => {
    cloud.azure.faults.on('stranger-swaps-first');
    expect((await swap()).status).toBe(202);
    await until(ended, (swaps) => swaps.length === 2);
    expect([await served(cloud.azure), await served(cloud.azure, 'staging')]).toEqual(['1', '2']);
  });
});

describe('swaps that go wrong', () => {
  test('one that reverts itself leaves both slots as before, with a newer time', async () => {
    cloud.azure.faults.on('swap-reverts-itself');
    await polled(await swap());
    await until(ended, (swaps) => swaps.length === 2);
    expect([await served(cloud.azure), await served(cloud.azure, 'staging')]).toEqual(['1', '2']);
    expect(await swapStatus()).toMatchObject({ sourceSlotName: 'staging' });
    expect(cloud.azure.receipts().swaps.map((each) => each.by)).toEqual(['arm', 'itself']);
    expect(cloud.azure.receipts().swapPosts).toHaveLength(1);
  });

  test.each([
    ['ping-fails-417' as const, 417, /did not respond to http ping/],
    ['vm-allocation-400' as const, 400, /allocation of VM instances .+ Please retry the swap operation\.$/],
  ])('%s is told by the poll, and nothing has changed', async (fault, status, text) => {
    cloud.azure.faults.on(fault);
    const last = await polled(await swap());
    expect([last.status, last.json().Message]).toEqual([status, expect.stringMatching(text)]);
    expect((await swapStatus()) ?? null).toBeNull();
    expect([await served(cloud.azure), await served(cloud.azure, 'staging')]).toEqual(['1', '2']);
  });

  test('a slot that never answers ends in 417 after five tries', async () => {
    cloud.azure.faults.on('slot-no-answer', { slot: 'staging' });
    expect((await polled(await swap())).status).toBe(417);
  });
});

describe('faults of a slot', () => {
  test('SCM wakes after four 500 and four 503', async () => {
    cloud.azure.faults.on('scm-waking');
    const statuses: number[] = [];
    for (let n = 0; n < 9; n++) statuses.push((await push(cloud, 'staging', await plainApp('3'))).status);
    expect(statuses).toEqual([500, 500, 500, 500, 503, 503, 503, 503, 202]);
  });

  test('a deployment fails once, and the next does not', async () => {
    cloud.azure.faults.on('deployment-fails');
    expect((await push(cloud, 'staging', await plainApp('3'), '')).status).toBe(400);
    expect(await served(cloud.azure, 'staging')).toBe('2');
    expect((await push(cloud, 'staging', await plainApp('3'), '')).status).toBe(200);
    expect(await served(cloud.azure, 'staging')).toBe('3');
  });

  test('no functions', async () => {
    cloud.azure.faults.on('zero-functions', { slot: 'staging' });
    const functions = async (rest: string) => (await cloud.ask('GET', armPath(cloud.azure, `${rest}/functions`))).json().value.length;
    expect([await functions('sites/hello/slots/staging'), await functions('sites/hello')]).toEqual([0, 2]);
  });

  test('a burst of 503 from production and from it alone', async () => {
    cloud.azure.faults.on('production-503', { times: 2 });
    expect([await served(cloud.azure, 'staging'), await served(cloud.azure), await served(cloud.azure), await served(cloud.azure)]).toEqual(
      ['2', 'status 503', 'status 503', '1'],
    );
  });

  test('a dropped connection', async () => {
    cloud.azure.faults.on('slot-no-answer', { slot: 'staging' });
    await expect(served(cloud.azure, 'staging')).rejects.toThrow();
    cloud.azure.faults.off('slot-no-answer');
    expect(await served(cloud.azure, 'staging')).toBe('2');
  });

  test('outlive a restart, counted', async () => {
    cloud.azure.faults.on('production-503', { times: 2 });
    await served(cloud.azure);
    await cloud.again();
    expect(cloud.azure.faults.active()).toEqual([{ name: 'production-503', options: { times: 2 }, left: 1 }]);
  });
});

test('strangers leave their traces, and none over the wire', async () => {
  await cloud.azure.strangerPushes('hello', 'staging', await plainApp('9'));
  await cloud.azure.strangerSwaps('hello', 'staging');
  expect([await served(cloud.azure), await served(cloud.azure, 'staging')]).toEqual(['9', '1']);
  expect(cloud.azure.receipts()).toMatchObject({ swapPosts: [], swaps: [{ by: 'stranger', outcome: 'applied' }] });
});
