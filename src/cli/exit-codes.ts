/** What `slipway` ends with, for scripts. */
export const exitCodes = {
  done: 0,
  /** The command did its work, and what it found is not good. */
  notGood: 1,
  /** The command line, or a file it names, is wrong. */
  mistake: 2,
  /** Slipway answered, and refused. */
  refused: 3,
  /** Slipway does not answer, or nobody is signed in. */
  unreachable: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** For docs/cli.md and `slipway help`. */
export const exitCodeTable: readonly [ExitCode, string][] = [
  [
    exitCodes.done,
    'It is done: the rollout ended `deployed` or `unchanged`, the file has no mistake, the chain is whole, nothing stands in the way.',
  ],
  [
    exitCodes.notGood,
    'It is not good: the rollout ended otherwise, the file has a mistake, the chain is broken, something stands in the way.',
  ],
  [exitCodes.mistake, 'The command line is wrong, or a file that it names cannot be read.'],
  [exitCodes.refused, 'Slipway refused; its own sentence stands on stderr.'],
  [exitCodes.unreachable, 'Slipway does not answer, or nobody is signed in.'],
  [exitCodes.interrupted, 'Interrupted by Ctrl-C.'],
];
