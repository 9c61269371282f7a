import { emptyHead, sealEntry, type Deed, type LedgerEntry, type LedgerHead } from '../domain/ledger';
import { ledgerEntryKey, ledgerHeadKey, ledgerIdKey, lanePartition } from '../domain/tables';
import type { Ports } from './ports';
import { mostTries } from './rows';

export interface Place {
  app: string;
  environment: string;
}

/** Appends a deed to the chain of an app and environment, once: entry, head and a row by the deed's id are one transaction. */
export async function appendLedger(ports: Pick<Ports, 'rows' | 'ledgerKeys'>, place: Place, deed: Deed): Promise<void> {
  const partition = lanePartition(place.app, place.environment);
  for (let tries = 0; tries < mostTries; tries += 1) {
    if (await ports.rows.read(partition, ledgerIdKey(deed.id))) return;
    const head = await ports.rows.read<LedgerHead>(partition, ledgerHeadKey);
    const entry = sealEntry(head?.value ?? emptyHead, deed, ports.ledgerKeys[0]);
    const next: LedgerHead = { v: 1, number: entry.number, seal: entry.seal };
    const written = await ports.rows.write([
      head
        ? { kind: 'replace', partition, row: ledgerHeadKey, value: next, etag: head.etag }
        : { kind: 'insert', partition, row: ledgerHeadKey, value: next },
      { kind: 'insert', partition, row: ledgerEntryKey(entry.number), value: entry },
      { kind: 'insert', partition, row: ledgerIdKey(deed.id), value: { v: 1, number: entry.number } },
    ]);
    if (written.kind === 'written') return;
  }
  throw new Error(
    `The ledger of ${place.app} in ${place.environment} took no entry in ${mostTries} tries: its head does not fit its entries, or a row was removed. Look at its rows in partition ${partition}.`,
  );
}

export async function readLedger(ports: Pick<Ports, 'rows'>, place: Place): Promise<LedgerEntry[]> {
  return (await ports.rows.list<LedgerEntry>(lanePartition(place.app, place.environment), 'ledger-')).map((row) => row.value);
}

export async function readLedgerHead(ports: Pick<Ports, 'rows'>, place: Place): Promise<string | undefined> {
  return (await ports.rows.read<LedgerHead>(lanePartition(place.app, place.environment), ledgerHeadKey))?.value.seal;
}
