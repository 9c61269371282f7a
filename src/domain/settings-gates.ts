import { z } from 'zod';
import { proofs } from './proof';
import { address, name } from './settings-words';

const approvers = z.array(address).max(20);

/** Members of an Entra group, known by their sign-in's claims. The address is where they are asked. */
const group = z.strictObject({ id: z.guid("a group's object id, as Entra shows it"), mail: address });

/** A mail with a signed link to each approver. */
const signedLink = z.strictObject({
  name: name('a gate name'),
  kind: z.literal('signed-link'),
  approvers: approvers.default([]),
  groups: z.array(group).max(10).optional(),
  needed: z.number().int().min(1).default(1),
  proof: z.enum(proofs).default('link'),
  notRequester: z.boolean().default(false),
  /** Whom to ask as well when so much of the time has gone by without the answers that are needed. */
  escalate: z.strictObject({ after: z.number().gt(0).lt(1).default(0.5), to: approvers.min(1) }).optional(),
});

/** One place where somebody must say yes. */
export const gate = signedLink;
