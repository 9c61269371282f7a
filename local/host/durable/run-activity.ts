import { bindingData, jsonProperties } from '../binding-data';
import { findFunction, invoke } from '../invoke';
import { toLevel } from '../log-level';
import { activityFailure, activityInput, activityResult } from './activity-data';
import { bindingOfType } from './compute-turn';
import { taskCompleted, taskFailed, type HistoryEvent } from './history';
import { httpActivityEvent } from './http-activity';
import { httpActivity } from './http-call';
import type { ActivityTask } from './open-work';
import type { TurnWorld } from './turn-world';

const noNames = bindingData();

/** Runs an activity and answers the event that tells of it. */
export async function activityEvent(world: TurnWorld, task: ActivityTask): Promise<HistoryEvent> {
  if (task.name === httpActivity) return httpActivityEvent(world, task);
  const fn = findFunction(world.registry, task.name);
  const binding = fn && bindingOfType(fn, 'activityTrigger');
  // Known when it was scheduled, and gone since: the app changed under a running instance.
  if (!fn || !binding) {
    const { reason, details } = activityFailure(task.name, new Error(`No activity named "${task.name}" is registered any more.`));
    return taskFailed(task.eventId, reason, details, world.now());
  }
  const { data, metadata } = activityInput(task.input);
  const trigger = { name: binding, data };
  // Names for expressions are for its other bindings, and most have none.
  const isBare = Object.keys(fn.metadata.bindings).length === 1;
  const names = isBare ? noNames : bindingData({ instanceId: task.instanceId }, jsonProperties(data.string ?? undefined));
  try {
    const response = await invoke(world.registry, fn, {
      inputs: isBare ? [trigger] : [trigger, ...world.extraInputs(fn), ...(await world.storageInputs(fn, names))],
      triggerMetadata: { instanceId: { string: task.instanceId }, ...(metadata && { [binding]: data, data: metadata }) },
      log: (level, message) => world.log(toLevel(level), message, fn.metadata.name),
    });
    if (!isBare) await world.writeOutputs(fn, response, names);
    return taskCompleted(task.eventId, activityResult(response.returnValue), world.now());
  } catch (error) {
    const { reason, details } = activityFailure(fn.metadata.name, error);
    world.log('warn', reason, fn.metadata.name);
    return taskFailed(task.eventId, reason, details, world.now());
  }
}
