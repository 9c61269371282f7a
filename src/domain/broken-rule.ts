/** A mistake that shows only when two places of slipway.yaml are held against each other. */
export interface BrokenRule {
  path: (string | number)[];
  message: string;
}

/** A path as people read it: `policies.production.gates[0].needed`. */
export const inWords = (path: readonly PropertyKey[]): string =>
  path.map((part, n) => (typeof part === 'number' ? `[${part}]` : `${n === 0 ? '' : '.'}${String(part)}`)).join('');
