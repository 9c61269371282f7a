import path from 'node:path';
import type { Plugin } from 'esbuild';

/** Builds the version after this one, whose story has another shape: `next/` has what differs. */
export const toldInNext: Plugin = {
  name: 'told-in-next',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/ask$/ }, ({ importer }) =>
      path.basename(path.dirname(importer)) === 'orchestrators' ? { path: path.join(__dirname, 'next/ask.ts') } : undefined,
    ),
};
