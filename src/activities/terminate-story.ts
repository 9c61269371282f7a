import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Terminate = Catalogue['terminateStory'];

/** Stops an instance whose rollout was ended without it. An Azure call in flight can't be called back: that is why the lane stays blocked. */
export function createTerminateStory(): Activity<Terminate['input'], Terminate['output']> {
  return async ({ rolloutId }, { instances }) => {
    if ((await instances.status(rolloutId)) === 'running') await instances.terminate(rolloutId, 'Its rollout was ended by the watchdog.');
    return {};
  };
}
