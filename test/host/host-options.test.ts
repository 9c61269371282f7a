import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { startHost, type HostOptions } from '../../local/host';
import { appFolder, removeFolders } from './bench';

afterEach(removeFolders);

const start = (options: unknown) => startHost(options as HostOptions);
const good = () => ({ appDirectory: appFolder(), stateFile: ':memory:', settings: {}, load: () => {} });

test.each([
  ['stateFile', "startHost needs stateFile: a file, or ':memory:'."],
  ['appDirectory', 'startHost needs appDirectory: the folder of host.json.'],
])('%s is needed', async (name, sentence) => {
  await expect(start({ ...good(), [name]: undefined })).rejects.toThrow(new Error(sentence));
});

test.each([
  ['clok', 'startHost has no option "clok"; did you mean "clock"?'],
  ['Clock', 'startHost has no option "Clock"; did you mean "clock"?'],
  ['stateFiel', 'startHost has no option "stateFiel"; did you mean "stateFile"?'],
  ['onTurns', 'startHost has no option "onTurns"; did you mean "onTurn"?'],
  ['constructor', 'startHost has no option "constructor".'],
  ['x', 'startHost has no option "x".'],
])('%s is no option', async (name, sentence) => {
  await expect(start({ ...good(), [name]: 1 })).rejects.toThrow(new Error(sentence));
});

test.each<[string, unknown, string]>([
  ['stateFile', '', `startHost takes as stateFile a file, or ':memory:', not "".`],
  ['appDirectory', 7, 'startHost takes as appDirectory the folder of host.json, not 7.'],
  ['port', '7071', 'startHost takes as port a number from 0 to 65535, not "7071".'],
  ['port', 65_536, 'startHost takes as port a number from 0 to 65535, not 65536.'],
  ['load', {}, 'startHost takes as load a function that registers the functions, not an object.'],
  ['settings', null, 'startHost takes as settings an object of app settings, not null.'],
  ['people', 'me', 'startHost takes as people a list of people, not "me".'],
  ['clock', () => 0, 'startHost takes as clock a clock, as virtualClock() makes one, not a function.'],
  ['log', [], 'startHost takes as log a function that takes a log entry, not a list.'],
])('%s of another kind', async (name, value, sentence) => {
  await expect(start({ ...good(), [name]: value })).rejects.toThrow(new Error(sentence));
});

test('all that is wrong is said at once', async () => {
  const missing = path.join(appFolder(), 'gone');
  const { stateFile: _none, ...rest } = { ...good(), clok: 1, port: -1 };
  await expect(start(rest)).rejects.toThrow(
    new Error(
      [
        "startHost needs stateFile: a file, or ':memory:'.",
        'startHost has no option "clok"; did you mean "clock"?',
        'startHost takes as port a number from 0 to 65535, not -1.',
      ].join('\n'),
    ),
  );
  await expect(start(undefined)).rejects.toThrow(/^startHost needs appDirectory: .*\nstartHost needs stateFile: /);
  await expect(start({ ...good(), stateFile: path.join(missing, 'state.db') })).rejects.toThrow(
    new Error(`The folder ${missing} of the state file is not there. Make it first.`),
  );
});

test('an option that is undefined is absent', async () => {
  const host = await start({ ...good(), log: undefined, port: undefined, clock: undefined });
  expect(host.port).toBeGreaterThan(0);
  await host.stop();
});
