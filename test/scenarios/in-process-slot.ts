import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { startHost } from '../../local/host';
import * as functionsCore from '../../local/host/functions-core';
import type { ContentToRun, RunningContent } from '../../local/azure/slots/running';

/**
 * Runs the package pushed to a slot on the embedded host inside the test's own process: the same code and host as a child process
 * runs, without the second that each child needs to start.
 */
export async function runInProcess(content: ContentToRun): Promise<RunningContent> {
  const host = await startHost({
    appDirectory: content.directory,
    stateFile: ':memory:',
    settings: { ...content.settings },
    load: () => loadBundle(content.directory),
  });
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    port: host.port,
    functions: () =>
      Promise.resolve(
        host.functions().map(({ name, trigger, route }) => ({
          name,
          bindings: [{ name: 'trigger', type: trigger, direction: 'in' }],
          ...(trigger === 'httpTrigger' ? { invokePath: `/api/${route ?? name}` } : {}),
        })),
      ),
    keys: () => Promise.resolve(host.keys()),
    ended,
    stop() {
      // Not gracefully: a broken release may never answer what it was asked.
      host.kill();
      end();
      return Promise.resolve();
    },
  };
}

/** The package is one file, built to need nothing but Node and what the host brings. */
function loadBundle(directory: string): void {
  const { main } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as { main: string };
  const file = path.join(directory, main);
  const nodeRequire = createRequire(file);
  const bundle = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the package is ours; jest's own loader would transform each pushed copy anew
  const run = new Function('module', 'exports', 'require', readFileSync(file, 'utf8')) as (...given: unknown[]) => void;
  run(bundle, bundle.exports, (name: string): unknown => (name === '@azure/functions-core' ? functionsCore : nodeRequire(name)));
}
