import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { openDatabase, writeMeta } from '../../host/database';
import type { ContentToRun, HostKeys, IndexedFunction, RunContent, RunningContent } from './running';

/** The embedded host's own main file; from a test, which runs the sources, the built one. */
const hostMain = __filename.endsWith('.ts')
  ? path.join(__dirname, '../../../dist/local/host/main.js')
  : path.join(__dirname, '../../host/main.js');

const startMs = 30_000;
const stopMs = 5_000;

/** What a program needs from its operating system; everything else in the environment of an app are its settings. */
const systemNames = [
  'PATH',
  'Path',
  'HOME',
  'SystemRoot',
  'windir',
  'TEMP',
  'TMP',
  'TMPDIR',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'ComSpec',
  'LANG',
  'TZ',
];

export function runAsProcess(log: (line: string) => void): RunContent {
  return async (content) => {
    const stateFile = path.join(content.stateDirectory, 'host.sqlite');
    giveKeys(stateFile, content.keys);
    const args = [hostMain, '--app', content.directory, '--state', stateFile, '--with-parent'];
    const child = spawn(process.execPath, args, { env: environment(content), stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const tell = (line: string): void => log(`${content.site} (${content.slot}): ${line}`);
    child.stdin.on('error', () => undefined);
    lines(child.stderr, tell);
    const port = await readyPort(child, tell);
    const stop = async (): Promise<void> => {
      // The host ends when its standard input closes; that works on every system, and when this process dies as well.
      child.stdin.end();
      const hard = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await ended;
      clearTimeout(hard);
    };
    return {
      port,
      functions: () => indexed(port, content.keys),
      keys: () => Promise.resolve(content.keys),
      stop,
      ended,
    } satisfies RunningContent;
  };
}

/** In Azure the keys lie in the app's storage, under the slot's host id; here they are put where the host looks for its own. */
function giveKeys(stateFile: string, keys: HostKeys): void {
  const database = openDatabase(stateFile);
  writeMeta(database, 'keys', JSON.stringify(keys));
  database.close();
}

function environment(content: ContentToRun): NodeJS.ProcessEnv {
  const system = Object.fromEntries(systemNames.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return {
    ...system,
    ...content.settings,
    WEBSITE_SITE_NAME: content.site,
    WEBSITE_SLOT_NAME: content.slot === 'production' ? 'Production' : content.slot,
    WEBSITE_HOSTNAME: content.hostName,
  };
}

function readyPort(child: ChildProcess, tell: (line: string) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The host was not ready within ${startMs / 1000} s.`));
    }, startMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(late);
      reject(new Error(`The host ended with code ${code ?? 'none'} before it was ready.`));
    });
    lines(child.stdout, (line) => {
      const port = portIn(line);
      if (port === undefined) return tell(line);
      clearTimeout(late);
      resolve(port);
    });
  });
}

function portIn(line: string): number | undefined {
  try {
    const { port } = JSON.parse(line) as { port?: unknown };
    return typeof port === 'number' ? port : undefined;
  } catch {
    return undefined;
  }
}

function lines(stream: NodeJS.ReadableStream | null, each: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line.trim()) each(line.trimEnd());
  });
}

async function indexed(port: number, keys: HostKeys): Promise<IndexedFunction[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/admin/functions`, { headers: { 'x-functions-key': keys.masterKey } });
  if (!answer.ok) throw new Error(`The host answered ${answer.status} when asked for its functions.`);
  const list = (await answer.json()) as { name: string; config?: { bindings?: Record<string, unknown>[] }; invoke_url_template?: string }[];
  return list.map(({ name, config, invoke_url_template: template }) => ({
    name,
    bindings: config?.bindings ?? [],
    ...(template ? { invokePath: new URL(template, 'http://127.0.0.1').pathname } : {}),
  }));
}
