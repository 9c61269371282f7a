#!/usr/bin/env node
/* `npx slipway` in a checkout: npm links this file, which is there before the build is. */
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  process.stderr.write('Slipway is not built yet. Run npm run build in its folder, then try again.\n');
  process.exitCode = 2;
}
