import { z } from 'zod';
import { proofs } from './proof';
import { address, name } from './settings-words';

/** One place where somebody must say yes. */
export const gate = z.strictObject({
  name: name('a gate name'),
  kind: z.literal('signed-link'),
  approvers: z.array(address).min(1).max(20),
  needed: z.number().int().min(1).default(1),
  proof: z.enum(proofs).default('link'),
  notRequester: z.boolean().default(false),
});
