import { NotAllowed } from '../azure/arm-sites';
import type { Ports } from '../azure/ports';
import { changeRollout } from '../azure/rollout-rows';
import type { Activity } from './activity';

/**
 * Runs an activity; where Azure refuses something to Slipway's identity the rollout's row keeps what. The step fails and is tried again, since a grant takes
 * minutes to hold; if it fails for good, the ending names the right that is missing.
 */
export function notingRefusal(ports: Pick<Ports, 'rows' | 'clock'>, run: Activity<object, object>): Activity<object, object> {
  return async (input, call) => {
    try {
      return await run(input, call);
    } catch (error) {
      if (error instanceof NotAllowed && 'rolloutId' in input && typeof input.rolloutId === 'string') {
        const { refusal } = error;
        await changeRollout(ports, input.rolloutId, (row) => (row.refusal?.action === refusal.action ? undefined : { ...row, refusal }));
      }
      throw error;
    }
  };
}
