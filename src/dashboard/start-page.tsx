import { useState } from 'preact/hooks';
import type { RequestToStart } from '../client/starting';
import { addressOf } from './addresses';
import { api, may, type Me } from './api';
import { Trouble } from './parts';
import { usePolled } from './polling';
import { Stale } from './stale';
import { visit } from './visiting';

/** Starts a rollout as a build would: by what the build printed, or field by field. */
export const StartPage = ({ me }: { me: Me | undefined }) => {
  const lanes = usePolled(
    'lanes',
    (signal) => api.lanes(signal),
    () => 0,
  );
  const places = lanes.data ?? [];
  const [place, setPlace] = useState('');
  const [version, setVersion] = useState('');
  const [state, setState] = useState<{ kind: 'filling' } | { kind: 'starting' } | { kind: 'failed'; failure: Error }>({ kind: 'filling' });
  // Pressed twice, or sent twice by a poor connection, it is one rollout.
  const [key] = useState(() => crypto.randomUUID());
  const target = places.find((one) => `${one.app} ${one.environment}` === place) ?? places[0];

  const start = (event: SubmitEvent) => {
    event.preventDefault();
    if (!target) return;
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    setState({ kind: 'starting' });
    api.start(requestOf(target, fields), key).then(
      ({ id }) => visit(addressOf({ at: 'rollout', id })),
      (failure: unknown) => setState({ kind: 'failed', failure: failure instanceof Error ? failure : new Error(String(failure)) }),
    );
  };

  return (
    <>
      <h1>Start a rollout</h1>
      <p>A build does this by itself with a message on the queue slipway-rollouts; here a person does.</p>
      <Stale polled={lanes} nowMs={Date.now()} />
      {me && !may(me, 'Slipway.Start') && <p>This needs the role Slipway.Start, which {me.name} does not have.</p>}
      {lanes.data && may(me, 'Slipway.Start') && (
        <form class="start" onSubmit={start}>
          <label for="place">Where to</label>
          <select id="place" required onChange={(event) => setPlace(event.currentTarget.value)}>
            {places.map(({ app, environment }) => (
              <option
                key={`${app} ${environment}`}
                value={`${app} ${environment}`}
                selected={app === target?.app && environment === target.environment}
              >
                {app} to {environment}
              </option>
            ))}
          </select>
          <Field name="version" label="Version" required onInput={setVersion} />
          <Field name="url" label="Address of the package" inputMode="url" hint="https; a zip with host.json at its root" required />
          <Field name="sha256" label="Its sha256" hint="64 hex digits" required pattern="[0-9a-fA-F]{64}" />
          <Field
            name="functions"
            label="Functions that something else than HTTP triggers"
            hint="name:trigger, separated by commas: greet:queue, tidy:timer"
          />
          <Field name="commit" label="Commit" />
          <p>
            {target
              ? `Tells the team, puts ${target.app} ${version || 'this version'} into the staging slot of ${target.environment}, runs the checks and asks for approval. Nothing is live before that.`
              : ''}
          </p>
          {state.kind === 'failed' && <Trouble failure={state.failure} />}
          <div class="buttons">
            <button type="submit" class="act first" disabled={state.kind === 'starting'}>
              Start the rollout
            </button>
          </div>
        </form>
      )}
    </>
  );
};

const Field = ({
  name,
  label,
  hint,
  onInput,
  ...more
}: {
  name: string;
  label: string;
  hint?: string;
  inputMode?: 'url';
  required?: boolean;
  pattern?: string;
  onInput?: (value: string) => void;
}) => (
  <>
    <label for={name}>
      {label} {more.required ? '' : <span class="quiet">(if any)</span>}
    </label>
    <input
      {...more}
      id={name}
      name={name}
      autocomplete="off"
      spellcheck={false}
      {...(hint === undefined ? {} : { 'aria-describedby': `${name}-hint` })}
      onInput={(event) => onInput?.(event.currentTarget.value)}
    />
    {hint !== undefined && (
      <p class="small quiet hint" id={`${name}-hint`}>
        {hint}
      </p>
    )}
  </>
);

function requestOf({ app, environment }: { app: string; environment: string }, fields: FormData): RequestToStart {
  const text = (name: string): string => {
    const value = fields.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const functions = text('functions')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [name = '', trigger = ''] = one.split(':').map((part) => part.trim());
      return { name, trigger };
    });
  return {
    app,
    environment,
    version: text('version'),
    package: { url: text('url'), sha256: text('sha256') },
    functions,
    ...(text('commit') === '' ? {} : { commit: text('commit') }),
  };
}
