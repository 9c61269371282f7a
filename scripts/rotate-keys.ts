/*
 * npm run rotate-keys -- --vault NAME [--only-missing]: puts a new key before the old ones in the secrets slipway-link-keys and
 * slipway-ledger-keys, through the Azure CLI and whoever is signed in to it. Slipway follows within a day, or at its next restart.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { nextKeys, type KeyPurpose } from './next-keys';

const lifeDays = 180;

function az(args: string[]): { status: number | null; stdout: string; stderr: string } {
  // On Windows az is a script that only a shell finds; no argument here needs quoting.
  const { status, stdout, stderr, error } = spawnSync('az', args, { encoding: 'utf8', shell: process.platform === 'win32' });
  if (error) throw new Error(`The Azure CLI can't be run (${error.message}). Install it and sign in with az login.`);
  return { status, stdout, stderr };
}

function readSecret(vault: string, name: string): string {
  const { status, stdout, stderr } = az([
    'keyvault',
    'secret',
    'show',
    '--vault-name',
    vault,
    '--name',
    name,
    '--query',
    'value',
    '-o',
    'tsv',
  ]);
  if (status === 0) return stdout.trim();
  if (stderr.includes('SecretNotFound')) return '';
  throw new Error(
    `Secret ${name} of vault ${vault} can't be read. Grant yourself Key Vault Secrets Officer on it. Azure said: ${stderr.trim()}`,
  );
}

/** By way of a file that only we may read: what stands on a command line can be seen by everybody on the machine. */
function writeSecret(vault: string, name: string, text: string): void {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-keys-'));
  const file = path.join(directory, 'secret');
  try {
    writeFileSync(file, text, { mode: 0o600 });
    const expires = new Date(Date.now() + lifeDays * 24 * 60 * 60 * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    const { status, stderr } = az([
      ...['keyvault', 'secret', 'set', '--vault-name', vault, '--name', name],
      ...['--file', file, '--encoding', 'utf-8', '--expires', expires, '--output', 'none'],
    ]);
    if (status !== 0) throw new Error(`Secret ${name} of vault ${vault} can't be written. Azure said: ${stderr.trim()}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function main(): void {
  const { values } = parseArgs({ options: { vault: { type: 'string' }, 'only-missing': { type: 'boolean', default: false } } });
  const vault = values.vault ?? process.env['SLIPWAY_VAULT'];
  if (!vault) throw new Error('Which vault? Say --vault NAME: it is the output SLIPWAY_VAULT of infra/main.bicep.');
  for (const purpose of ['link', 'ledger'] satisfies KeyPurpose[]) {
    const name = `slipway-${purpose}-keys`;
    const current = readSecret(vault, name);
    if (current !== '' && values['only-missing']) {
      process.stdout.write(`${name} is there already.\n`);
      continue;
    }
    const text = nextKeys(purpose, current, new Date(), () => randomBytes(32).toString('base64url'));
    writeSecret(vault, name, text);
    process.stdout.write(`${name} has a new first key, and ${text.split(',').length - 1} older.\n`);
  }
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
