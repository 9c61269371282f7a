/*
 * Builds the app into one zip: npm run build -- --version 1.2.3
 * The same sources and the same version give the same bytes: fixed times, fixed order, nothing of this machine inside.
 */
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import yazl from 'yazl';

const { values } = parseArgs({
  options: { version: { type: 'string', default: '0.0.1' }, out: { type: 'string', default: 'dist/THE_APP.zip' } },
});
if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/.test(values.version)) throw new Error('--version is none; write one such as 1.2.3.');

const bundled = await build({
  entryPoints: ['src/functions.js'],
  bundle: true,
  write: false,
  minify: true,
  platform: 'node',
  target: 'node20',
  // The host that runs the app brings this module; it is on no registry.
  external: ['@azure/functions-core'],
  define: { VERSION: JSON.stringify(values.version) },
});
const files = {
  'functions.js': bundled.outputFiles[0].contents,
  'host.json': readFileSync('host.json'),
  'package.json': JSON.stringify({ name: 'THE_APP', version: '1.0.0', private: true, type: 'commonjs', main: 'functions.js' }),
};
const zip = new yazl.ZipFile();
const options = { mtime: new Date(2024, 0, 1), mode: 0o100644, forceDosTimestamp: true };
for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name, options);
zip.end();
mkdirSync(dirname(values.out), { recursive: true });
await pipeline(zip.outputStream, createWriteStream(values.out));
console.log(`${values.out} holds THE_APP ${values.version}.`);
