/** A mistake that shows only when two places of slipway.yaml are held against each other. */
export interface BrokenRule {
  path: (string | number)[];
  message: string;
}
