import type * as z from 'zod';
import type { decided, questions } from '../domain/api-policy-shapes';
import type { decisionBody } from '../domain/api-requests';
import type { Transport } from './transport';

type Decided = z.output<typeof decided>;

export type Question = z.output<typeof questions>['questions'][number];

/** What approvers do who are signed in; it takes no role. */
export const deciding = (call: Transport) => ({
  /** Which gates of a rollout ask whoever is signed in. */
  questions: async (id: string, signal?: AbortSignal): Promise<Question[]> =>
    (await call<z.output<typeof questions>>({ path: `rollouts/${encodeURIComponent(id)}/questions`, ...(signal && { signal }) })).questions,

  decide: (id: string, decision: z.input<typeof decisionBody>): Promise<Decided> =>
    call<Decided>({ method: 'POST', path: `rollouts/${encodeURIComponent(id)}/decisions`, body: decision }),
});
