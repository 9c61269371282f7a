import Module from 'node:module';
import { pathToFileURL } from 'node:url';
import type { HostOptions } from './contract';
import * as functionsCore from './functions-core';
import { freshRegistry, registerInto, type Registry } from './functions-core';
import { runHooks } from './invoke';
import { mainFiles } from './main-files';

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;
let isHooked = false;

/** From here on `require('@azure/functions-core')` anywhere in this process gives this host's module, as the real worker does. */
function hookCoreModule(): void {
  if (isHooked) return;
  isHooked = true;
  const loader = Module as unknown as { _load: Load };
  const original = loader._load;
  loader._load = (request, parent, isMain) => (request === '@azure/functions-core' ? functionsCore : original(request, parent, isMain));
}

/** Loads the app into a fresh registry. */
export async function loadApp(options: Pick<HostOptions, 'appDirectory' | 'load'>, log: Registry['log']): Promise<Registry> {
  hookCoreModule();
  const registry = { ...freshRegistry(), log };
  const { load } = options;
  await registerInto(registry, load ?? (() => loadMain(options.appDirectory)));
  if (registry.model) {
    const capabilities = await registry.model.getCapabilities({});
    if (capabilities['HttpUri'] !== undefined) {
      throw new Error('The embedded host does not stream HTTP yet. Leave out app.setup({ enableHttpStream: true }) to run here.');
    }
  }
  await runHooks(registry, 'appStart', { hookData: {}, appHookData: {}, functionAppDirectory: options.appDirectory });
  registry.sealed = true;
  return registry;
}

async function loadMain(appDirectory: string): Promise<void> {
  for (const file of mainFiles(appDirectory)) {
    try {
      await import(pathToFileURL(file).href);
    } catch (cause) {
      throw new Error(`The app's file ${file} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}
