import { describe, expect, it } from '@jest/globals';
import type { Call } from '../../src/activities/activity';
import { createProveStaging } from '../../src/activities/prove-staging';
import { createSwitchOffTriggers } from '../../src/activities/switch-off-triggers';
import type { AppControl, IndexedFunction } from '../../src/azure/app-control';
import type { Ports } from '../../src/azure/ports';
import type { ReleaseFunction } from '../../src/domain/release';
import { settingsSchema } from '../../src/domain/settings';
import { laneKey, lanePartition, rolloutKey } from '../../src/domain/tables';
import { rowsInMemory } from '../rows-in-memory';

/** What runs by itself in staging would eat production's messages: it is off, or the release is not proven. */

const id = 'hello-production-2-0-0-0badcafe';
const at = '2026-11-23T10:00:00.000Z';

const pushed = { kind: 'read', deploymentId: 'd', message: `${id}.1` };
const named = { kind: 'package', sha256: '0123456789ab' };

async function staged(listed: ReleaseFunction[], indexed: IndexedFunction[], content: object = pushed) {
  const written: string[] = [];
  const ports = {
    settings: settingsSchema.parse({
      azure: { subscription: 's', resourceGroup: 'g' },
      people: { team: ['team@example.com'] },
      apps: { hello: { environments: { production: { functionApp: 'hello', policy: 'careful' } } } },
      policies: { careful: {} },
    }),
    rows: rowsInMemory(),
    clock: { now: () => Date.parse(at), sleep: () => Promise.resolve() },
    appControl: {
      readSlots: () =>
        Promise.resolve({
          production: {},
          staging: { marker: `${id}.0123456789ab`, content },
        }),
      listFunctions: (_target: unknown, slot: string) => Promise.resolve(slot === 'staging' ? indexed : []),
      writeStickySettings: (_target: unknown, settings: object) => Promise.resolve(void written.push(...Object.keys(settings))),
    } as unknown as AppControl,
  } as unknown as Ports;
  const release = { version: '2.0.0', sha256: '0123456789ab', functions: listed, settingNames: [] };
  const row = { v: 1, id, app: 'hello', environment: 'production', kind: 'deploy', phase: 'staging', round: 1, release };
  await ports.rows.write([{ kind: 'insert', partition: id, row: rolloutKey, value: row }]);
  const lane = { v: 1, state: 'held', holder: id, epoch: 1, queue: [] };
  await ports.rows.write([{ kind: 'insert', partition: lanePartition('hello', 'production'), row: laneKey, value: lane }]);
  const call = {} as Call;
  await createSwitchOffTriggers(ports)({ rolloutId: id, epoch: 1 }, call);
  return { written, proof: (await createProveStaging(ports)({ rolloutId: id, round: 2, push: 1 }, call)).proof };
}

const hello: IndexedFunction = { name: 'hello', trigger: 'http', disabled: false };
const ingest = (disabled: boolean): IndexedFunction => ({ name: 'ingest', trigger: 'queue', disabled });

describe('staging', () => {
  it('is proven where what runs by itself was listed, and is off', async () => {
    const { written, proof } = await staged([{ name: 'ingest', trigger: 'queue' }], [hello, ingest(true)]);
    expect(written).toEqual(['AzureWebJobs.ingest.Disabled']);
    expect(proof).toMatchObject({ kind: 'proven', functions: 2 });
  });

  it('is not proven yet while its host says that such a function is on', async () => {
    const { proof } = await staged([{ name: 'ingest', trigger: 'queue' }], [hello, ingest(false)]);
    expect(proof).toEqual({ kind: 'not-yet', why: expect.stringContaining('ingest') });
  });

  it('that names its package by URL may still be answered for by the host of before: it is not proven yet', async () => {
    const { proof } = await staged([], [hello, ingest(false)], named);
    expect(proof).toEqual({ kind: 'not-yet', why: expect.stringContaining('did not list with this trigger: ingest (queue)') });
  });

  it.each<[string, ReleaseFunction[]]>([
    ['not listed', []],
    ['listed as an HTTP function', [{ name: 'ingest', trigger: 'http' }]],
  ])('is refused with a queue function that was %s', async (_how, listed) => {
    const { written, proof } = await staged(listed, [hello, ingest(false)]);
    expect(written).toEqual([]);
    expect(proof).toMatchObject({
      kind: 'refused',
      problem: { code: 'unlisted-function', sentence: expect.stringContaining('ingest (queue)') },
    });
  });
});
