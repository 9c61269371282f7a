import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { reading } from '../client/reading';
import { createClient, type SlipwayClient } from '../client/slipway-client';
import { starting } from '../client/starting';
import { createTransport, type ClientOptions } from '../client/transport';
import { CliMistake } from './mistake';
import { signIn } from './sign-in';

/** What `npm start` keeps in .slipway/running.json while it runs. */
export interface Running {
  slipwayUrl: string;
  inboxUrl: string;
  helloUrl: string;
  /** Connection string of the local storage account. */
  storage: string;
}

export interface Wanted {
  /** From --url. */
  url?: string | undefined;
  environment: NodeJS.ProcessEnv;
  workingDirectory: string;
  nowMs?: () => number;
  fetch?: typeof fetch;
}

/** Where Slipway is: --url, SLIPWAY_URL, or the one that an `npm start` holds up in this folder or one above. */
export function findSlipway({ url, environment, workingDirectory }: Wanted): string {
  const named = url ?? environment['SLIPWAY_URL'];
  if (named !== undefined && named !== '') {
    if (!URL.canParse(named) || !/^https?:$/.test(new URL(named).protocol))
      throw new CliMistake('The address of Slipway is no http or https URL.', 'Write one such as https://slipway.example.com.');
    return named;
  }
  const running = findRunning(workingDirectory);
  if (running) return running.slipwayUrl;
  throw new CliMistake(
    'No Slipway is named, and none was started in .slipway/ here or above.',
    'Say --url http://127.0.0.1:… or https://…, set SLIPWAY_URL, or run npm start in another terminal.',
  );
}

/** The running.json of this folder, or of the nearest one above. */
export function findRunning(workingDirectory: string): Running | undefined {
  const file = path.join(workingDirectory, '.slipway', 'running.json');
  if (existsSync(file)) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Running;
    } catch {
      throw new CliMistake(`${file} holds no JSON.`, 'Run npm start again; it writes the file anew.');
    }
  }
  const above = path.dirname(workingDirectory);
  return above === workingDirectory ? undefined : findRunning(above);
}

const isOnThisMachine = (url: string): boolean => /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(url).hostname);

/** A client that signs in where it has to: on this machine the caller is the local operator. */
export const connect = (wanted: Wanted): SlipwayClient => createClient(accessTo(wanted));

/** What an assistant gets of it: it reads and starts, and has nothing to decide with. */
export function connectAssistant(wanted: Wanted) {
  const call = createTransport(accessTo(wanted));
  return { ...reading(call), ...starting(call) };
}

function accessTo(wanted: Wanted): ClientOptions {
  const baseUrl = findSlipway(wanted);
  const way = wanted.fetch === undefined ? {} : { fetch: wanted.fetch };
  if (isOnThisMachine(baseUrl)) return { baseUrl, ...way };
  if (new URL(baseUrl).protocol !== 'https:')
    throw new CliMistake('The address of Slipway is plain http: whoever listens could take the sign-in.', 'Write it with https.');
  const audience = wanted.environment['SLIPWAY_AUDIENCE'];
  if (audience === undefined || audience === '')
    throw new CliMistake(
      'Nobody can be signed in: SLIPWAY_AUDIENCE is not set.',
      'Set it to the application id URI of Slipway’s app registration, such as api://slipway.',
    );
  return { baseUrl, token: signIn(`${audience}/.default`, wanted.nowMs), ...way };
}
