import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { planSuites } from './azure-suites';

/* npm run test:azure: the contract suites against a real subscription, as whoever is signed in (DefaultAzureCredential); what is not named is skipped, aloud. */
const repository = path.join(__dirname, '../..');
const { files, skipped, mistakes } = planSuites(process.env);
const tell = (sentence: string): void => void process.stdout.write(`${sentence}\n`);
[...skipped, ...mistakes].forEach(tell);
if (mistakes.length > 0) process.exitCode = 1;
else if (files.length === 0) tell('Nothing was run against a subscription.');
else {
  const jest = path.join(repository, 'node_modules/jest/bin/jest.js');
  const args = [jest, '--config', 'jest.azure.config.js', '--runInBand', '--runTestsByPath', ...files];
  process.exitCode = spawnSync(process.execPath, args, { cwd: repository, stdio: 'inherit' }).status ?? 1;
}
