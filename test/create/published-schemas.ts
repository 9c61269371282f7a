import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { buildSync } from 'esbuild';
import { parse } from 'yaml';

/** What the build systems themselves say of a file. Each answers every mistake, as a sentence. */

/**
 * GitHub's own language, as its own package reads it: github.com/actions/languageservices. It is an ES module that imports its schema in a way that
 * Node does not take, so it is bundled first.
 */
export function gitHubMistakes(files: readonly string[]): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-workflows-'));
  try {
    const checker = path.join(folder, 'check-workflow.cjs');
    buildSync({
      entryPoints: [path.join(__dirname, 'check-workflow.mjs')],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: checker,
      logLevel: 'error',
    });
    const { status, stdout, stderr } = spawnSync(process.execPath, [checker, ...files], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as string[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let pipelines: ValidateFunction[] | undefined;

/**
 * Microsoft's schema of Azure Pipelines (service-schema.json of github.com/microsoft/azure-pipelines-vscode) is in no package: what is always
 * asked is a strict part of it, written from its documentation. AZURE_PIPELINES_SCHEMA names a copy of the whole, which is asked then as well.
 */
function pipelineSchemas(): ValidateFunction[] {
  const whole = process.env['AZURE_PIPELINES_SCHEMA'] ?? '';
  const files = [path.join(__dirname, 'pipelines.schema.json'), ...(existsSync(whole) ? [whole] : [])];
  pipelines ??= files.map((file) =>
    new Ajv({ strict: false, unicodeRegExp: false }).compile(JSON.parse(readFileSync(file, 'utf8')) as object),
  );
  return pipelines;
}

export const pipelineMistakes = (files: readonly string[]): string[] =>
  files.flatMap((file) =>
    pipelineSchemas().flatMap((valid) =>
      valid(parse(readFileSync(file, 'utf8')))
        ? []
        : (valid.errors ?? []).map(({ instancePath, message }) => `${file}${instancePath} ${message}`),
    ),
  );

/** A file of its own for a text that is to be checked. */
export function inFile(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}
