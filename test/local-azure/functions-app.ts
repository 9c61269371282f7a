import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { zipOf } from './cloud';

/** A real Functions v4 app as one file: `GET /api/hello` tells its version and what it sees around it; `GET /api/secret` wants a key. */
export async function functionsApp(version: string): Promise<Buffer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'functions-app-'));
  const entry = path.join(directory, 'main.js');
  writeFileSync(
    entry,
    `const { app } = require('@azure/functions');
     const { COLOUR, KEEP, WEBSITE_SLOT_NAME } = process.env;
     app.http('hello', { authLevel: 'anonymous', handler: async (request) => ({ jsonBody: { version: '${version}', COLOUR, KEEP, WEBSITE_SLOT_NAME, pid: process.pid, posted: await request.text() } }) });
     app.http('secret', { authLevel: 'function', handler: () => ({ body: 'let in' }) });`,
  );
  try {
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      external: ['@azure/functions-core'],
      nodePaths: [path.join(__dirname, '../../node_modules')],
      write: false,
      logLevel: 'silent',
    });
    const main = outputFiles[0]?.text ?? '';
    return await zipOf({ 'host.json': '{"version":"2.0"}', 'package.json': '{"main":"main.js"}', 'main.js': main });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
