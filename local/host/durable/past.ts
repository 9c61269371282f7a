import { EventKind, type HistoryEvent } from './history';
import { nothingOpen, type Open, type StoredTurn } from './open-work';
import type { Progress } from './progress';
import type { Instance } from './store';

/** What the next turn needs of the turns before: it grows with the history, and nothing of it is read, parsed or written a second time. */
export interface Past {
  /** The events' JSON texts, joined by commas, as they stand in the payload of the next turn. */
  text: string;
  events: number;
  /** JSON text of what its start brought, or null; undefined before there is a start. */
  input?: string | null | undefined;
  /** The number of the next row in the store. */
  nextRow: number;
  /** The events of the last row, where a turn has just written it. */
  last: HistoryEvent[];
  /** All events, where they have just been read. */
  read?: HistoryEvent[] | undefined;
  open: Open;
  /** How far the extension's own replay has come; absent where it has to begin at the start. */
  progress?: Progress | undefined;
}

export const emptyPast = (): Past => ({ text: '', events: 0, nextRow: 0, last: [], open: nothingOpen() });

/** As a past keeps them: the events' JSON texts, joined by commas. */
export const textOf = (events: HistoryEvent[]): string => events.map((event) => JSON.stringify(event)).join(',');

export const eventsOf = ({ text }: Pick<Past, 'text'>): HistoryEvent[] => JSON.parse(`[${text}]`) as HistoryEvent[];

export function startInput(events: HistoryEvent[]): string | null | undefined {
  const start = events.find((event) => event.EventType === EventKind.executionStarted);
  return start && (start.Input ?? null);
}

/** As it is read. */
export function pastOf(stored: Pick<Past, 'text' | 'nextRow' | 'open'>, read: HistoryEvent[] = eventsOf(stored)): Past {
  return { ...stored, events: read.length, input: startInput(read), last: [], read };
}

/** The same of turns that are all there are. */
export const pastOfAll = (turns: (StoredTurn & Pick<Past, 'text'>)[], open: Open): Past =>
  pastOf(
    { text: turns.map(({ text }) => text).join(','), nextRow: (turns.at(-1)?.seq ?? -1) + 1, open },
    turns.flatMap(({ events }) => events),
  );

/** For a replay from the start. Just read they are not parsed twice, and not kept: most instances need them once after a start. */
export function takeEvents(past: Past): HistoryEvent[] {
  const { read = eventsOf(past) } = past;
  past.read = undefined;
  return read;
}

/** With the events of one more row. */
export function longerBy(past: Past, events: HistoryEvent[], text: string): Past {
  return {
    text: past.text === '' ? text : `${past.text},${text}`,
    events: past.events + events.length,
    input: past.input === undefined ? startInput(events) : past.input,
    nextRow: past.nextRow + 1,
    last: events,
    open: past.open,
    progress: past.progress,
  };
}

interface Kept {
  instance: Instance;
  past?: Past;
}

/** Instances that took a turn not long ago. A waiting instance costs nothing once others have pushed it out. */
export interface Keeper {
  find(id: string): Kept | undefined;
  keep(instance: Instance): void;
  keepPast(id: string, past: Past): void;
  drop(id: string): void;
  clear(): void;
}

export function createKeeper(most = { instances: 500, characters: 16_000_000 }): Keeper {
  // A map keeps the order of insertion: the first is the one that was used the longest time ago.
  const kept = new Map<string, Kept>();
  let characters = 0;
  const drop = (id: string): void => {
    const found = kept.get(id);
    if (!found) return;
    characters -= found.past?.text.length ?? 0;
    kept.delete(id);
  };
  const trim = (): void => {
    for (const oldest of kept.keys()) {
      if (kept.size <= most.instances && characters <= most.characters) break;
      drop(oldest);
    }
  };
  return {
    find: (id) => kept.get(id),
    keep(instance) {
      const found = kept.get(instance.id);
      if (found) kept.delete(instance.id);
      kept.set(instance.id, found ? Object.assign(found, { instance }) : { instance });
      trim();
    },
    keepPast(id, past) {
      const found = kept.get(id);
      if (!found) return;
      characters += past.text.length - (found.past?.text.length ?? 0);
      found.past = past;
    },
    drop,
    clear() {
      kept.clear();
      characters = 0;
    },
  };
}
