import type { SlipwayClient } from '../client/slipway-client';

/** Where text goes: a terminal, a pipe, a file. */
export interface Out {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  on(event: 'resize', listener: () => void): unknown;
}

/** What a command has to do with: nothing else is reached. */
export interface World {
  out: Out;
  err: Out;
  environment: NodeJS.ProcessEnv;
  workingDirectory: string;
  nowMs: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** How Slipway is reached; Node's own where it is absent. */
  fetch?: typeof fetch;
  /** Asks whoever sits at the terminal, and answers what was typed; absent where nobody does. */
  ask?: (question: string) => Promise<string>;
}

/** What every command line may say. */
export interface GlobalOptions {
  url?: string;
  json?: boolean;
}

/** A world, and Slipway in it. */
export interface Session extends World {
  /** From --url. */
  url: string | undefined;
  json: boolean;
  /** Finds Slipway; throws a sentence where there is none to be found. */
  client: () => SlipwayClient;
  /** A line of text; nothing in JSON. */
  say: (...lines: string[]) => void;
  /** The answer as JSON, if that is asked for, else its lines. */
  tell: (answer: unknown, lines: readonly string[]) => void;
}
