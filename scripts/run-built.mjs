import { existsSync } from 'node:fs';

/** Runs a program at a place in dist/, or says that the build that makes it is to come first. */
export async function runBuilt(main) {
  if (existsSync(main)) return void (await import(main.href));
  process.stderr.write('Slipway is not built yet. Run npm run build in its folder, then try again.\n');
  process.exitCode = 2;
}
