/** How long things take, in milliseconds of the clock (except where a name says otherwise). The real service takes a minute or more for a swap. */
export interface Pace {
  /** From the 202 of a push to the end of its deployment. */
  deploymentMs: number;
  /** Target's sticky settings applied to the source, before it restarts. */
  swapApplyMs: number;
  /** From the source's restart to the first warm-up request. */
  swapWarmUpMs: number;
  /** From the accepted warm-up to the switched routing. */
  swapRouteMs: number;
  /** From the switched routing to the end of the operation. */
  swapFinishMs: number;
  /** Between two warm-up requests that got no answer; there are five. */
  swapPingAgainMs: number;
  /** A slot answers 503 for at least so long when it restarts. */
  restartMs: number;
  /** SCM answers 503 for so long after a settings change. */
  scmWakesMs: number;
  /** From the acceptance of a mail to its final status. */
  mailMs: number;
  /** Value of Retry-After in answers about running swaps; the real one says 15. */
  swapRetryAfterSeconds: number;
}

export const laptopPace: Pace = {
  deploymentMs: 1500,
  swapApplyMs: 1000,
  swapWarmUpMs: 1000,
  swapRouteMs: 1000,
  swapFinishMs: 1000,
  swapPingAgainMs: 500,
  restartMs: 150,
  scmWakesMs: 200,
  mailMs: 400,
  swapRetryAfterSeconds: 1,
};
