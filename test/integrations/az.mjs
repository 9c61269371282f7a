/*
 * Stands in for az where that is not installed: of its commands those that integrations/ uses, on a storage account that AZ_CONNECTION names.
 * Whatever else it is asked it refuses.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';

const text = { type: 'string' };
const flag = { type: 'boolean' };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{
      resource: text,
      query: text,
      output: text,
      'auth-mode': text,
      'account-name': text,
      'container-name': text,
      name: text,
      file: text,
    },
    'resource-group': text,
    ...{ 'queue-name': text, content: text, overwrite: flag, 'only-show-errors': flag },
  },
});
const connection = process.env.AZ_CONNECTION ?? '';
const blob = () =>
  BlobServiceClient.fromConnectionString(connection).getContainerClient(values['container-name']).getBlockBlobClient(values.name);

const commands = {
  'account show': () => console.log(process.env.AZ_SUBSCRIPTION ?? ''),
  'functionapp show': () => console.log(process.env.AZ_FUNCTION_APP ?? ''),
  'account get-access-token': () => console.log(`${process.env.AZ_TOKEN ?? ''}`),
  'storage blob upload': () => blob().uploadData(readFileSync(values.file)),
  'storage blob url': () => console.log(blob().url),
  'storage message put': () =>
    QueueServiceClient.fromConnectionString(connection).getQueueClient(values['queue-name']).sendMessage(values.content),
};
const command = commands[positionals.join(' ')];
if (!command) throw new Error(`This az does not know "${positionals.join(' ')}".`);
await command();
