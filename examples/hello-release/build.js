#!/usr/bin/env node
'use strict';

/*
 * Builds the app into one zip, as a build system would:
 *   node build.js --version 2.0.0 --out hello-2.0.0.zip
 * The version is an input, and the same inputs give the same bytes: fixed times, fixed order, nothing of this machine inside.
 */

const { createHash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { buffer } = require('node:stream/consumers');
const { parseArgs } = require('node:util');
const esbuild = require('esbuild');
const yazl = require('yazl');

/** What the package holds; a release names its functions so that those not triggered by HTTP can be switched off while it is staged. */
const functions = [
  { name: 'hello', trigger: 'http' },
  { name: 'greet', trigger: 'queue' },
];

const faults = ['answers-500', 'wrong-value', 'wrong-schema', 'slow', 'silent', 'cold', 'no-host-json'];

/** See build.d.ts. */
async function buildHello({ version, fault, forMs = 5000 }) {
  if (!/^[0-9A-Za-z][0-9A-Za-z.+-]{0,59}$/.test(version)) throw new Error(`"${version}" is no version; write one such as 2.0.0.`);
  if (fault !== undefined && !faults.includes(fault))
    throw new Error(`"${fault}" is no fault of this build; it knows ${faults.join(', ')}.`);
  const bundle = await bundled(version, { kind: fault ?? 'none', forMs });
  const files = { 'functions.js': bundle, 'package.json': readFileSync(join(__dirname, 'package.json')) };
  if (fault !== 'no-host-json') files['host.json'] = readFileSync(join(__dirname, 'host.json'));
  const bytes = await zipped(files);
  return { version, zip: bytes, sha256: createHash('sha256').update(bytes).digest('hex'), functions };
}

async function bundled(version, fault) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: __dirname,
    entryPoints: ['src/functions.js'],
    bundle: true,
    write: false,
    minify: true,
    legalComments: 'none',
    platform: 'node',
    target: 'node20',
    // The host that runs the app brings this module; it is on no registry.
    external: ['@azure/functions-core'],
    define: { VERSION: JSON.stringify(version), FAULT: JSON.stringify(fault) },
    logLevel: 'error',
  });
  return Buffer.from(outputFiles[0].contents);
}

async function zipped(files) {
  const zip = new yazl.ZipFile();
  // The time is read as local time and written without a zone: the same bytes everywhere.
  const options = { mtime: new Date(2024, 0, 1), mode: 0o100644, forceDosTimestamp: true };
  for (const name of Object.keys(files).sort()) zip.addBuffer(files[name], name, options);
  zip.end();
  return buffer(zip.outputStream);
}

async function main() {
  const { values } = parseArgs({
    options: {
      version: { type: 'string', default: '1.0.0' },
      out: { type: 'string' },
      fault: { type: 'string' },
      'for-ms': { type: 'string' },
    },
  });
  const out = values.out ?? `hello-${values.version}.zip`;
  const built = await buildHello({
    version: values.version,
    ...(values.fault === undefined ? {} : { fault: values.fault }),
    ...(values['for-ms'] === undefined ? {} : { forMs: Number(values['for-ms']) }),
  });
  writeFileSync(out, built.zip);
  console.log(`${out} ${built.zip.length} bytes sha256 ${built.sha256}`);
}

module.exports = { buildHello, faults };

if (require.main === module) {
  main().catch((error) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
