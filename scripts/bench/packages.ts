import path from 'node:path';
import { currentRegistry, type CoreInvocationContext, type Registry, type RegisteredFunction } from '../../local/host/functions-core';
import { startBenchHost } from './bench-host';
import { median } from './medians';

const warmUpRuns = 500;
const runs = 500;

interface Call {
  core: CoreInvocationContext;
  fn: RegisteredFunction;
}

/**
 * What the unmodified packages alone take for one run, in milliseconds: the calls that the host made of them, with the same histories, once more, one after
 * the other, and nothing besides. The host's own part is not in it, and no commit.
 */
export async function measurePackages(folder: string): Promise<number> {
  const calls: Call[] = [];
  let registry: Registry | undefined;
  const bench = await startBenchHost(path.join(folder, 'packages'), undefined, () => {
    registry = currentRegistry();
    noteCalls(registry, calls);
  });
  try {
    await bench.start('run');
    await bench.host.whenIdle();
    await bench.raise('run');
    await bench.host.whenIdle();
    const { runtimeStatus } = await bench.status('run');
    if (runtimeStatus !== 'Completed') throw new Error(`The run whose calls were to be noted is ${runtimeStatus}, not Completed.`);
    const noted = calls.splice(0);
    const measured: number[] = [];
    for (let run = 0; run < warmUpRuns + runs; run += 1) {
      const startedMs = performance.now();
      for (const call of noted) await callOnce(registry, call);
      if (run >= warmUpRuns) measured.push(performance.now() - startedMs);
      calls.length = 0;
    }
    return median(measured);
  } finally {
    await bench.host.stop();
  }
}

/** Notes what the host hands to the package's model. */
function noteCalls(registry: Registry, calls: Call[]): void {
  const { model } = registry;
  if (!model) throw new Error('The app registered nothing that could be called.');
  const byMetadata = new Map([...registry.functions.values()].map((fn) => [fn.metadata, fn]));
  registry.model = {
    name: model.name,
    version: model.version,
    getCapabilities: (capabilities) => model.getCapabilities(capabilities),
    getInvocationModel(core) {
      const fn = byMetadata.get(core.metadata);
      // The host lets go of what a call was given when it is over.
      if (fn) calls.push({ core: { ...core, request: { ...core.request } }, fn });
      return model.getInvocationModel(core);
    },
  };
}

async function callOnce(registry: Registry | undefined, { core, fn }: Call): Promise<void> {
  const model = registry?.model?.getInvocationModel({ ...core, state: undefined });
  if (!model) throw new Error('There is nothing to call.');
  const { context, inputs } = await model.getArguments();
  await model.getResponse(context, await model.invokeFunction(context, inputs, fn.callback));
}
