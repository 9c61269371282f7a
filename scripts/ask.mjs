#!/usr/bin/env node
/* `npm run release` and `npm run roll-back`: there before the build is. */
import { runBuilt } from './run-built.mjs';

await runBuilt(new URL('../dist/local/start/ask.js', import.meta.url));
