#!/usr/bin/env node
/* Part of npm run build: writes the page's files to where the page's trigger looks for them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPage } from './build-page.mjs';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'src', 'dashboard');
mkdirSync(folder, { recursive: true });
for (const [name, bytes] of Object.entries(await buildPage())) writeFileSync(path.join(folder, name), bytes);
