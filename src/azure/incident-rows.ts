import { incidentKey, lanePartition } from '../domain/tables';
import type { Place } from './ledger';
import type { Rows } from './rows';

/** Row of an incident that a channel was told of and that nobody has resolved. */
export interface IncidentRow {
  v: 1;
  channel: string;
  rolloutId: string;
  openedAt: string;
}

export async function openIncidents({ rows }: { rows: Rows }, place: Place): Promise<IncidentRow[]> {
  return (await rows.list<IncidentRow>(lanePartition(place.app, place.environment), incidentKey(''))).map(({ value }) => value);
}

/** Once: an incident that is noted already stays as it is. */
export async function noteIncident({ rows }: { rows: Rows }, place: Place, incident: IncidentRow): Promise<void> {
  await rows.write([{ kind: 'insert', ...rowOf(place, incident), value: incident }]);
}

export async function forgetIncident(
  { rows }: { rows: Rows },
  place: Place,
  incident: Pick<IncidentRow, 'channel' | 'rolloutId'>,
): Promise<void> {
  await rows.write([{ kind: 'delete', ...rowOf(place, incident) }]);
}

const rowOf = ({ app, environment }: Place, { channel, rolloutId }: Pick<IncidentRow, 'channel' | 'rolloutId'>) => ({
  partition: lanePartition(app, environment),
  row: incidentKey(`${channel}-${rolloutId}`),
});
