import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { settingsJsonSchema } from '../src/domain/settings-schema';

/** Writes slipway.schema.json, which editors check slipway.yaml with. Runs from dist/scripts. */
async function writeSchema(): Promise<void> {
  const file = path.resolve(__dirname, '../../slipway.schema.json');
  const text = JSON.stringify(settingsJsonSchema());
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

void writeSchema();
