import { sayDuration } from '../domain/say';
import { Trouble } from './parts';
import type { Polled } from './polling';

/** Says that what is shown is not from now, and why; nothing where it is. */
export const Stale = ({ polled, nowMs }: { polled: Polled<unknown>; nowMs: number }) => {
  const { failure, readAtMs } = polled;
  if (!failure) return null;
  if (readAtMs === undefined) return <Trouble failure={failure} />;
  return (
    <p class="stale" role="status">
      Slipway does not answer: this is what was true {sayDuration(nowMs - readAtMs)} ago.{' '}
      <button type="button" onClick={polled.again}>
        Ask again
      </button>
    </p>
  );
};
