import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { Instances } from './instances';

/** The orchestrations of the host that runs this invocation, through the durable client bound to it. */
export function instancesOf(context: InvocationContext): Instances {
  const client = df.getClient(context);
  const status = async (instanceId: string) => {
    try {
      return (await client.getStatus(instanceId, { showInput: false })).runtimeStatus;
    } catch (error) {
      if (isUnknown(error)) return undefined;
      throw error;
    }
  };
  const isLive = (found: df.OrchestrationRuntimeStatus | undefined) =>
    found === df.OrchestrationRuntimeStatus.Running ||
    found === df.OrchestrationRuntimeStatus.Pending ||
    found === df.OrchestrationRuntimeStatus.Suspended ||
    found === df.OrchestrationRuntimeStatus.ContinuedAsNew;
  return {
    async start(orchestrator, instanceId, input) {
      if (isLive(await status(instanceId))) return;
      await client.startNew(orchestrator, { instanceId, input });
    },
    async wake(instanceId, round) {
      try {
        await client.raiseEvent(instanceId, `wake-${round}`, { round });
      } catch (error) {
        if (!isUnknown(error)) throw error;
      }
    },
    async status(instanceId) {
      const found = await status(instanceId);
      return found === undefined ? 'unknown' : isLive(found) ? 'running' : 'ended';
    },
    terminate: (instanceId, reason) => client.terminate(instanceId, reason),
  };
}

/** The client says an unknown instance (404) only in words. */
const isUnknown = (error: unknown): boolean => error instanceof Error && /No instance with ID|HTTP 404|status code 404/.test(error.message);

/** Forgets the history of instances that were begun before this time and have ended. Answers how many. */
export async function purgeBegunBefore(context: InvocationContext, at: Date): Promise<number> {
  const { Completed, Failed, Terminated } = df.OrchestrationRuntimeStatus;
  const { instancesDeleted } = await df.getClient(context).purgeInstanceHistoryBy({
    // The package refuses a purge without a beginning.
    createdTimeFrom: new Date(0),
    createdTimeTo: at,
    runtimeStatus: [Completed, Failed, Terminated],
  });
  return instancesDeleted;
}
