#!/usr/bin/env node
/* How long things take here: npm run bench. Numbers to compare on one machine over time; nothing fails because of them. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { buildHello } = require('../examples/hello-release/build.js');

async function timed(name, run) {
  const startedMs = performance.now();
  await run();
  console.log(`${name.padEnd(60)} ${((performance.now() - startedMs) / 1000).toFixed(2).padStart(8)} s`);
}

await timed('the example is built into a package', () => buildHello({ version: '2.0.0' }));

const state = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
try {
  for (const name of ['a first start and a whole rollout', 'a second start and the next rollout']) {
    await timed(name, () => {
      const { status, stderr } = spawnSync(process.execPath, ['dist/local/start/main.js', '--hands-free', '--state', state], {
        cwd: repository,
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`The rollout that was to be timed failed: ${stderr}`);
    });
  }
} finally {
  rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
