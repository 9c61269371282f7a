import { randomBytes } from 'node:crypto';
import { TableServiceClient } from '@azure/data-tables';
import { DefaultAzureCredential } from '@azure/identity';
import { tableRows } from '../../src/azure/rows-tables';
import { storageConnection } from '../../src/azure/storage-connection';
import { rowsContract } from '../rows.contract';

const table = `slipwaytest${randomBytes(8).toString('hex')}`;
const account = process.env['SLIPWAY_TEST_STORAGE'];
const credential = new DefaultAzureCredential();

rowsContract('a storage account', () => tableRows(storageConnection({ AzureWebJobsStorage__accountName: account }, credential), table));

// The table is made by the first row that is written.
afterAll(() => new TableServiceClient(`https://${account}.table.core.windows.net`, credential).deleteTable(table));
