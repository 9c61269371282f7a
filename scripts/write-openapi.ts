import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from '../src/domain/openapi';
import { statusOf } from '../src/triggers/problem-json';

/** Writes openapi.json, as GET /api/openapi.json serves it. Runs from dist/scripts. */
async function writeOpenApi(): Promise<void> {
  const file = path.resolve(__dirname, '../../openapi.json');
  const text = JSON.stringify(openApiDocument(statusOf));
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

void writeOpenApi();
