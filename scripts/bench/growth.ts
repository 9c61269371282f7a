import path from 'node:path';
import { currentRegistry, type InvocationModel, type Registry } from '../../local/host/functions-core';
import { startBenchHost } from './bench-host';
import { median } from './medians';
import { longOrchestrator, orchestrator } from './nine-steps';

export interface Growth {
  /** How many steps the history held. */
  steps: number;
  /** Of one turn and its activity, in milliseconds: what the packages did with what they were given. */
  packageMs: number;
  /** And what is the host's own: storage with its commit, serialisation, the extension's replay. */
  hostMs: number;
}

const sizes = [10, 100, 1000] as const;
/** The last turns before each size are what is measured. */
const window = 8;
const times = 3;

/** What a turn costs as its history grows. */
export async function measureGrowth(folder: string): Promise<Growth[]> {
  const watch = createWatch();
  const bench = await startBenchHost(path.join(folder, 'growth'), undefined, () => watch.attach(currentRegistry()));
  const found = new Map<number, { packageMs: number[]; hostMs: number[] }>(sizes.map((size) => [size, { packageMs: [], hostMs: [] }]));
  try {
    for (let run = 0; run < 40; run += 1) await bench.start(`warm-${run}`, run % 2 === 0 ? orchestrator : longOrchestrator, 30);
    await bench.host.whenIdle();
    for (let time = 0; time < times; time += 1) {
      const steps = await watch.steps(async () => {
        await bench.start(`long-${time}`, longOrchestrator, Math.max(...sizes));
        await bench.host.whenIdle();
      });
      for (const [size, into] of found) {
        for (const step of steps.slice(size - window, size)) {
          into.packageMs.push(step.packageMs);
          into.hostMs.push(step.wholeMs - step.packageMs);
        }
      }
    }
  } finally {
    await bench.host.stop();
  }
  return [...found].map(([steps, { packageMs, hostMs }]) => ({ steps, packageMs: median(packageMs), hostMs: median(hostMs) }));
}

interface StepCost {
  wholeMs: number;
  packageMs: number;
}

/** Watches what the host hands to the packages: one instance alone runs, so whatever lies between is the host's own. */
function createWatch() {
  let packageMs = 0;
  let beganMs = 0;
  let steps: StepCost[] = [];
  const inPackage = async <T>(run: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    try {
      return await run();
    } finally {
      packageMs += performance.now() - startedMs;
    }
  };
  const watched = (model: InvocationModel): InvocationModel => ({
    getArguments: () => inPackage(() => model.getArguments()),
    invokeFunction: (context, inputs, handler) => inPackage(() => model.invokeFunction(context, inputs, handler)),
    getResponse: (context, result) => inPackage(() => model.getResponse(context, result)),
  });
  return {
    attach(registry: Registry): void {
      const { model } = registry;
      if (!model) throw new Error('The app registered nothing that could be watched.');
      registry.model = {
        name: model.name,
        version: model.version,
        getCapabilities: (capabilities) => model.getCapabilities(capabilities),
        getInvocationModel(core) {
          // A step is from one orchestrator's turn to the next: the turn, its commit, the activity.
          if (Object.values(core.metadata.bindings).some(({ type }) => type === 'orchestrationTrigger')) {
            const nowMs = performance.now();
            if (beganMs > 0) steps.push({ wholeMs: nowMs - beganMs, packageMs });
            beganMs = nowMs;
            packageMs = 0;
          }
          return watched(model.getInvocationModel(core));
        },
      };
    },
    async steps(run: () => Promise<void>): Promise<StepCost[]> {
      beganMs = 0;
      steps = [];
      await run();
      return steps;
    },
  };
}
