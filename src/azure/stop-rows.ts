import type { StoppedApp, StopRow } from '../domain/stop';
import { stopKey, stopsPartition } from '../domain/tables';
import type { Ports } from './ports';
import type { Row } from './rows';

export async function readStop(ports: Pick<Ports, 'rows'>, app: string | null): Promise<Row<StopRow> | undefined> {
  return ports.rows.read<StopRow>(stopsPartition, stopKey(app));
}

/** Every stop that stands. */
export async function standingStops(ports: Pick<Ports, 'rows'>): Promise<StoppedApp[]> {
  const rows = await ports.rows.list<StopRow>(stopsPartition, '');
  return rows.flatMap(({ value: { app, stopped } }) => (stopped === null ? [] : [{ app, ...stopped }]));
}

/** The stops that bind one app. */
export async function stopsOf(ports: Pick<Ports, 'rows'>, app: string): Promise<StoppedApp[]> {
  return (await standingStops(ports)).filter((one) => one.app === null || one.app === app);
}
