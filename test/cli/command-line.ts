import { run } from '../../src/cli/program';

interface Options {
  url?: string;
  terminal?: true;
  nowMs?: number;
  folder?: string;
  environment?: NodeJS.ProcessEnv;
  fetch?: typeof fetch;
  /** Who sits at the terminal. */
  ask?: (question: string) => Promise<string>;
}

/** Runs a command line in this process, on a terminal of 80 columns or into a pipe, and answers all that it wrote. */
export async function slipway(args: string, options: Options = {}) {
  const { url, terminal, environment = {}, fetch, ask, nowMs = Date.parse('2026-11-23T10:03:00Z'), folder = '/nowhere' } = options;
  const written = { out: '', err: '' };
  const to = (name: 'out' | 'err') => ({
    write: (text: string) => void (written[name] += text),
    on: () => undefined,
    ...(terminal ? { isTTY: true, columns: 80 } : {}),
  });
  const interrupted = new AbortController();
  const argv = [...args.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
  const code = await run([...argv, ...(url === undefined ? [] : ['--url', url])], {
    out: to('out'),
    err: to('err'),
    environment,
    workingDirectory: folder,
    nowMs: () => nowMs,
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    signal: interrupted.signal,
    ...(fetch && { fetch }),
    ...(ask && { ask }),
  });
  return { code, ...written };
}
