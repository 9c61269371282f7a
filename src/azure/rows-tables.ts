import { odata, RestError, TableClient, type TableEntityResult, type TransactionAction } from '@azure/data-tables';
import { randomUUID } from 'node:crypto';
import type { Change, Rows, Written } from './rows';
import { answerWithin } from './answer-within';
import { isOnThisMachine, type StorageConnection } from './storage-connection';

/** A property holds 64 KiB of UTF-16, which is 32 K characters; an entity holds 1 MiB. */
const charactersPerProperty = 32_000;
const charactersPerRow = (900 * 1024) / 2;
const mostChanges = 100;
const mostRowsInPage = 1000;
/** Storage answers a query within 5 s, or with a part of it and where to go on; a transaction may take 30 s. */
// https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
// https://learn.microsoft.com/rest/api/storageservices/setting-timeouts-for-table-service-operations
const usuallyWithinMs = 35_000;

type Entity = TableEntityResult<Record<string, unknown>>;

/**
 * Rows in one table of Azure Tables (or Azurite). A value is JSON, cut into the properties `json0`, `json1`, …; `v` repeats its schema
 * version for people who look. `write` names the write that put a row there: the SDK tries a lost request again, and only by that
 * name can a refusal of the second try be told from a stranger's row.
 *
 * Throws RestError where storage can't be reached, is refused, or a value is too large.
 */
export function tableRows(connection: StorageConnection, tableName = 'slipway', answerWithinMs = usuallyWithinMs): Rows {
  const client = tableClient(connection, tableName, answerWithinMs);

  const read = (partition: string, row: string): Promise<Entity | undefined> => orNothing(client.getEntity(partition, row));

  /** Nothing where the table is not there yet, which the first write makes. */
  async function* walk(filter: string, firstPage: number): AsyncGenerator<Entity> {
    let continuationToken: string | undefined;
    let maxPageSize = firstPage;
    do {
      const pages = client
        .listEntities({ queryOptions: { filter } })
        .byPage({ maxPageSize, ...(continuationToken && { continuationToken }) });
      const page = (await orNothing(pages.next()))?.value as (Entity[] & { continuationToken?: string }) | undefined;
      yield* page ?? [];
      continuationToken = page?.continuationToken;
      maxPageSize = Math.min(mostRowsInPage, maxPageSize * 4);
    } while (continuationToken !== undefined);
  }

  const query = async (filter: string): Promise<Entity[]> => {
    const found: Entity[] = [];
    for await (const entity of walk(filter, mostRowsInPage)) found.push(entity);
    return found;
  };

  /** Whether the row is there as this very write left it: the whole transaction was then applied, its answer lost. */
  const isOurs = async (change: Change | undefined, write: string): Promise<boolean> =>
    change !== undefined && (await read(change.partition, change.row))?.['write'] === write;

  const withoutGone = async (changes: readonly Change[]): Promise<Change[]> => {
    const there = await Promise.all(
      changes.map(async (change) => change.kind !== 'delete' || (await read(change.partition, change.row)) !== undefined),
    );
    return changes.filter((_, n) => there[n]);
  };

  const submit = async (changes: readonly Change[], write: string): Promise<Written> => {
    if (changes.length === 0) return { kind: 'written' };
    try {
      await client.submitTransaction(changes.map((change) => actionOf(change, write)));
      return { kind: 'written' };
    } catch (error) {
      const status = statusOf(error);
      if (status === 404 && codeOf(error) === 'TableNotFound') {
        await client.createTable();
        return submit(changes, write);
      }
      if (status !== 404 && status !== 409 && status !== 412) throw error;
      if (
        await isOurs(
          changes.find((change) => change.kind !== 'delete'),
          write,
        )
      )
        return { kind: 'written' };
      if (status !== 404) return isConflict(error) ? { kind: 'conflict' } : rethrow(error);
      // A row was gone: one to delete is no conflict, one to replace is.
      const left = await withoutGone(changes);
      return left.length < changes.length ? submit(left, write) : { kind: 'conflict' };
    }
  };

  return {
    async read<T>(partition: string, row: string) {
      const entity = await read(partition, row);
      return entity && { value: valueOf<T>(entity), etag: entity.etag };
    },
    async list<T>(partition: string, prefix: string) {
      const found = await query(filterOf(partition, prefix));
      return found
        .map((entity) => ({ row: String(entity.rowKey), value: valueOf<T>(entity), etag: entity.etag }))
        .sort((a, b) => (a.row < b.row ? -1 : 1));
    },
    async *walk<T>(partition: string, prefix: string) {
      // Who takes few reads few, and who takes many does not ask a thousand times.
      for await (const entity of walk(filterOf(partition, prefix), 16)) yield { row: String(entity.rowKey), value: valueOf<T>(entity) };
    },
    async everywhere<T>(row: string) {
      const found = await query(odata`RowKey eq ${row}`);
      return found.map((entity) => ({ partition: String(entity.partitionKey), value: valueOf<T>(entity) }));
    },
    async write(changes) {
      const partition = changes[0].partition;
      if (changes.some((change) => change.partition !== partition))
        throw new Error(`A transaction holds rows of one partition; this one, begun with "${partition}", names another. Write them apart.`);
      if (changes.length > mostChanges)
        throw new Error(`A transaction holds at most ${mostChanges} rows; this one has ${changes.length}. Write them in parts.`);
      return submit(changes, randomUUID());
    },
  };
}

/** Three tries within two seconds are for a blip; whoever calls (a story, a build system, the watchdog) has tries of its own for more. */
const retryOptions = { maxRetries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 1000 };

function tableClient(connection: StorageConnection, tableName: string, answerWithinMs: number): TableClient {
  const additionalPolicies = [{ policy: answerWithin(answerWithinMs), position: 'perRetry' as const }];
  const options = { retryOptions, additionalPolicies };
  if (connection.kind === 'identity') return new TableClient(connection.tablesUrl, tableName, connection.credential, options);
  const allowInsecureConnection = isOnThisMachine(connection.text);
  return TableClient.fromConnectionString(connection.text, tableName, { allowInsecureConnection, ...options });
}

function actionOf(change: Change, write: string): TransactionAction {
  const keys = { partitionKey: change.partition, rowKey: change.row };
  if (change.kind === 'delete') return ['delete', keys];
  const entity = { ...keys, ...columnsOf(change), write };
  return change.kind === 'insert' ? ['create', entity] : ['update', entity, 'Replace', { etag: change.etag }];
}

function columnsOf({ partition, row, value }: { partition: string; row: string; value: object }): Record<string, string | number> {
  const json = JSON.stringify(value);
  if (json.length > charactersPerRow)
    throw new Error(
      `Row "${row}" of "${partition}" would hold ${json.length} characters; a row holds at most ${charactersPerRow}. Keep the large part elsewhere.`,
    );
  const columns: Record<string, string | number> = {};
  if ('v' in value && typeof value.v === 'number') columns['v'] = value.v;
  for (let from = 0, n = 0; from < json.length; n++) {
    let to = Math.min(from + charactersPerProperty, json.length);
    // A surrogate pair cut in two would arrive as two replacement characters.
    if (to < json.length && /[\uD800-\uDBFF]/.test(json.charAt(to - 1))) to--;
    columns[`json${n}`] = json.slice(from, to);
    from = to;
  }
  return columns;
}

function valueOf<T>(entity: Entity): T {
  let json = '';
  for (let n = 0; typeof entity[`json${n}`] === 'string'; n++) json += entity[`json${n}`] as string;
  return JSON.parse(json) as T;
}

const filterOf = (partition: string, prefix: string): string =>
  odata`PartitionKey eq ${partition}` + (prefix === '' ? '' : odata` and RowKey ge ${prefix} and RowKey lt ${after(prefix)}`);

/** The first key after all that begin with the prefix. */
const after = (prefix: string): string => prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

const statusOf = (error: unknown): number | undefined => (error instanceof RestError ? error.statusCode : undefined);

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof RestError)) return undefined;
  if (error.code) return error.code;
  const details = error.details as { odataError?: { code?: string } } | undefined;
  return details?.odataError?.code;
}

/** A 409 may also say that the table is just being deleted, or that a key is in the transaction twice. */
const isConflict = (error: unknown): boolean => statusOf(error) === 412 || codeOf(error) === 'EntityAlreadyExists';

function rethrow(error: unknown): never {
  throw error;
}
