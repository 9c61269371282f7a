/**
 * What an approver must show besides the link. `link`: the code that the link's fragment brings along; whoever has the whole link may answer.
 * `code`: the same code, typed. `entra`: a sign-in whose address is the approver's; the mail alone decides nothing.
 */
export const proofs = ['link', 'code', 'entra'] as const;
export type Proof = (typeof proofs)[number];
