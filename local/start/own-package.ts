import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { extractZip } from '../azure/scm/extract';
import type { Folder } from './folder';

/** Packages Slipway as for a deployment, and unpacks that very zip; answers the folder to run. */
export async function unpackOwnApp(folder: Folder, say: (line: string) => void): Promise<string> {
  const out = folder.at('package');
  folder.remove('package');
  const script = path.join(folder.repository, 'scripts', 'package.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--out', out], { cwd: folder.repository, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Slipway could not be packaged: ${stderr.trim()}`);
  const app = path.join(out, 'unpacked');
  await extractZip(path.join(out, 'slipway.zip'), app);
  say(`Slipway runs from the zip ${folder.shown}/package/slipway.zip.`);
  return app;
}
