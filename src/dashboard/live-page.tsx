import type { LineStop } from '../client/reading';
import { sayHeld } from '../domain/held';
import type { LiveRelease, PlaceView, RunningView } from '../domain/live-view';
import type { RolloutSummary } from '../domain/rollout-view';
import { sayDuration, sayJourney } from '../domain/say';
import { api, may, type Me } from './api';
import { LineStops, StopLine, UnblockAction } from './lane-actions';
import { Link, Mark, Time } from './parts';
import { useNow, usePolled } from './polling';
import { HowToAnswer, isAskedHere, namesFor } from './signing-in';
import { Stale } from './stale';
import { phaseWords, stateOfOutcome, usualPhases } from './states';

/** What is live where, what is on its way there, and who is waited for. */
export const LivePage = ({ me }: { me: Me | undefined }) => {
  const seen = usePolled(
    'live',
    async (signal) => {
      const [places, rollouts, stops] = await Promise.all([api.live(signal), api.rollouts({ limit: 12 }, signal), api.line(signal)]);
      return { places, rollouts, stops };
    },
    (data) => (data?.places.some(({ running }) => running) === false ? 5000 : 1500),
  );
  const places = seen.data?.places ?? [];
  const now = useNow(places.some(({ running }) => running) || seen.failure !== undefined);
  const waiting = places.filter(({ running }) => running !== null && running.waitsFor.length > 0);
  return (
    <>
      <h1>Live</h1>
      <Stale polled={seen} nowMs={now} />
      {seen.data && <LineStops stops={seen.data.stops} me={me} done={seen.again} />}
      {waiting.length > 0 && (
        <section aria-labelledby="waiting" class="waiting-list">
          <h2 id="waiting">Waiting for a person</h2>
          <ul>
            {waiting.map(
              ({ app, environment, running }) => running && <Waiting key={running.id} {...{ app, environment, running, now, me }} />,
            )}
          </ul>
          {waiting.some(({ running }) => running?.waitsFor.some(isAskedHere)) && <HowToAnswer me={me} />}
        </section>
      )}
      {seen.data && <Grid places={places} now={now} me={me} again={seen.again} />}
      {seen.data && may(me, 'Slipway.Operate') && <StopLines {...seen.data} done={seen.again} />}
      {seen.data && <Recent rollouts={seen.data.rollouts} />}
    </>
  );
};

interface WaitingProps {
  app: string;
  environment: string;
  running: RunningView;
  now: number;
  me: Me | undefined;
}

const Waiting = ({ app, environment, running, now, me }: WaitingProps) => (
  <li>
    <Mark state="waiting">
      <Link to={{ at: 'rollout', id: running.id }}>{sayJourney({ ...running, app, environment })}</Link>
    </Mark>{' '}
    waits for {namesOf(running, me)}
    {running.expiresAt !== undefined && (
      <>
        , until <Time at={running.expiresAt} /> ({sayDuration(Date.parse(running.expiresAt) - now)} left)
      </>
    )}
  </li>
);

/** The line of each app that is not stopped, and of all of them. */
const StopLines = ({ places, stops, done }: { places: PlaceView[]; stops: LineStop[]; done: () => void }) => {
  if (stops.some(({ app }) => app === null)) return null;
  const apps = [...new Set(places.map(({ app }) => app))].filter((app) => !stops.some((stop) => stop.app === app));
  return (
    <section aria-label="The line" class="actions">
      <StopLine app={null} done={done} />
      {apps.length > 1 && apps.map((app) => <StopLine key={app} app={app} done={done} />)}
    </section>
  );
};

const namesOf = ({ waitsFor }: RunningView, me: Me | undefined): string =>
  namesFor(
    waitsFor.flatMap(({ approvers }) => approvers),
    me,
  );

const Grid = ({ places, now, me, again }: { places: PlaceView[]; now: number; me: Me | undefined; again: () => void }) => {
  const apps = [...new Set(places.map(({ app }) => app))];
  const environments = [...new Set(places.map(({ environment }) => environment))];
  return (
    <table class="grid">
      <caption>What each environment of each app serves</caption>
      <thead>
        <tr>
          <th scope="col">App</th>
          {environments.map((environment) => (
            <th key={environment} scope="col">
              {environment}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {apps.map((app) => (
          <tr key={app}>
            <th scope="row">{app}</th>
            {environments.map((environment) => {
              const place = places.find((one) => one.app === app && one.environment === environment);
              return (
                <td key={environment} data-environment={environment}>
                  {place ? <Cell place={place} now={now} me={me} again={again} /> : <span class="quiet">not here</span>}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const Cell = ({ place, now, me, again }: { place: PlaceView; now: number; me: Me | undefined; again: () => void }) => {
  const { app, environment, running, last, blocked } = place;
  const endedOtherwise = last && last.outcome !== 'deployed' && last.outcome !== 'unchanged' ? last : undefined;
  return (
    <div class="cell">
      <Served live={place.live} />
      {blocked && (
        <p>
          <Mark state="attention">
            Stopped since <Time at={blocked.at} />
          </Mark>{' '}
          {blocked.reason} {may(me, 'Slipway.Operate') && <UnblockAction app={app} environment={environment} done={again} />}
        </p>
      )}
      {place.standstills.map(({ kind, sentence }) => (
        <p key={sentence} class="small">
          <Mark state={kind === 'stop' ? 'attention' : 'waiting'}>{sentence}</Mark>
        </p>
      ))}
      {running && <OnItsWay running={running} now={now} me={me} />}
      {place.waiting > 0 && <p class="quiet">{place.waiting} more in the queue</p>}
      {!running && endedOtherwise && (
        <p class="small">
          <Mark state={stateOfOutcome(endedOtherwise.outcome)}>
            <Link to={{ at: 'rollout', id: endedOtherwise.id }}>{endedOtherwise.version}</Link> {endedOtherwise.outcome}
          </Mark>{' '}
          <Time at={endedOtherwise.at} />
        </p>
      )}
      <p class="small quiet">
        <Link to={{ at: 'ledger', app, environment }}>Ledger</Link>
      </p>
    </div>
  );
};

const Served = ({ live }: { live: LiveRelease }) => {
  if (live.kind === 'known')
    return (
      <>
        <p class="version">
          <Link to={{ at: 'rollout', id: live.rolloutId }}>{live.version}</Link>
        </p>
        <p class="small quiet">
          since <Time at={live.since} /> by {live.by}
        </p>
        {live.otherwise !== undefined && (
          <p class="small">
            <Mark state="inconclusive">{live.otherwise}</Mark>
          </p>
        )}
      </>
    );
  if (live.kind === 'in-doubt')
    return (
      <>
        <p class="version">
          <Link to={{ at: 'rollout', id: live.rolloutId }}>in doubt</Link>
        </p>
        <p class="small">
          <Mark state="attention">{live.sentence}</Mark>
        </p>
      </>
    );
  return (
    <>
      <p class="version">{live.version ?? 'unknown'}</p>
      <p class="small quiet">
        {live.version === undefined ? 'Slipway has brought nothing here yet' : 'as it says itself; Slipway has brought nothing here yet'}
      </p>
    </>
  );
};

const expiryOf = ({ expiresAt }: RunningView, now: number): string =>
  expiresAt === undefined ? 'in the end' : `in ${sayDuration(Date.parse(expiresAt) - now)}`;

/** A thin bar with a part for each phase, and what goes on now. */
const OnItsWay = ({ running, now, me }: Omit<WaitingProps, 'app' | 'environment'>) => {
  const { held, stoppedLines } = running;
  const isWaiting = running.waitsFor.length > 0 || held !== undefined;
  const words = phaseWords[running.phase];
  return (
    <div class="on-its-way">
      <div class="bar" aria-hidden="true">
        {usualPhases.map((phase) => (
          <span
            key={phase}
            class={phase === running.phase ? (isWaiting ? 'waiting' : 'going-on') : running.phases.includes(phase) ? 'done' : ''}
          />
        ))}
      </div>
      <p class="small">
        <Mark state={isWaiting ? 'waiting' : 'going-on'}>
          <Link to={{ at: 'rollout', id: running.id }}>
            {running.kind === 'revert' ? 'back to ' : ''}
            {running.version} {words.name}
          </Link>
        </Mark>{' '}
        {held
          ? sayHeld({ held, ...(stoppedLines && { stoppedLines }) }, expiryOf(running, now))
          : `${isWaiting ? `waits for ${namesOf(running, me)}` : words.doing}, ${sayDuration(now - Date.parse(running.phaseSince))}`}
      </p>
    </div>
  );
};

const Recent = ({ rollouts }: { rollouts: RolloutSummary[] }) => (
  <section aria-labelledby="recent">
    <h2 id="recent">Rollouts</h2>
    {rollouts.length === 0 ? (
      <p>
        None yet. <Link to={{ at: 'start' }}>Start one</Link>, or let a build put a message on the queue slipway-rollouts.
      </p>
    ) : (
      <ol class="rollouts">
        {rollouts.map(({ id, app, environment, version, kind, outcome, phase, held, admittedAt, ending, requester }) => (
          <li key={id}>
            <Mark state={outcome !== null ? stateOfOutcome(outcome) : phase === 'asking' ? 'waiting' : 'going-on'}>
              {outcome ?? `${phaseWords[phase].name}${held ? ', held' : ''}`}
            </Mark>
            <span>
              <Link to={{ at: 'rollout', id }}>
                {app} {kind === 'revert' ? 'back to ' : ''}
                {version}
              </Link>{' '}
              <span class="quiet">
                {kind === 'revert' ? 'in' : 'to'} {environment}, asked for by {requester.name}
              </span>
            </span>
            <span class="quiet">
              <Time at={admittedAt} />
              {ending && `, ${sayDuration(Date.parse(ending.at) - Date.parse(admittedAt))}`}
            </span>
          </li>
        ))}
      </ol>
    )}
  </section>
);
