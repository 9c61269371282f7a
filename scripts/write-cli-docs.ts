import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { cliDocument } from '../src/cli/document';

/** Writes docs/cli.md from the commands themselves. Runs from dist/scripts. */
async function writeCliDocs(): Promise<void> {
  const file = path.resolve(__dirname, '../../docs/cli.md');
  await writeFile(file, await format(cliDocument(), { ...(await resolveConfig(file)), filepath: file }));
}

void writeCliDocs();
