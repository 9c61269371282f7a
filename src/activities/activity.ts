import type { Instances } from '../azure/instances';

/** What an activity may touch besides its ports: the orchestrations of the host that runs it. */
export interface Call {
  instances: Instances;
}

/**
 * One effect. Input and output are objects that survive JSON (a bare boolean would arrive as the text "True"). Expected failures are
 * values; a throw is a fault of ours or of storage, and is tried again. Safe to run twice, also at once and after a half-done run.
 */
export type Activity<Input extends object, Output extends object> = (input: Input, call: Call) => Promise<Output>;
