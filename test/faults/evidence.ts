import path from 'node:path';
import { TableClient } from '@azure/data-tables';
import Database from 'libsql';
import type { MailRecord, PushReceipt, Receipts, ServiceNowChange, SwapPostReceipt } from '../../local/azure';

/** What the stand-ins noted by themselves, since a mark; read from their own file. */
export interface Receipt {
  pushes: PushReceipt[];
  swapPosts: SwapPostReceipt[];
  swaps: { site: string; by: string; outcome: string; phases: { name: string; atMs: number }[] }[];
  mailPosts: Receipts['mails'];
  mails: MailRecord[];
  /** Change requests in ServiceNow. */
  changes: ServiceNowRecord[];
  /** Requests in Jira. */
  requests: JiraRecord[];
}

/** As the stand-in keeps it. */
export type ServiceNowRecord = Pick<ServiceNowChange, 'number' | 'columns'> & { workNotes: { text: string }[] };

export interface JiraRecord {
  key: string;
  status: string;
  values: Record<string, unknown>;
  comments: { body: string }[];
}

export interface ReceiptReader {
  /** Where the receipts end now: what is read from here on is newer. */
  mark(): number;
  since(mark: number): Receipt;
  close(): void;
}

interface Row {
  kind: string;
  body: string;
}

/** Reads the local Azure's file, from whichever process. */
export function readReceipts(azureDirectory: string): ReceiptReader {
  const database = new Database(path.join(azureDirectory, 'azure.sqlite'), { readonly: true }) as unknown as {
    prepare(sql: string): { all(...parameters: unknown[]): unknown[]; get(): unknown };
    close(): void;
  };
  const list = database.prepare('SELECT kind, body FROM document WHERE number > ? AND kind IN (?, ?, ?, ?, ?, ?, ?) ORDER BY number');
  const last = database.prepare('SELECT MAX(number) AS number FROM document');
  return {
    mark: () => (last.get() as { number: number | null }).number ?? 0,
    since(mark) {
      const rows = list.all(
        mark,
        'receipt-push',
        'receipt-swap-post',
        'swap',
        'receipt-mail',
        'mail',
        'servicenow-change',
        'jira-request',
      ) as Row[];
      const of = <T>(kind: string): T[] => rows.filter((row) => row.kind === kind).map((row) => JSON.parse(row.body) as T);
      return {
        pushes: of('receipt-push'),
        swapPosts: of('receipt-swap-post'),
        swaps: of('swap'),
        mailPosts: of('receipt-mail'),
        mails: of('mail'),
        changes: of('servicenow-change'),
        requests: of('jira-request'),
      };
    },
    close: () => database.close(),
  };
}

export interface StoredRow {
  partition: string;
  row: string;
  value: unknown;
}

/** Every row of an account's table, read from storage and not through Slipway. */
export async function readRows(storage: string): Promise<StoredRow[]> {
  const client = TableClient.fromConnectionString(storage, 'slipway', { allowInsecureConnection: true });
  const rows: StoredRow[] = [];
  try {
    for await (const entity of client.listEntities()) {
      let json = '';
      for (let n = 0; typeof entity[`json${n}`] === 'string'; n++) json += entity[`json${n}`] as string;
      rows.push({ partition: String(entity.partitionKey), row: String(entity.rowKey), value: JSON.parse(json) as unknown });
    }
  } catch (error) {
    // Nothing was written yet: there is no table.
    if ((error as { statusCode?: number }).statusCode !== 404) throw error;
  }
  return rows;
}
