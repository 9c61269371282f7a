import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { appFolder, removeFolders } from './bench';

/** In a process of its own, as built: Jest's modules are not Node's. */

afterEach(removeFolders);

function appOf(source: string): string {
  const folder = appFolder();
  mkdirSync(path.join(folder, 'src/functions'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ main: './src/functions/*.js' }));
  writeFileSync(path.join(folder, 'src/functions/hello.js'), source);
  return folder;
}

const hello = `require(${JSON.stringify(require.resolve('@azure/functions'))}).app.http('hello', { handler: () => ({}) });`;

/** What each of some hosts, one after the other, has for functions and says, or why it does not start. */
function hostsInOneProcess(folders: string[]): unknown[] {
  const script = `
    const { startHost } = require(${JSON.stringify(path.join(__dirname, '../../dist/local/host'))});
    const once = async (appDirectory) => {
      const warnings = [];
      const log = ({ level, text }) => level === 'warn' && warnings.push(text);
      const host = await startHost({ appDirectory, stateFile: ':memory:', settings: {}, log });
      const functions = host.functions().map(({ name }) => name);
      await host.stop();
      return { functions, warnings };
    };
    (async () => {
      const seen = [];
      for (const folder of ${JSON.stringify(folders)}) seen.push(await once(folder).catch(({ message }) => message));
      process.stdout.write(JSON.stringify(seen));
    })();`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as unknown[];
}

test('a second host on files that Node does not run again is refused', () => {
  const [one, other] = [appOf(hello), appOf(hello)];
  const sentence =
    `No function was registered by ${path.join(one, 'src/functions/*.js')}. If an earlier host in this process has loaded them already, ` +
    'Node does not run them again: pass "load", which registers them.';
  const has = { functions: ['hello'], warnings: [] };
  expect(hostsInOneProcess([one, other, one])).toEqual([has, has, sentence]);
});

test('an app without functions starts, as often as one likes, with a warning', () => {
  const app = appOf('');
  const empty = { functions: [], warnings: [`No function was registered by ${path.join(app, 'src/functions/*.js')}.`] };
  expect(hostsInOneProcess([app, app])).toEqual([empty, empty]);
});
