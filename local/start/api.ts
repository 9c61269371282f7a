import type { RolloutSummary, RolloutView } from '../../src/domain/rollout-view';

/** What the laptop's start asks of Slipway, over the same API as everybody. */
export interface Api {
  /** Newest first; undefined while Slipway does not answer. */
  rollouts(): Promise<RolloutSummary[] | undefined>;
  rollout(id: string): Promise<RolloutView | undefined>;
  /** Answers the rollout's id. Throws the API's own sentence when it refuses. */
  start(request: object, idempotencyKey: string): Promise<string>;
  /** Answers the id of the rollout that takes it back. Throws the API's own sentence when it refuses. */
  rollBack(id: string, reason: string): Promise<string>;
}

const patienceMs = 10_000;

export function slipwayApi(baseUrl: string): Api {
  const get = async <T>(path: string): Promise<T | undefined> => {
    try {
      const response = await fetch(`${baseUrl}${path}`, { signal: AbortSignal.timeout(patienceMs) });
      return response.ok ? ((await response.json()) as T) : undefined;
    } catch {
      // Starting, stopping or busy: whoever asks looks again.
      return undefined;
    }
  };
  const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<string> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
    const answer = (await response.json()) as { id?: string; title?: string; detail?: string; next?: string };
    if (response.ok && answer.id) return answer.id;
    throw new Error(
      `Slipway refused it (${response.status}): ${answer.detail ?? answer.title ?? 'without a reason'} ${answer.next ?? ''}`.trim(),
    );
  };
  return {
    async rollouts() {
      return (await get<{ rollouts: RolloutSummary[] }>('/api/rollouts'))?.rollouts;
    },
    rollout: (id) => get<RolloutView>(`/api/rollouts/${encodeURIComponent(id)}`),
    start: (request, idempotencyKey) => post('/api/rollouts', request, { 'idempotency-key': idempotencyKey }),
    rollBack: (id, reason) => post(`/api/rollouts/${encodeURIComponent(id)}/roll-back`, { reason }),
  };
}

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
