import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Orchestrator } from '../../local/host';

/** Which file tells which of the stories that `registerOrchestrations` names; a turn of one that is missing here fails. */
const files: Record<string, string> = {
  rollout: 'rollout.ts',
  endRollout: 'end-rollout.ts',
  deliverNotice: 'deliver-notice.ts',
};

type Bundle = (module: { exports: Record<string, Orchestrator> }, load: NodeJS.Require) => void;

/**
 * Answers what loads an orchestrator with all its modules anew, each time. Each is compiled once, into one function whose every call is a
 * new set of modules: to require them file by file would cost more than all the rest of a turn. `change`: of what a bundle says, to see what comes of it;
 * `plugins`: what else goes into it than these sources.
 */
export async function bundleOrchestrators(
  change?: (text: string) => string,
  plugins: Plugin[] = [],
): Promise<(name: string) => Orchestrator | undefined> {
  const bundles = new Map<string, Bundle>();
  for (const [name, file] of Object.entries(files)) {
    const { outputFiles } = await build({
      entryPoints: [path.join(__dirname, '../../src/orchestrators', file)],
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      external: ['durable-functions'],
      logLevel: 'error',
      plugins,
    });
    const text = outputFiles[0]?.text ?? '';
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own sources
    bundles.set(name, new Function('module', 'require', change?.(text) ?? text) as Bundle);
  }
  return (name) => {
    const module: Parameters<Bundle>[0] = { exports: {} };
    bundles.get(name)?.(module, require);
    return module.exports[name];
  };
}
