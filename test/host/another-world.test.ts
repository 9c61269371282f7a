import { expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { checkTurns, type Orchestrator } from '../../local/host';
import { inAnotherWorld } from '../../local/host/testing/another-world';
import { benches } from './bench';

/** What a story must not look at is another one where its turns are computed again. */

const host = benches();

const looks: [string, () => unknown][] = [
  ['the year', () => new Date().getFullYear()],
  ['the hour', () => new Date().getHours()],
  ['the minute', () => new Date().getMinutes()],
  ['the second', () => new Date().getSeconds()],
  ['the part of a second', () => new Date().getMilliseconds()],
  ['Date.now()', () => Date.now()],
  ['Date() without new', () => Date()],
  ['the time of day in Date() without new', () => Date().slice(16, 21)],
  ['a format of today', () => new Intl.DateTimeFormat().format()],
  ['parts of a format of now', () => time.formatToParts()],
  ['a random number', () => Math.random()],
  ['a setting', () => process.env['PATH']],
];
const time = new Intl.DateTimeFormat('en', { timeStyle: 'short' });

test.each(looks)('%s is another', (_what, look) => {
  expect(inAnotherWorld(look)).not.toEqual(look());
});

test.each(looks)('a story that looks at %s is found out', async (_what, look) => {
  const looking: Orchestrator = function* (context) {
    context.df.setCustomStatus(look());
    yield context.df.waitForExternalEvent('never');
  };
  const one = await host(() => df.app.orchestration('Story', looking), {
    onTurn: checkTurns({ load: () => looking, register: df.app.orchestration }),
  });
  const broken = expect(one.host.whenBroken).rejects.toThrow('Turn 1 of orchestrator "Story" is not deterministic: its customStatus was ');
  await one.client('startNew', 'Story', {});
  await broken;
});

test('a given date is shown as it is, and everything is put back', () => {
  const given = Date.UTC(2020, 1, 3, 4, 5, 6);
  const shown = (): unknown[] => [
    new Date(given).toISOString(),
    new Intl.DateTimeFormat('en', { timeZone: 'UTC' }).format(given),
    time.formatToParts(new Date(given)),
    [given].map(time.format),
  ];
  const own = [globalThis.Date, Math.random, process.env, ...['format', 'formatToParts'].map(described)];
  expect(inAnotherWorld(shown)).toEqual(shown());
  expect([globalThis.Date, Math.random, process.env, ...['format', 'formatToParts'].map(described)]).toEqual(own);
});

const described = (name: string): unknown => Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, name);
