import type { LineStop } from '../client/reading';
import { Action } from './action';
import { api, may, type Me } from './api';
import { Mark, Time } from './parts';

export const UnblockAction = ({ app, environment, done }: { app: string; environment: string; done: () => void }) => (
  <Action
    act={{
      label: 'Let the lane move again',
      sentence: `Says that a person looked at ${environment} of ${app} and that rollouts may go there again. Nothing is changed in Azure; the next rollout in the queue begins.`,
      reason: 'must',
      reasonLabel: 'What you looked at, and why it may move again',
      carryOut: (reason) => api.unblock(app, environment, reason).then(done),
    }}
  />
);

const whose = (app: string | null): string => (app === null ? 'the line of all apps' : `the line of ${app}`);

/** Which stops of the line stand, and how each is taken away. */
export const LineStops = ({ stops, me, done }: { stops: readonly LineStop[]; me: Me | undefined; done: () => void }) =>
  stops.length === 0 ? null : (
    <section aria-label="The line is stopped" class="waiting-list">
      <ul>
        {stops.map(({ app, by, reason, at }) => (
          <li key={app ?? ''}>
            <Mark state="attention">
              {by} stopped {whose(app)}
            </Mark>{' '}
            <Time at={at} />: {reason}{' '}
            {may(me, 'Slipway.Operate') && (
              <Action
                act={{
                  label: app === null ? 'Start the line again' : `Start the line of ${app} again`,
                  sentence: `Lets rollouts ${app === null ? 'of all apps' : `of ${app}`} swap again as soon as their gates and the calendar let them. Those that wait go on by themselves.`,
                  reason: 'must',
                  reasonLabel: 'Why it may move again',
                  carryOut: (why) => api.changeLine('start', app, why).then(done),
                }}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );

/** Stops the line of all apps, or of one. */
export const StopLine = ({ app, done }: { app: string | null; done: () => void }) => (
  <Action
    act={{
      label: app === null ? 'Stop the line' : `Stop the line of ${app}`,
      sentence: `Keeps every rollout ${app === null ? 'of every app' : `of ${app}`} from swapping until somebody starts the line again. What is live stays live, a swap under way goes on, and a roll-back is never kept.`,
      isGrave: true,
      reason: 'must',
      reasonLabel: 'Why; everybody who waits reads it',
      carryOut: (why) => api.changeLine('stop', app, why).then(done),
    }}
  />
);
