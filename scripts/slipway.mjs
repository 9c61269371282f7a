#!/usr/bin/env node
/* `npx slipway` in a checkout: npm links this file, which is there before the build is. */
import { runBuilt } from './run-built.mjs';

await runBuilt(new URL('../dist/src/cli/main.js', import.meta.url));
