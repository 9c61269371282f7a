import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HostOptions } from './contract';
import * as functionsCore from './functions-core';
import { freshRegistry, registerInto, type Registry } from './functions-core';
import { openHttpProxy, type HttpProxy } from './http-proxy';
import { appHookContext, runHooks, throughLogHooks } from './invoke';
import { mainFiles, mainOf } from './main-files';

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

export interface LoadedApp {
  registry: Registry;
  proxy: HttpProxy;
}

/** Loads the app into a fresh registry. */
export async function loadApp(options: Pick<HostOptions, 'appDirectory' | 'load'>, log: Registry['log']): Promise<LoadedApp> {
  hookCoreModule();
  const registry: Registry = {
    ...freshRegistry(),
    log: (level, category, message) => {
      const shown = throughLogHooks(registry, { level, category, message });
      log(shown.level, shown.category, shown.message);
    },
  };
  const { appDirectory, load } = options;
  if (load) await registerInto(registry, load);
  else {
    const files = mainFiles(appDirectory);
    await registerInto(registry, () => loadMain(files));
    noteRegistered(appDirectory, files, registry, log);
  }
  const proxy = registry.model ? await openHttpProxy(registry.model) : { port: undefined, close: () => Promise.resolve() };
  try {
    await runHooks(registry, 'appStart', Object.assign(appHookContext(registry), { functionAppDirectory: options.appDirectory }));
  } catch (error) {
    await proxy.close();
    throw error;
  }
  registry.sealed = true;
  return { registry, proxy };
}

async function loadMain(files: string[]): Promise<void> {
  for (const file of files) {
    try {
      await import(pathToFileURL(file).href);
    } catch (cause) {
      throw new Error(`The app's file ${file} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}

/** Files that have registered functions in this process; Node runs no file twice. */
const registeredFrom = new Set<string>();

/** @throws Error in a sentence where the app has functions, and an earlier host got them */
function noteRegistered(appDirectory: string, files: string[], registry: Registry, log: Registry['log']): void {
  if (registry.functions.size > 0) {
    for (const file of files) registeredFrom.add(file);
    return;
  }
  const sentence = `No function was registered by ${path.join(appDirectory, mainOf(appDirectory))}.`;
  if (files.some((file) => registeredFrom.has(file)))
    throw new Error(
      `${sentence} If an earlier host in this process has loaded them already, Node does not run them again: pass "load", which registers them.`,
    );
  log('warning', 'Host.Startup', sentence);
}
