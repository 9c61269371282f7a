#!/usr/bin/env node
/* npm run package [-- --config slipway.yaml] [--out DIR]: Slipway as one zip, .package/slipway.zip; the same unpacked is in .package/app. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPackage } from './build-package.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: { config: { type: 'string' }, out: { type: 'string', default: path.join(repository, '.package') } },
});
// Where nothing is said, the one beside package.json goes with it.
const config = values.config ?? ['slipway.yaml'].map((name) => path.join(repository, name)).find((file) => existsSync(file));
const { zipFile, zipBytes, bundleBytes, files } = await buildPackage({ out: values.out, config });
console.log(
  `${path.relative(process.cwd(), zipFile)}: ${Math.round(zipBytes / 1024)} kB (${files.join(', ')}; the bundle alone ${Math.round(bundleBytes / 1024)} kB)`,
);
if (config === undefined)
  console.log('It holds no slipway.yaml: there is none beside package.json. Write one, or say --config FILE, before you deploy it.');
