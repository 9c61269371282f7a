import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Activity } from '../../src/activities/activity';
import { activitiesOf } from '../../src/registrations';
import { rolloutId } from '../mail/world';
import { cases, type Case } from './contract-cases';
import { openWorld, startHello, through, type Around, type World } from './contract-world';

/** What every activity promises: safe to run twice, twice at once, and after a run that broke off anywhere. */

let hello: Awaited<ReturnType<typeof startHello>>;
beforeAll(async () => (hello = await startHello()));
afterAll(() => hello.stop());

const names = Object.keys(cases) as (keyof typeof cases)[];
const table = names.flatMap((name) =>
  (cases[name] as Case[]).map((one) => ({ name, title: one.what === undefined ? name : `${name}, ${one.what}`, one })),
);

interface Run {
  world: World;
  input: object;
}

async function begin({ given = {}, arrange, input }: Case): Promise<Run> {
  const world = await openWorld(hello.hostName, given, async (made) => arrange?.(made));
  return { world, input: { rolloutId, ...(typeof input === 'function' ? await input(world) : input) } };
}

const plainly: Around = (call) => call();

async function run(name: keyof typeof cases, { world, input }: Run, around: Around = plainly): Promise<object> {
  const { ports, call } = through(world, around);
  const activity = activitiesOf(ports)[name] as Activity<object, object>;
  // Both come and go as JSON.
  return JSON.parse(timeless(JSON.stringify(await activity(JSON.parse(JSON.stringify(input)) as object, call)))) as object;
}

/** How long a real request took is the one thing that differs between two runs. */
const timeless = (text: string): string => text.replace(/\d+ ms/g, '1 ms').replace(/"latencyMs":\d+/g, '"latencyMs":1');

/** What a run may answer: what the first did, or what one answers that found the effect begun. */
const answersOf = (
  { again, between, same = (answer) => answer }: Case,
  first: object,
): { known: unknown[]; seen(answer: object): unknown } => ({
  known: [first, again ?? first, ...(between ? [between] : [])].map((answer) => same(answer as Record<string, unknown>)),
  seen: (answer) => same(answer as Record<string, unknown>),
});

/** All that is left behind; of a list that grows with each run its beginning. */
async function traces({ world }: Run, { grows }: Case): Promise<object> {
  const beginning = (key: string, value: unknown): unknown => (key === grows && Array.isArray(value) ? value.slice(0, 1) : value);
  return JSON.parse(timeless(JSON.stringify({ rows: await world.dump(), effects: world.effects }, beginning))) as object;
}

describe.each(table)('$title', ({ name, one }) => {
  test('run twice does its work once', async () => {
    const at = await begin(one);
    const first = await run(name, at);
    const once = await traces(at, one);
    const { known, seen } = answersOf(one, first);
    expect(seen(await run(name, at))).toEqual(known[1]);
    expect(await traces(at, one)).toEqual(once);
  });

  test('run twice at once, however the two interleave, does its work once', async () => {
    const alone = await begin(one);
    const { known, seen } = answersOf(one, await run(name, alone));
    const once = await traces(alone, one);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(4), { minLength: 3, maxLength: 24 }), async (pauses) => {
        const at = await begin(one);
        let calls = 0;
        const slowly: Around = async (call) => {
          for (let left = pauses[calls++ % pauses.length] ?? 0; left > 0; left--) await Promise.resolve();
          return call();
        };
        const both = await Promise.all([run(name, at, slowly), run(name, at, slowly)]);
        for (const each of both) expect(known).toContainEqual(seen(each));
        expect(await traces(at, one)).toEqual(once);
      }),
      { numRuns: 25 },
    );
  });

  test('run after a run that broke off at any of its calls completes it', async () => {
    const alone = await begin(one);
    let calls = 0;
    const { known, seen } = answersOf(one, await run(name, alone, (call) => ((calls += 1), call())));
    const once = await traces(alone, one);
    expect(calls).toBeGreaterThan(0);
    for (let last = 1; last <= calls; last++) {
      const at = await begin(one);
      await run(name, at, cutAfter(last)).catch(() => undefined);
      const doneBefore = one.atMostOnce?.(at.world.effects) ?? 0;
      const again = await run(name, at);
      expect(known).toContainEqual(seen(again));
      if (one.atMostOnce) {
        // What began may have happened: it is not begun again, and the second run says that it does not know.
        expect(one.atMostOnce(at.world.effects)).toBe(again['kind' as never] === 'unknown' ? doneBefore : 1);
        continue;
      }
      expect(await traces(at, one)).toEqual(once);
    }
  });
});

/** A power cut behind the nth call: it was made, its answer never came, and nothing is called any more. */
function cutAfter(last: number): Around {
  let calls = 0;
  return async (call) => {
    calls += 1;
    const answer = calls <= last ? await call() : undefined;
    if (calls >= last) throw new Error('the power is gone');
    return answer;
  };
}

describe('the list of cases', () => {
  test('is the list of what is registered', () => {
    expect([...names].sort()).toEqual(Object.keys(activitiesOf({} as never)).sort());
  });

  test('leaves out no activity that a file makes', () => {
    const folder = path.join(__dirname, '../../src/activities');
    const made = readdirSync(folder).flatMap((file) =>
      [...readFileSync(path.join(folder, file), 'utf8').matchAll(/export function create([A-Z]\w*)\(/g)].map(([, name = '']) => name),
    );
    expect(made.map((name) => name.charAt(0).toLowerCase() + name.slice(1)).sort()).toEqual([...names].sort());
  });
});
