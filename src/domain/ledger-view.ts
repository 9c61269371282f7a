import { verifyChain, type LedgerEntry } from './ledger';

/** A ledger as the API shows it, with its chain verified. `head`: one known from elsewhere, as a closing notice prints it. */
export function viewLedger(
  place: { app: string; environment: string },
  entries: readonly LedgerEntry[],
  keys: readonly { id: string; key: Uint8Array }[],
  head?: string,
) {
  return {
    app: place.app,
    environment: place.environment,
    entries: entries.map(({ number, id, kind, at, data, seal }) => ({ number, id, kind, at, data, seal })),
    chain: verifyChain(entries, keys, head),
  };
}

export type LedgerView = ReturnType<typeof viewLedger>;
