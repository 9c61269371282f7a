import { isoNow } from '../azure/clock';
import type { Ports } from '../azure/ports';
import type { Instances } from '../azure/instances';
import { giveUpLane } from '../azure/lane-rows';
import { changeRollout, placeOf, readRollout } from '../azure/rollout-rows';
import { mostTries } from '../azure/rows';
import { wakeRollout } from '../azure/wake-rollout';
import { enterLane, freeLane, type LaneRow } from '../domain/lane';
import { isBeforeSwap } from '../domain/rollout';
import { laneKey, lanePartition } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';
import { openRound } from './open-round';

type Look = Catalogue['lookAtLane'];

/** Opens the round, then takes the lane or a place in its queue, and asks older rollouts to give way where policy says so. */
export function createLookAtLane(ports: Ports): Activity<Look['input'], Look['output']> {
  return async ({ rolloutId, round }, { instances }) => {
    const row = await openRound(ports, rolloutId, round);
    // One that has ended, or is about to, takes no turn, and nobody has to give way to it.
    if (row.intent || row.ending) return { intent: row.intent ?? null, lane: notMine };
    const onNewer = row.kind === 'revert' ? 'queue' : placeOf(ports, row).policy.onNewer;
    const partition = lanePartition(row.app, row.environment);
    const me = { rolloutId, admittedAt: row.admittedAt };
    for (let tries = 0; tries < mostTries; tries += 1) {
      const found = await ports.rows.read<LaneRow>(partition, laneKey);
      const { lane, answer, superseded } = enterLane(found?.value ?? freeLane, me, onNewer);
      const written = await ports.rows.write([
        found
          ? { kind: 'replace', partition, row: laneKey, value: lane, etag: found.etag }
          : { kind: 'insert', partition, row: laneKey, value: lane },
      ]);
      if (written.kind === 'conflict') continue;
      for (const older of superseded) {
        await askToGiveWay(ports, older, rolloutId, row.release.version);
        await wakeRollout(ports.rows, instances, older);
      }
      if (answer.kind === 'holding')
        await changeRollout(ports, rolloutId, (mine) =>
          mine.ending || mine.epoch === answer.epoch ? undefined : { ...mine, epoch: answer.epoch },
        );
      return { intent: null, lane: (await leftAgain(ports, rolloutId, instances)) ? notMine : answer };
    }
    throw new Error(`Rollout ${rolloutId} lost the lane's row to other writers ${mostTries} times.`);
  };
}

const notMine = { kind: 'waiting', behind: null, blocked: false } as const;

/** Ended while this run was on its way into the lane, when its ending had left the lane already: nobody else would take it out. */
async function leftAgain(ports: Ports, rolloutId: string, instances: Instances): Promise<boolean> {
  const row = await readRollout(ports, rolloutId);
  if (!row.ending) return false;
  const next = await giveUpLane(ports, row);
  if (next) await wakeRollout(ports.rows, instances, next);
  return true;
}

async function askToGiveWay(ports: Ports, older: string, newer: string, version: string): Promise<void> {
  await changeRollout(ports, older, (row) =>
    row.intent || row.ending || row.kind === 'revert' || !isBeforeSwap(row.phase)
      ? undefined
      : { ...row, intent: { kind: 'supersede', by: newer, reason: `${newer} brings ${version}.`, at: isoNow(ports.clock) } },
  );
}
