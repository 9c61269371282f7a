import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { BlobServiceClient, ContainerSASPermissions } from '@azure/storage-blob';
import { QueueSASPermissions, QueueServiceClient } from '@azure/storage-queue';
import { parse } from 'yaml';

export const integrations = path.join(__dirname, '../../integrations');

/** A build's machine: a folder, an az that stands in for the real one, and nothing of the environment that tests run in. */
export function buildMachine() {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-build-'));
  const az = path.join(folder, 'az');
  writeFileSync(az, `#!/bin/sh\nexec "${process.execPath}" "${path.join(__dirname, 'az.mjs')}" "$@"\n`);
  chmodSync(az, 0o755);
  const at = (name: string) => path.join(folder, name);
  const read = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : '');
  const run = async (program: string, args: readonly string[], environment: Record<string, string> = {}) => {
    const { PATH = '', HOME = '', SystemRoot = '' } = process.env;
    const child = spawn(program, args, {
      cwd: folder,
      env: {
        PATH: `${folder}${path.delimiter}${path.dirname(process.execPath)}${path.delimiter}${PATH}`,
        HOME,
        SystemRoot,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, out, err };
  };
  return {
    at,
    read,
    run,
    write: (name: string, content: string | Buffer) => writeFileSync(at(name), content),
    release: (args: readonly string[], environment?: Record<string, string>) =>
      run(process.execPath, [path.join(integrations, 'release.mjs'), ...args], environment),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

/** Addresses that are signed for an hour, as a build gets them where it has no identity. */
export async function signedAddresses(connectionString: string) {
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('releases');
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient('slipway-rollouts');
  await container.createIfNotExists();
  await queue.createIfNotExists();
  const expiresOn = new Date(Date.now() + 3_600_000);
  return {
    container: await container.generateSasUrl({ permissions: ContainerSASPermissions.parse('cw'), expiresOn }),
    queue: queue.generateSasUrl({ permissions: QueueSASPermissions.parse('a'), expiresOn }),
  };
}

/** What GitHub's deployments API takes and answers, as far as it is asked. https://docs.github.com/rest/deployments */
export async function serveDeployments() {
  const deployments: { id: number; payload: object }[] = [];
  const calls: { path: string; body: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      const { pathname } = new URL(request.url ?? '', 'http://x');
      const body = (sent === '' ? {} : JSON.parse(sent)) as Record<string, unknown>;
      if (request.method === 'POST') calls.push({ path: pathname, body });
      const isNew = request.method === 'POST' && pathname.endsWith('/deployments');
      if (isNew) deployments.unshift({ id: deployments.length + 1, payload: body['payload'] as object });
      response.writeHead(request.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(request.method === 'GET' ? deployments : isNew ? deployments[0] : {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, calls, close: () => new Promise((resolve) => server.close(resolve)) };
}

interface Action {
  inputs: Record<string, { default?: string }>;
  runs: { steps: { run: string; env: Record<string, string> }[] };
}

/** The step of the GitHub Action as a runner would start it: its script, and its variables with the inputs filled in. */
export function gitHubStep(inputs: Record<string, string>): { script: string; environment: Record<string, string> } {
  const action = parse(readFileSync(path.join(integrations, 'github-action/action.yml'), 'utf8')) as Action;
  const [step] = action.runs.steps;
  const unknown = Object.keys(inputs).filter((name) => !(name in action.inputs));
  if (!step || unknown.length > 0) throw new Error(`The action has no input ${unknown.join(', ')}.`);
  const value = (expression: string): string => {
    if (expression === 'github.action_path') return path.join(integrations, 'github-action');
    const name = expression.replace(/^inputs\./, '');
    return inputs[name] ?? action.inputs[name]?.default ?? '';
  };
  const filled = (raw: string) => raw.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, expression: string) => value(expression));
  return { script: step.run, environment: Object.fromEntries(Object.entries(step.env).map(([name, raw]) => [name, filled(raw)])) };
}

interface Template {
  parameters: { name: string; default?: string }[];
  steps: { inputs: { inlineScript: string }; env: Record<string, string> }[];
}

/** The step of the Azure Pipelines template as an agent would start it. */
export function pipelineStep(given: Record<string, string>): { script: string; environment: Record<string, string> } {
  const template = parse(readFileSync(path.join(integrations, 'azure-pipelines/release.yml'), 'utf8')) as Template;
  const [step] = template.steps;
  const missing = template.parameters.filter((one) => one.default === undefined && !(one.name in given));
  if (!step || missing.length > 0) throw new Error(`The template needs ${missing.map(({ name }) => name).join(', ')}.`);
  const value = (name: string): string => given[name] ?? template.parameters.find((one) => one.name === name)?.default ?? '';
  const filled = (raw: string) => raw.replace(/\$\{\{ parameters\.(\w+) \}\}/g, (_, name: string) => value(name));
  return {
    script: step.inputs.inlineScript,
    environment: Object.fromEntries(Object.entries(step.env).map(([name, raw]) => [name, filled(raw)])),
  };
}

/** The Octopus step's script before a worker: its variables answered by a function of the same name as Octopus has. */
export function octopusScript(variables: Record<string, string>): string {
  const cases = Object.entries(variables).map(([name, value]) => `'${name}') printf %s '${value}' ;;`);
  const template = JSON.parse(readFileSync(path.join(integrations, 'octopus/step-template.json'), 'utf8')) as {
    Properties: Record<string, string>;
  };
  return `get_octopusvariable() { case "$1" in ${cases.join(' ')} *) echo "no variable $1" >&2; return 1 ;; esac; }\n${template.Properties['Octopus.Action.Script.ScriptBody'] ?? ''}`;
}
