import type { RolloutView } from '../domain/rollout-view';
import { SlipwayUnreachable } from '../client/problem';
import { exitCodes, type ExitCode } from './exit-codes';
import { openScreen } from './screen';
import type { Session } from './world';

const lookEveryMs = 1000;
/** A Slipway that restarts is away for so long. */
const patienceMs = 60_000;
/** Closing notices do not hold up an outcome; they are waited for this long. */
const goodbyeMs = 10_000;

export const isGood = ({ outcome }: Pick<RolloutView, 'outcome'>): boolean => outcome === 'deployed' || outcome === 'unchanged';

/** Shows a rollout until it has ended, or until `isEnough`: drawn live on a terminal, a line an event elsewhere, a JSON line a change with --json. */
export async function followRollout(
  session: Session,
  id: string,
  isEnough: (view: RolloutView) => boolean = () => false,
): Promise<ExitCode> {
  const client = session.client();
  const screen = openScreen(session.out, session.environment, session.nowMs);
  // Standard output has nothing but the rollout's JSON where that is asked for.
  const say = (line: string) => (session.json ? void session.err.write(`${line}\n`) : screen.say(line));
  const answered = patiently(session, say, () => client.rollout(id, session.signal));
  let last = '';
  let endedAtMs: number | undefined;
  for (;;) {
    const view = await answered();
    if (view.ending) endedAtMs ??= session.nowMs();
    const isOver = view.phase === 'done' || (endedAtMs !== undefined && session.nowMs() - endedAtMs >= goodbyeMs);
    const shown = isOver ? { ...view, phase: 'done' as const } : view;
    if (!session.json) screen.show(shown);
    else if (JSON.stringify(shown) !== last) session.out.write(`${(last = JSON.stringify(shown))}\n`);
    if (isOver || isEnough(view)) return view.ending && !isGood(view) ? exitCodes.notGood : exitCodes.done;
    await session.sleep(lookEveryMs);
  }
}

/** Once it has answered, a Slipway that does not for a while is asked again, which is said once. */
function patiently<T>(session: Session, say: (line: string) => void, ask: () => Promise<T>): () => Promise<T> {
  let answeredAtMs: number | undefined;
  return async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = await ask();
        answeredAtMs = session.nowMs();
        if (tries > 1) say('Slipway answers again.');
        return answer;
      } catch (error) {
        if (!(error instanceof SlipwayUnreachable) || answeredAtMs === undefined || session.nowMs() - answeredAtMs > patienceMs)
          throw error;
        // Where it is has been said by whoever began to watch.
        if (tries === 1) say(`${error.message.replace(/ at \S+/, '').replace(/\.$/, '')}; asking again for a minute.`);
        await session.sleep(lookEveryMs);
      }
    }
  };
}
