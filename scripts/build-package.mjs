/*
 * What `npm run package` makes: Slipway as one zip that a Functions app runs from. One bundle with only the code that is reached; the host brings
 * @azure/functions-core. The same sources give the same bytes.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import yazl from 'yazl';
import { buildPage } from './build-page.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/**
 * What packages bring in one piece and nothing here reaches. esbuild leaves out unreached code of ES modules by itself; these are CommonJS, or are
 * listed by a name at run time. Each line: the file, and what stands in its place.
 */
const unreached = [
  // zod's messages in some fifty languages; what Slipway says is its own. English, which zod takes by itself, stays.
  [/[\\/]zod[\\/]v4[\\/]locales[\\/]index\.(?:c?js|mjs)$/, 'export {};'],
  // Types of files by their names, for axios' uploads of forms; durable-functions sends JSON.
  [/[\\/]mime-db[\\/]index\.js$/, 'module.exports = {};'],
  // A hundred validators, of which durable-functions calls this one.
  [/[\\/]validator[\\/]index\.js$/, "exports.isURL = require('./lib/isURL').default;"],
];
const withoutUnreached = {
  name: 'without-unreached',
  setup: ({ onLoad }) => {
    for (const [filter, contents] of unreached) onLoad({ filter }, ({ path: file }) => ({ contents, resolveDir: path.dirname(file) }));
  },
};

/** `config`: the slipway.yaml to go with it; left out, SLIPWAY_CONFIG has to name one elsewhere. Answers paths and sizes. */
export async function buildPackage({ out, config }) {
  const read = (name) => readFileSync(path.join(repository, name));
  const { name, version, license } = JSON.parse(read('package.json').toString());
  const { outputFiles } = await build({
    absWorkingDir: repository,
    entryPoints: ['src/functions.ts'],
    bundle: true,
    treeShaking: true,
    // Names stay as they are written: they stand in errors and stack traces. Keeping them beside short ones (keepNames) costs a call a function at load.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    platform: 'node',
    target: 'node22',
    // Packages without "exports" as ES modules where they are: as CommonJS @azure/communication-sms would bring all of Azure's core a second time.
    mainFields: ['module', 'main'],
    // Some modules are only there as ES modules and ask where they are.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    external: ['@azure/functions-core'],
    plugins: [withoutUnreached],
    write: false,
    logLevel: 'error',
  });
  const main = { name, version, license, private: true, type: 'commonjs', main: 'slipway.js', engines: { node: '>=22' } };
  const files = {
    'host.json': read('host.json'),
    'package.json': Buffer.from(`${JSON.stringify(main, null, 2)}\n`),
    'slipway.js': Buffer.from(outputFiles[0].contents),
    ...Object.fromEntries(Object.entries(await buildPage()).map(([file, bytes]) => [`dashboard/${file}`, bytes])),
    ...(config === undefined ? {} : { 'slipway.yaml': readFileSync(config) }),
  };
  const folder = path.join(out, 'app');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'dashboard'), { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(folder, file), content);
  const zip = await zipped(files);
  const zipFile = path.join(out, 'slipway.zip');
  writeFileSync(zipFile, zip);
  return { folder, zipFile, zipBytes: zip.length, bundleBytes: files['slipway.js'].length, files: Object.keys(files) };
}

async function zipped(files) {
  const zip = new yazl.ZipFile();
  // Written without a zone: the same bytes everywhere.
  const options = { mtime: new Date(2024, 0, 1), mode: 0o100644, forceDosTimestamp: true };
  for (const name of Object.keys(files).sort()) zip.addBuffer(files[name], name, options);
  zip.end();
  return buffer(zip.outputStream);
}
