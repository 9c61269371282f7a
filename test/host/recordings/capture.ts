import { currentRegistry, type CoreInvocationContext, type ProgrammingModel, type TypedData } from '../../../local/host/functions-core';
import { messageOf } from '../../../local/host/durable/activity-data';
import type { Invocation } from './recording';

const kinds = ['orchestrationTrigger', 'activityTrigger', 'entityTrigger', 'httpTrigger', 'queueTrigger', 'timerTrigger'];

/** From here on the current registry's functions are called as before, and `see` is told of each call: what the worker was given, and what it answers. */
export function captureInvocations(see: (one: Invocation) => void): void {
  const registry = currentRegistry();
  const model = registry.model;
  if (!model) throw new Error('Register the app first: it brings the model that is to be watched.');
  registry.model = {
    name: model.name,
    version: model.version,
    getCapabilities: (capabilities) => model.getCapabilities(capabilities),
    getInvocationModel: (core) => watched(model, core, see),
  };
}

/** A result as the worker's protocol carries it, written as JSON. */
function onTheWire(data: TypedData | null | undefined): unknown {
  if (!data) return null;
  if (typeof data.double === 'number' && !Number.isFinite(data.double)) return { double: String(data.double) };
  if (typeof data.int === 'number') return { int: Math.max(-(2 ** 63), Math.min(2 ** 63, data.int)) };
  if (data.bytes) return { bytes: { bytes: Buffer.from(data.bytes).toString('base64') } };
  return structuredClone(data);
}

function watched(model: ProgrammingModel, core: CoreInvocationContext, see: (one: Invocation) => void) {
  const inner = model.getInvocationModel(core);
  const binding = Object.entries(core.metadata.bindings).find(([, one]) => kinds.includes(one.type));
  const one: Invocation = {
    kind: binding?.[1].type ?? '',
    function: core.metadata.name,
    file: '',
    trigger: structuredClone(core.request.inputData.find((data) => data.name === binding?.[0])?.data ?? {}),
    metadata: structuredClone(core.request.triggerMetadata),
    isAnswered: false,
  };
  return {
    getArguments: () => {
      see(one);
      return inner.getArguments();
    },
    async invokeFunction(...given: Parameters<typeof inner.invokeFunction>) {
      try {
        return await inner.invokeFunction(...given);
      } catch (error) {
        Object.assign(one, { isAnswered: true, ...(error === undefined ? { returnValue: null } : { exception: messageOf(error) }) });
        throw error;
      }
    },
    async getResponse(...given: Parameters<typeof inner.getResponse>) {
      try {
        const response = await inner.getResponse(...given);
        Object.assign(one, { isAnswered: true, returnValue: onTheWire(response.returnValue) });
        return response;
      } catch (error) {
        Object.assign(one, { isAnswered: true, exception: messageOf(error) });
        throw error;
      }
    },
  };
}
