import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

const repository = path.join(__dirname, '../..');

/** A folder that a host runs Slipway from, as that version: host.json gives it to the stories that begin there. */
export async function buildVersion(folder: string, version: string, plugins: Plugin[] = []): Promise<string> {
  const hostJson = JSON.parse(readFileSync(path.join(repository, 'host.json'), 'utf8')) as {
    extensions: { durableTask: { defaultVersion: string } };
  };
  hostJson.extensions.durableTask.defaultVersion = version;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'host.json'), JSON.stringify(hostJson));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'slipway', version, main: 'slipway.js' }));
  await build({
    absWorkingDir: repository,
    entryPoints: ['src/functions.ts'],
    outfile: path.join(folder, 'slipway.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    external: ['@azure/functions-core'],
    plugins,
    logLevel: 'error',
  });
  return folder;
}
