import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { giveBackMemory } from './give-back-memory';
import { startHost, type Person } from './index';

/** How long what runs may go on without the parent. */
const orphanMs = 1000;

/**
 * Runs one app as a process: `main.js --app DIR --state FILE [--port N] [--ready-fd-or-file FD|FILE] [--people JSON] [--with-parent] [--quiet]`.
 * `--people`: who can sign in, as `[{"address","roles"}]`.
 * When it serves, one line of JSON (`url`, `port`, `pid`) goes to stdout, or to the descriptor or file named. Logs go to stderr.
 * It ends on SIGTERM, SIGINT, when its parent's channel closes, and, with `--with-parent`, when its stdin ends: that works on every system, also when
 * the parent was killed. Without its parent it ends within a second, whatever runs: it runs again at the next start. Exit code 1 when the app cannot be run, with the reason on stderr.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      app: { type: 'string' },
      state: { type: 'string' },
      port: { type: 'string' },
      'ready-fd-or-file': { type: 'string' },
      people: { type: 'string' },
      'with-parent': { type: 'boolean' },
      quiet: { type: 'boolean' },
    },
  });
  if (values.app === undefined || values.state === undefined)
    throw new Error('Say which app and where its state lies: --app DIR --state FILE.');
  const port = values.port === undefined ? 0 : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port takes a number from 0 to 65535, not "${values.port}".`);

  // Asked for before anything slow: the parent may be gone by the time the app is loaded.
  const orphaned = values['with-parent'] ? inputEnds() : undefined;
  // Before it serves there is nothing to stop.
  let stop = (): Promise<void> => Promise.resolve();
  let isEnding = false;
  const end = (code: number): void => {
    if (isEnding) return;
    isEnding = true;
    void stop().finally(() => process.exit(code));
  };
  void orphaned?.then(() => {
    setTimeout(() => process.exit(0), orphanMs);
    end(0);
  });

  // What the platform tells an app of its site authentication: believed by the app, so it is never left to whoever starts this.
  const people = values.people === undefined ? undefined : (JSON.parse(values.people) as Person[]);
  if (people) process.env['WEBSITE_AUTH_ENABLED'] = 'True';
  else delete process.env['WEBSITE_AUTH_ENABLED'];
  const host = await startHost({
    ...(people && { people }),
    appDirectory: path.resolve(values.app),
    stateFile: values.state === ':memory:' ? values.state : path.resolve(values.state),
    port,
    log: (entry) => {
      if (values.quiet && (entry.level === 'debug' || entry.level === 'info')) return;
      process.stderr.write(`[${entry.level}]${entry.functionName === undefined ? '' : ` ${entry.functionName}:`} ${entry.text}\n`);
    },
  });
  stop = host.stop;
  giveBackMemory();
  // As Core Tools does: without it durable-functions takes the host to be at localhost:7071.
  process.env['WEBSITE_HOSTNAME'] ??= `127.0.0.1:${host.port}`;

  process.on('SIGTERM', () => end(0));
  process.on('SIGINT', () => end(0));
  process.on('disconnect', () => end(0));
  host.whenBroken.catch(() => end(1));

  announce(values['ready-fd-or-file'], JSON.stringify({ url: host.url, port: host.port, pid: process.pid }));
}

function inputEnds(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve).resume();
  });
}

function announce(where: string | undefined, line: string): void {
  if (where === undefined) process.stdout.write(`${line}\n`);
  else writeFileSync(/^\d+$/.test(where) ? Number(where) : where, `${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
