import type { ChangeFigure, Figures } from '../domain/figures';
import { sayDuration } from '../domain/say';
import { api } from './api';
import { FrequencyChart, PointsChart, StripChart } from './charts';
import { Link, Mark, Time } from './parts';
import { useNow, usePolled } from './polling';
import { Stale } from './stale';

/** How delivery goes: four figures over ninety days, each with its picture, and the table they come from. */
export const FiguresPage = () => {
  const seen = usePolled(
    'figures',
    (signal) => api.figures(90, signal),
    () => 60_000,
  );
  const now = useNow(seen.failure !== undefined);
  return (
    <>
      <h1>Figures</h1>
      <Stale polled={seen} nowMs={now} />
      {seen.data && <Four figures={seen.data} />}
      {seen.data && <Changes changes={seen.data.changes} />}
    </>
  );
};

const orNone = (value: number | null, say: (value: number) => string): string => (value === null ? '–' : say(value));

const Four = ({ figures }: { figures: Figures }) => {
  const { changes, perWeek, medianLeadMs, failureRate, medianRestoreMs, days } = figures;
  const fine = changes.filter(({ failed }) => failed === 'no');
  const failed = changes.filter((change) => change.failed !== 'no');
  return (
    <>
      <p class="quiet">
        The last {days} days, {changes.length === 1 ? '1 change' : `${changes.length} changes`} that reached the live slot.
      </p>
      <div class="figures">
        <Figure
          name="Deployment frequency"
          value={`${perWeek.toFixed(perWeek < 9.95 ? 1 : 0)} a week`}
          what="Changes that went live, by week."
        >
          <FrequencyChart figures={figures} />
        </Figure>
        <Figure name="Lead time" value={orNone(medianLeadMs, sayDuration)} what="From the build’s request to proven live; the median.">
          <PointsChart
            figures={figures}
            points={fine.map(({ at, leadMs, rolloutId }) => ({ key: rolloutId, at, ms: leadMs }))}
            state="done"
          />
        </Figure>
        <Figure
          name="Change failure rate"
          value={orNone(failureRate, (rate) => `${(rate * 100).toFixed(0)} %`)}
          what="Changes that were taken back, or needed a person."
        >
          <StripChart figures={figures} />
        </Figure>
        <Figure
          name="Time to restore"
          value={orNone(medianRestoreMs, sayDuration)}
          what="From the swap to the old release serving again; the median."
        >
          <PointsChart
            figures={figures}
            points={failed.flatMap(({ at, restoreMs, rolloutId }) =>
              restoreMs === undefined ? [] : [{ key: rolloutId, at, ms: restoreMs }],
            )}
            state="failed"
          />
        </Figure>
      </div>
    </>
  );
};

const Figure = ({ name, value, what, children }: { name: string; value: string; what: string; children: preact.ComponentChildren }) => (
  <section class="figure" aria-label={`${name}: ${value}`}>
    <h2>{name}</h2>
    <p class="value">{value}</p>
    <p class="small quiet">{what}</p>
    {children}
  </section>
);

const states = { no: 'done', 'rolled-back': 'undone', reverted: 'undone', 'needs-attention': 'attention' } as const;

const Changes = ({ changes }: { changes: ChangeFigure[] }) => (
  <section aria-labelledby="changes">
    <h2 id="changes">Changes</h2>
    {changes.length === 0 ? (
      <p class="quiet">No change has reached a live slot in this time.</p>
    ) : (
      <div class="scroll" tabIndex={0} role="region" aria-label="Changes">
        <table class="entries">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Change</th>
              <th scope="col">How it went</th>
              <th scope="col" class="number">
                Lead time
              </th>
              <th scope="col" class="number">
                To restore
              </th>
            </tr>
          </thead>
          <tbody>
            {[...changes].reverse().map(({ rolloutId, app, environment, version, at, leadMs, failed, restoreMs }) => (
              <tr key={rolloutId}>
                <td data-column="When">
                  <Time at={at} />
                </td>
                <td data-column="Change">
                  <Link to={{ at: 'rollout', id: rolloutId }}>
                    {app} {version}
                  </Link>{' '}
                  <span class="quiet">to {environment}</span>
                </td>
                <td data-column="How it went">
                  <Mark state={states[failed]}>{failed === 'no' ? 'deployed' : failed}</Mark>
                </td>
                <td class="number" data-column="Lead time">
                  {sayDuration(leadMs)}
                </td>
                <td class="number" data-column="To restore">
                  {restoreMs === undefined ? '' : sayDuration(restoreMs)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
);
