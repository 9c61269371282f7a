import path from 'node:path';
import { parseArgs } from 'node:util';
import { saidVersion, slipwayApi } from './api';
import { openFolder } from './folder';
import { announce, announcementOf, nextVersion } from './release';
import { runningFile, type Running } from './tell';

/** dist/local/start → the checkout. */
const repository = path.resolve(__dirname, '..', '..', '..');

const usage = 'npm run release [-- VERSION] or npm run roll-back, each with --state DIR where npm start has it too.';

/**
 * Asks something of the laptop that an npm start holds up in another terminal, which then shows what comes of it: `release` builds a version
 * (the next one if none is named) and puts a message on the queue, as a build system does; `roll-back` takes back the last one deployed.
 */
async function main(): Promise<string> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { state: { type: 'string' } } });
  const [what, version, ...more] = positionals;
  if ((what !== 'release' && what !== 'roll-back') || more.length > 0 || values.state === '') throw new Error(usage);
  const folder = openFolder(repository, values.state);
  const running = folder.read<Running>(runningFile);
  const live = running && (await saidVersion(running.helloUrl));
  if (!running || live === undefined)
    throw new Error(`Nothing answers that was started in ${folder.shown}/: npm start in another terminal first.`);

  const api = slipwayApi(running.slipwayUrl);
  if (what === 'release') {
    const announcement = announcementOf(version ?? nextVersion(live), live, new Date().toISOString());
    return await announce({ repository, storage: running.storage, api, byHttp: false }, announcement);
  }
  const last = (await api.rollouts())?.find(({ outcome }) => outcome === 'deployed');
  if (!last) throw new Error('No rollout has ended deployed yet: there is nothing to take back.');
  return `Rollout ${await api.rollBack(last.id, 'asked for by npm run roll-back')} takes ${last.version} back.`;
}

main().then(
  (sentence) => process.stdout.write(`${sentence}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
