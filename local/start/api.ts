import { SlipwayProblem } from '../../src/client/problem';
import { createClient } from '../../src/client/slipway-client';
import type { RequestToStart } from '../../src/client/starting';
import type { RolloutSummary, RolloutView } from '../../src/domain/rollout-view';

/** What the laptop's start asks of Slipway, over the same API as everybody. */
export interface Api {
  /** Newest first; undefined while Slipway does not answer. */
  rollouts(): Promise<RolloutSummary[] | undefined>;
  rollout(id: string): Promise<RolloutView | undefined>;
  /** Answers the rollout's id. Throws the API's own sentence when it refuses. */
  start(request: RequestToStart, idempotencyKey: string): Promise<string>;
  /** Answers the id of the rollout that takes it back. Throws the API's own sentence when it refuses. */
  rollBack(id: string, reason: string): Promise<string>;
}

const patienceMs = 10_000;

export function slipwayApi(baseUrl: string): Api {
  const client = createClient({ baseUrl, patienceMs });
  return {
    // Starting, stopping or busy: whoever asks looks again.
    rollouts: () => client.rollouts().catch(() => undefined),
    rollout: (id) => client.rollout(id).catch(() => undefined),
    start: async (request, idempotencyKey) => (await inASentence(client.start(request, idempotencyKey))).id,
    rollBack: async (id, reason) => (await inASentence(client.rollBack(id, reason))).id,
  };
}

const inASentence = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((error: unknown) => {
    if (!(error instanceof SlipwayProblem)) throw error;
    throw new Error(`Slipway refused it (${error.status}): ${error.detail} ${error.next}`.trim(), { cause: error });
  });

/** The version an app says it is at `GET /api/hello`; undefined while it gives no such answer. */
export async function saidVersion(helloUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(helloUrl, { signal: AbortSignal.timeout(5000) });
    const answer = (await response.json()) as { version?: unknown };
    return response.ok && typeof answer.version === 'string' ? answer.version : undefined;
  } catch {
    return undefined;
  }
}
