import { existsSync } from 'node:fs';
import path from 'node:path';
import type { HostOptions } from './contract';

type Given = Record<string, unknown>;

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isObject = (value: unknown): value is Given => typeof value === 'object' && value !== null;
const isPort = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535;
const canAll = (value: unknown, names: string[]): boolean => isObject(value) && names.every((name) => isFunction(value[name]));

/** Of each option what it is, in words, and whether a value is that. */
const kinds: Record<keyof HostOptions, [string, (value: unknown) => boolean]> = {
  appDirectory: ['the folder of host.json', isText],
  load: ['a function that registers the functions', isFunction],
  stateFile: ["a file, or ':memory:'", isText],
  port: ['a number from 0 to 65535', isPort],
  settings: ['an object of app settings', isObject],
  people: ['a list of people', Array.isArray],
  clock: ['a clock, as virtualClock() makes one', (value) => canAll(value, ['now', 'at', 'sleep', 'hold'])],
  log: ['a function that takes a log entry', isFunction],
  onTurn: ['a function that takes a turn', isFunction],
  schedule: ['a turn schedule, with "choose" and "connect"', (value) => canAll(value, ['choose', 'connect'])],
  onCommit: ['a function that takes a commit, as of cutPowerAt()', isFunction],
};
const names = Object.keys(kinds) as (keyof HostOptions)[];
const needed: (keyof HostOptions)[] = ['appDirectory', 'stateFile'];

/**
 * For callers that no compiler has looked at.
 * @throws Error with a sentence for each option that is missing, unknown or of another kind
 */
export function checkHostOptions(options: HostOptions): void {
  const given: Given = isObject(options) ? { ...options } : {};
  const problems = [...missing(given), ...unknown(given), ...ofOtherKind(given), ...withoutFolder(given)];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

const missing = (given: Given): string[] =>
  needed.filter((name) => given[name] === undefined).map((name) => `startHost needs ${name}: ${kinds[name][0]}.`);

const ofOtherKind = (given: Given): string[] =>
  names
    .filter((name) => given[name] !== undefined && !kinds[name][1](given[name]))
    .map((name) => `startHost takes as ${name} ${kinds[name][0]}, not ${shown(given[name])}.`);

function unknown(given: Given): string[] {
  return Object.keys(given)
    .filter((name) => !Object.hasOwn(kinds, name))
    .map((name) => {
      const meant = nearest(name);
      return `startHost has no option "${name}"${meant === undefined ? '.' : `; did you mean "${meant}"?`}`;
    });
}

function withoutFolder({ stateFile }: Given): string[] {
  if (typeof stateFile !== 'string' || stateFile === '' || stateFile === ':memory:') return [];
  const folder = path.dirname(path.resolve(stateFile));
  return existsSync(folder) ? [] : [`The folder ${folder} of the state file is not there. Make it first.`];
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || ['number', 'boolean', 'bigint'].includes(typeof value)) return String(value);
  if (Array.isArray(value)) return 'a list';
  return isFunction(value) ? 'a function' : 'an object';
}

/** The option that at most two letters make another name of, or a third of them in a short one. */
function nearest(name: string): string | undefined {
  const ranked = names.map((option) => ({ option, far: distance(name.toLowerCase(), option.toLowerCase()) }));
  const [first] = ranked.sort((one, other) => one.far - other.far);
  return first && first.far <= Math.min(2, Math.ceil(name.length / 3)) ? first.option : undefined;
}

/** How many letters must be put in, taken out or changed. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_none, at) => at);
  for (let n = 0; n < one.length; n += 1) {
    const next = [n + 1];
    for (let at = 1; at <= other.length; at += 1)
      next.push(Math.min((row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1, (row[at - 1] ?? 0) + (one[n] === other[at - 1] ? 0 : 1)));
    row = next;
  }
  return row[other.length] ?? 0;
}
