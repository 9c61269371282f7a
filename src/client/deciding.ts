import type { z } from 'zod';
import type { decided } from '../domain/api-policy-shapes';
import type { decisionBody } from '../domain/api-requests';
import type { Transport } from './transport';

type Decided = z.output<typeof decided>;

/** What approvers do who are signed in; it takes no role. */
export const deciding = (call: Transport) => ({
  decide: (id: string, decision: z.input<typeof decisionBody>): Promise<Decided> =>
    call<Decided>({ method: 'POST', path: `rollouts/${encodeURIComponent(id)}/decisions`, body: decision }),
});
