import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Host, VirtualClock } from '../../../local/host';
import { loadFile, timeoutOn } from './scenario-app';

const ofNode = createRequire(__filename);

/** A file of the recordings' driver, and which scenarios it plays: names of recordings, or beginnings that an argument completes. */
export interface Driver {
  file: string;
  scenarios: string[];
  completed: string[];
}

/** The files of a driver's folder that play scenarios, as they say themselves. */
export function driversIn(folder: string): Driver[] {
  return fs
    .readdirSync(folder)
    .filter((name) => /^run\d+\.js$/.test(name))
    .sort((a, b) => Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0]))
    .map((name) => {
      const text = fs.readFileSync(path.join(folder, name), 'utf8');
      const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found ?? '');
      return {
        file: path.join(folder, name),
        scenarios: [...all(/^ {2}'([\w-]+)': async \(\) =>/gm), ...all(/scenario\('([\w-]+)', async/g)],
        completed: all(/scenario\('([\w-]+)' \+ tag/g),
      };
    });
}

export interface Drive {
  host: Host;
  clock: VirtualClock;
  /** Receives one recording a scenario. */
  recordDirectory: string;
  /** Holds host.json. */
  hostJsonDirectory: string;
  /** What the driver is called with on its command line. */
  args: string[];
  /** Its scenarios are over when it has said so of each. */
  scenarios: string[];
  /** When each step of a scenario was recorded, in milliseconds: the driver is not to run ahead of that. Empty where that is not known. */
  timesOf(scenario: string): number[];
}

/**
 * Runs a file of the driver where it stands, unmodified, against our host. Its clock is the virtual one, which moves while the driver waits and stands while
 * a request of the driver's is under way.
 */
export async function drive(file: string, { host, clock, ...world }: Drive): Promise<void> {
  fs.mkdirSync(world.recordDirectory, { recursive: true });
  const open = new Set(world.scenarios);
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const log = (word: unknown, scenario: unknown): void => {
    if (word === 'done') open.delete(String(scenario));
    if (open.size === 0) finish();
  };
  const recorder = recorderOn(world.timesOf);
  const release = clock.hold();
  /** Waits until the step before was recorded. The hold of the driver counts as given back meanwhile. */
  const caughtUp = async (): Promise<void> => {
    const behindMs = recorder.lastMs() - clock.now();
    if (behindMs > 0) await clock.sleep(behindMs);
  };
  clock.auto(true);
  try {
    loadFile(file, {
      require: (name) =>
        name === 'http' ? { ...http, request: requestAfter(caughtUp, clock) } : name === 'fs' ? recorder.fs : ofNode(name),
      setTimeout: timeoutOn(clock),
      Date: dateOn(clock),
      console: { log },
      fetch: async (...given: Parameters<typeof fetch>) => {
        await caughtUp();
        return fetch(...given);
      },
      process: {
        argv: ['node', file, ...world.args],
        env: {
          HOST_URL: host.url,
          HOST_KEY: host.keys().systemKeys['durabletask_extension'],
          RECORD_DIR: world.recordDirectory,
          APP_DIR: world.hostJsonDirectory,
        },
      },
    });
    await Promise.race([finished, host.whenBroken]);
  } finally {
    clock.auto(false);
    release();
  }
}

/** The file system as the driver sees it; it is watched which steps of which scenario are written. */
function recorderOn(timesOf: (scenario: string) => number[]) {
  let times: number[] = [];
  let written = 0;
  return {
    lastMs: () => times[written - 1] ?? 0,
    fs: {
      ...fs,
      writeFileSync(file: string, text: string) {
        times = timesOf(path.basename(file, '.jsonl'));
        written = 0;
        fs.writeFileSync(file, text);
      },
      appendFileSync(file: string, text: string) {
        // The waits that failed say when they like.
        if (!text.includes('"TIMEOUT waiting for ')) written += 1;
        fs.appendFileSync(file, text);
      },
    },
  };
}

/** `http.request` as far as the driver uses it, sent once `ready` is. A request whose answer itself waits for time to pass gives the clock free. */
function requestAfter(ready: () => Promise<void>, clock: VirtualClock) {
  return (options: http.RequestOptions, answer: (response: http.IncomingMessage) => void) => {
    const failed: ((error: Error) => void)[] = [];
    let body: string | undefined;
    const send = (): void => {
      const waits = /[?&]timeout=/.test(options.path ?? '');
      const request = http.request(options, answer);
      for (const tell of failed) request.on('error', tell);
      request.end(body);
      if (waits) void clock.sleep(Number(/[?&]timeout=(\d+)/.exec(options.path ?? '')?.[1]) * 1000);
    };
    return {
      on: (_event: 'error', tell: (error: Error) => void) => void failed.push(tell),
      write: (text: string) => void (body = text),
      end: () => void ready().then(send),
    };
  };
}

function dateOn(clock: VirtualClock): DateConstructor {
  return class extends Date {
    constructor(...given: [] | [number | string | Date]) {
      super(...((given.length === 0 ? [clock.now()] : given) as [number]));
    }
    static override now(): number {
      return clock.now();
    }
  } as DateConstructor;
}
