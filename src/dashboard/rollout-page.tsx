import { useEffect } from 'preact/hooks';
import type { LedgerView } from '../domain/ledger-view';
import type { RolloutView } from '../domain/rollout-view';
import { sayDuration, sayJourney } from '../domain/say';
import { standstillOf } from '../domain/stop';
import { waitedFor } from '../domain/waited-for';
import { api, type Me } from './api';
import { Chain, Entries } from './ledger-page';
import { Digest, Link, Mark, Time, titled } from './parts';
import { useNow, usePolled } from './polling';
import { replaced, RolloutActions } from './rollout-actions';
import { HowToAnswer, isAskedHere } from './signing-in';
import { Stale } from './stale';
import { stateOfVerdict } from './states';
import { sentenceOf, timelineOf } from './timeline';
import { TimelineView } from './timeline-view';

/** One rollout: the sentence, what can be done, the timeline, the evidence, the record. */
export const RolloutPage = ({ id, me }: { id: string; me: Me | undefined }) => {
  const seen = usePolled(
    id,
    async (signal) => {
      const [view, traces] = await Promise.all([api.rollout(id, signal), api.traces(id, signal)]);
      const questions = view.ask?.state === 'open' ? await api.questions(id, signal) : [];
      const isHeld = view.ask?.held !== undefined;
      const stops = isHeld ? (await api.line(signal)).map((stopped) => standstillOf(stopped).sentence) : [];
      return { view, traces, questions, stops };
    },
    (data) =>
      data === undefined
        ? 1000
        : data.view.phase !== 'done'
          ? 1000
          : data.traces.notices.some(({ state }) => state === 'to-send')
            ? 5000
            : 0,
  );
  const lanes = usePolled(
    'lanes',
    (signal) => api.lanes(signal),
    () => 0,
  );
  const journey = seen.data && sayJourney(seen.data.view);
  useEffect(() => {
    if (journey !== undefined) document.title = titled(journey);
  }, [journey]);
  const isRunning = seen.data !== undefined && !seen.data.view.ending;
  const now = useNow(isRunning || seen.failure !== undefined);
  if (!seen.data)
    return (
      <>
        <h1>{id}</h1>
        <Stale polled={seen} nowMs={now} />
      </>
    );
  const { view, traces, questions, stops } = seen.data;
  const elsewhere = (lanes.data ?? [])
    .filter(({ app, environment }) => app === view.app && environment !== view.environment)
    .map(({ environment }) => environment);
  const sentence = sentenceOf(view, now);
  const isRevert = view.kind === 'revert';
  return (
    <>
      <p class="kicker">
        <b>
          {view.app} {isRevert ? 'back to ' : ''}
          {view.version}
        </b>{' '}
        {isRevert ? 'in' : 'to'} {view.environment} <span class="quiet">rollout {view.id}</span>
      </p>
      <h1 class={`sentence ${sentence.state}`}>
        <Mark state={sentence.state}>{sentence.words}</Mark>
      </h1>
      {view.ending && (
        <p class="lead">
          {view.ending.serves} {view.ending.next}
        </p>
      )}
      {isWaitingHere(view) && <HowToAnswer me={me} />}
      <Stale polled={seen} nowMs={now} />
      <RolloutActions {...{ view, questions, stops, elsewhere, me }} done={seen.again} />
      <TimelineView timeline={timelineOf(view, traces, now)} />
      <div class="columns">
        <Evidence view={view} />
        <Checks view={view} />
      </div>
      <Record view={view} />
    </>
  );
};

const isWaitingHere = ({ plan, ask, held }: RolloutView): boolean =>
  !held && plan?.kind === 'go' && ask?.state === 'open' && waitedFor(plan.gates, ask).some(isAskedHere);

const Evidence = ({ view }: { view: RolloutView }) => {
  const { sha256, commit, buildUrl, admittedAt, plan, settingNames, functions, ending } = view;
  return (
    <section aria-labelledby="evidence">
      <h2 id="evidence">Evidence</h2>
      <dl>
        <Fact name="Replaces">{replaced(view)}</Fact>
        {sha256 !== '' && (
          <Fact name="Package">
            <Digest sha256={sha256} />
          </Fact>
        )}
        {commit !== undefined && (
          <Fact name="Commit">
            <code>{commit}</code>
          </Fact>
        )}
        {buildUrl !== undefined && <Fact name="Build">{buildUrl}</Fact>}
        <Origin view={view} />
        <Fact name="Settings">{settingNames.length === 0 ? 'none come with it' : settingNames.join(', ')}</Fact>
        {functions.length > 0 && <Fact name="Functions">{functions.map(({ name, trigger }) => `${name} (${trigger})`).join(', ')}</Fact>}
        {plan && <Fact name="Plan">{plan.sentence}</Fact>}
        {plan?.kind === 'go' && (
          <Fact name="Policy">
            <code>{plan.policyHash.slice(0, 12)}</code>
          </Fact>
        )}
        {ending && <Fact name="Took">{sayDuration(Date.parse(ending.at) - Date.parse(admittedAt))}</Fact>}
      </dl>
    </section>
  );
};

/** Who wanted it, why, and what it follows from. */
const Origin = ({ view: { requester, actor, admittedAt, why, hotfix, override, promotes, reverts } }: { view: RolloutView }) => (
  <>
    <Fact name="Asked for by">
      {requester.name}
      {requester.verified ? '' : ', for whom nobody vouches'}
      {actor === undefined ? '' : `; the build says ${actor}`}, <Time at={admittedAt} withSeconds />
    </Fact>
    {why !== undefined && <Fact name="Why">{why}</Fact>}
    {hotfix !== undefined && <Fact name="Hotfix">{hotfix}</Fact>}
    {override !== undefined && (
      <Fact name="Calendar">
        {override.by} let it pass windows and freezes: {override.reason}
      </Fact>
    )}
    {promotes !== undefined && (
      <Fact name="Takes on">
        <Link to={{ at: 'rollout', id: promotes }}>{promotes}</Link>
      </Fact>
    )}
    {reverts !== undefined && (
      <Fact name="Takes back">
        <Link to={{ at: 'rollout', id: reverts }}>{reverts}</Link>
      </Fact>
    )}
  </>
);

const Fact = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Checks = ({ view: { checks } }: { view: RolloutView }) => (
  <section aria-labelledby="checks">
    <h2 id="checks">Checks</h2>
    {checks.length === 0 ? (
      <p class="quiet">None has run yet.</p>
    ) : (
      <ul class="plain">
        {checks.map(({ name, verdict, seen, tries }) => (
          <li key={name}>
            <Mark state={stateOfVerdict(verdict)}>
              {name}: {verdict}
            </Mark>{' '}
            <span class="quiet">
              {seen}
              {tries.length > 1 ? `, ${tries.length} tries` : ''}
            </span>
          </li>
        ))}
      </ul>
    )}
  </section>
);

/** The ledger's rows about this rollout, and what the whole chain is worth. */
const Record = ({ view: { id, app, environment, phase } }: { view: RolloutView }) => {
  // What was written since comes with the next phase.
  const ledger = usePolled<LedgerView>(
    `ledger ${id} ${phase}`,
    (signal) => api.ledger(app, environment, undefined, signal),
    () => 0,
  );
  return (
    <section aria-labelledby="record" class="record">
      <h2 id="record">Ledger</h2>
      {ledger.data ? (
        <>
          <Chain ledger={ledger.data} />
          <Entries entries={ledger.data.entries.filter((entry) => entry.data['rolloutId'] === id || entry.id.startsWith(`${id}:`))} />
        </>
      ) : (
        <Stale polled={ledger} nowMs={Date.now()} />
      )}
    </section>
  );
};
