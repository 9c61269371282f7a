import { problem, type InputProblem } from '../domain/problems';
import { placesOf } from '../domain/settings';
import type { StoppedApp, StopRow } from '../domain/stop';
import { stopKey, stopsPartition } from '../domain/tables';
import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { openRollouts } from '../azure/rollout-index';
import { readStop, standingStops } from '../azure/stop-rows';
import { wakeRollout } from '../azure/wake-rollout';
import type { Asking } from './cancel-rollout';

export type LineChanged =
  { kind: 'changed'; stop: StopRow; already: boolean; otherStops: StoppedApp[] } | { kind: 'refused'; problem: InputProblem };

/** `app`: null for all of them. */
export type ChangeLine = (change: 'stop' | 'start', app: string | null, asking: Asking, instances: Instances) => Promise<LineChanged>;

/**
 * Stops the line of one app, or of all: no release swaps until somebody starts it again. What is staged, proven and asked meanwhile waits.
 * What swaps or watches already goes on.
 */
export function createChangeLine(ports: Pick<Ports, 'rows' | 'clock' | 'settings' | 'ledgerKeys'>): ChangeLine {
  return async (change, app, { by, reason }, instances) => {
    const places = placesOf(ports.settings).filter((place) => app === null || place.app === app);
    if (app !== null && places.length === 0) return { kind: 'refused', problem: problem('unknown-app', app) };
    const at = isoNow(ports.clock);
    for (;;) {
      const found = await readStop(ports, app);
      const before: StopRow = found?.value ?? { v: 1, app, number: 0, stopped: null };
      if ((before.stopped !== null) === (change === 'stop'))
        return { kind: 'changed', stop: before, already: true, otherStops: await otherStops(ports, app) };
      const stop: StopRow = { ...before, number: before.number + 1, stopped: change === 'stop' ? { by, reason, at } : null };
      // The record comes first, as with a lane: a crash in between leaves a line that has to be asked again.
      const id = `line-${stopKey(app)}-${stop.number}`;
      for (const place of places)
        await appendLedger(ports, place, { id, kind: change === 'stop' ? 'line-stopped' : 'line-started', at, data: { by, reason, app } });
      const place = { partition: stopsPartition, row: stopKey(app), value: stop };
      const written = await ports.rows.write([found ? { kind: 'replace', ...place, etag: found.etag } : { kind: 'insert', ...place }]);
      if (written.kind === 'conflict') continue;
      await wakeAsking(ports, app, instances);
      return { kind: 'changed', stop, already: false, otherStops: await otherStops(ports, app) };
    }
  };
}

/** What keeps one app beside its own stop is that of all of them, and of all of them a part may be kept by its own. */
const otherStops = async (ports: Pick<Ports, 'rows'>, app: string | null): Promise<StoppedApp[]> =>
  (await standingStops(ports)).filter((one) => one.app !== app && (app === null || one.app === null));

/** Whoever waits at the gate looks again. */
async function wakeAsking(ports: Pick<Ports, 'rows'>, app: string | null, instances: Instances): Promise<void> {
  for (const row of await openRollouts(ports))
    if (row.phase === 'asking' && !row.ending && (app === null || row.app === app)) await wakeRollout(ports.rows, instances, row.id);
}
