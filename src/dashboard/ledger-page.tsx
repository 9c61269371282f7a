import type { LedgerView } from '../domain/ledger-view';
import { api } from './api';
import { Mark, Time } from './parts';
import { useNow, usePolled } from './polling';
import { Stale } from './stale';

/** Who did what, when, in one environment of one app; the server has verified the chain for this very answer. */
export const LedgerPage = ({ app, environment }: { app: string; environment: string }) => {
  const ledger = usePolled(
    `${app} ${environment}`,
    (signal) => api.ledger(app, environment, undefined, signal),
    () => 10_000,
  );
  const now = useNow(ledger.failure !== undefined);
  return (
    <>
      <h1>
        Ledger of {app} in {environment}
      </h1>
      <Stale polled={ledger} nowMs={now} />
      {ledger.data && (
        <>
          <Chain ledger={ledger.data} />
          <Entries entries={[...ledger.data.entries].reverse()} />
        </>
      )}
    </>
  );
};

export const Chain = ({ ledger: { chain } }: { ledger: LedgerView }) =>
  chain.kind === 'broken' ? (
    <p role="alert">
      <Mark state="attention">The chain is broken: {chain.why}.</Mark> Do not rely on what follows; keep a copy of the table, and find out
      who can write to it.
    </p>
  ) : chain.number === 0 ? (
    <p class="quiet">Nothing has been recorded here yet.</p>
  ) : (
    <p>
      <Mark state="done">
        The chain of {chain.number} {chain.number === 1 ? 'entry' : 'entries'} holds.
      </Mark>{' '}
      <span class="quiet">
        Its head is <code title={chain.seal}>{chain.seal.slice(0, 12)}</code>: that a closing notice shows the same says that nothing was
        cut off.
      </span>
    </p>
  );

export const Entries = ({ entries }: { entries: LedgerView['entries'] }) =>
  entries.length === 0 ? null : (
    <div class="scroll" tabIndex={0} role="region" aria-label="Entries of the ledger">
      <table class="entries">
        <thead>
          <tr>
            <th scope="col">No.</th>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Of it</th>
            <th scope="col">Seal</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ number, at, kind, data, seal }) => (
            <tr key={number}>
              <td class="number" data-column="No.">
                {number}
              </td>
              <td data-column="When">
                <Time at={at} withSeconds />
              </td>
              <td data-column="What">{kind}</td>
              <td class="data" data-column="Of it">
                {sayData(data)}
              </td>
              <td data-column="Seal">
                <code title={seal}>{seal.slice(0, 12)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );

/** `name value` pairs, one after the other: of what lies deeper the names joined by full stops, of a list how long it is. */
function sayData(data: Record<string, unknown>, base = ''): string {
  return Object.entries(data)
    .filter(([name, value]) => name !== 'rolloutId' && value !== null && value !== '')
    .map(([name, value]) => {
      if (Array.isArray(value)) return `${base}${name}: ${value.length}`;
      if (typeof value === 'object') return sayData(value as Record<string, unknown>, `${base}${name}.`);
      return `${base}${name} ${short(String(value))}`;
    })
    .join(' · ');
}

const short = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text);
