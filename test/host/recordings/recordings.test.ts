import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appFolder, removeFolders } from '../bench';
import { compare, comparedOf, told } from './compare';
import { departures } from './departures';
import { changed, seeded } from './mutate';
import { isShared, shared } from './recording';
import { replaySession } from './replay-session';
import { hasRestart, sessionsIn, type Session } from './sessions';
import type { Unit } from './unit';

/**
 * The embedded host against recordings of the real durable extension. Each recording's client asks again; each instance takes the recorded turns with the recorded
 * messages in the recorded order; and every answer to the client, every trigger payload and every returned state is compared.
 */
const own = path.join(__dirname, 'fixtures');
const folder = mkdtempSync(path.join(os.tmpdir(), 'recordings-'));
afterAll(() => {
  removeFolders();
  rmSync(folder, { recursive: true, force: true });
});

interface Source {
  name: string;
  root: string;
}

const sources: Source[] = [{ name: 'fixtures of our own', root: own }, ...(isShared ? [{ name: 'the real extension', root: shared }] : [])];
if (!isShared) console.warn(`No recordings of the real extension at ${shared}: only fixtures of our own are compared.`);

async function replayed({ root }: Source, session: Session): Promise<Unit[]> {
  const { units, missing } = await replaySession({
    appDirectory: path.join(root, 'app'),
    hostJsonDirectory: appFolder(session.hostJson),
    rows: session.rows,
    stateFile: hasRestart(session.rows) ? path.join(folder, `${session.files[0]}.sqlite`) : ':memory:',
  });
  if (missing.length > 0)
    console.warn(`${session.files.join(', ')}: the app does not have ${missing.join(', ')}; what was asked of these is left out.`);
  return units;
}

describe.each(sources)('compared with $name', (source) => {
  const sessions = sessionsIn(source.root);
  const units = new Map<string, Unit[]>();
  beforeAll(async () => {
    for (const session of sessions) {
      for (const unit of await replayed(source, session)) units.set(unit.file, [...(units.get(unit.file) ?? []), unit]);
    }
  });

  test.each(sessions.flatMap((session) => session.files))('%s', (file) => {
    const all = units.get(file) ?? [];
    expect(all.length).toBeGreaterThan(0);
    expect(compare(all).found.map(told)).toEqual([]);
  });

  test('one changed field makes the comparison fail, each of 500', () => {
    const all = [...units.values()].flat();
    const random = seeded(4);
    const missed: string[] = [];
    for (let done = 0; done < 500;) {
      const unit = all[Math.floor(random() * all.length)];
      const side = random() < 0.5 ? 'recorded' : 'own';
      if (!unit) break;
      const other = { ...unit, [side]: changed(random, unit[side]) };
      // Of an id, a time or a stack frame only the shape is compared: a change of its letters alone is none.
      if (comparedOf(other) === comparedOf(unit)) continue;
      done += 1;
      if (compare([other]).found.length === 0)
        missed.push(`${unit.file}: ${unit.at}: ${side} ${JSON.stringify(other[side]).slice(0, 400)}`);
    }
    expect(missed).toEqual([]);
  });

  test('the departures are those that DEPARTURES.md names, and each is met', () => {
    const text = readFileSync(path.join(__dirname, '../../../local/host/DEPARTURES.md'), 'utf8');
    const named = [...text.matchAll(/^- `\[([a-z0-9-]+)\]`/gm)].map(([, id]) => id);
    expect(named.toSorted()).toEqual(departures.map(({ id }) => id).toSorted());
    const { used } = compare([...units.values()].flat());
    // Our own fixtures are what this host does: they meet none.
    const met = departures.filter(({ onlyIn }) => source.root !== own && (onlyIn === undefined || units.has(onlyIn)));
    expect([...used].toSorted()).toEqual(met.map(({ id }) => id).toSorted());
  });
});
