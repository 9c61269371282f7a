/** The orchestrations, as activities and commands may touch them. Events are nudges: no payload, never believed. */
export interface Instances {
  /** Starts an instance. One that runs already is left alone; the caller's rows decide whether it may start at all. */
  start(orchestrator: string, instanceId: string, input: object): Promise<void>;
  /** Raises `wake-<round>`; an instance that is unknown or has ended is ignored. */
  wake(instanceId: string, round: number): Promise<void>;
  status(instanceId: string): Promise<'running' | 'ended' | 'unknown'>;
  terminate(instanceId: string, reason: string): Promise<void>;
}
