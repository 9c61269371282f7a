import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { TypedData } from './functions-core';
import { isNotFound } from './storage-answer';
import { storageClients } from './storage-clients';

type Entity = Record<string, unknown>;

export interface TableQuery {
  partitionKey: string | undefined;
  rowKey: string | undefined;
  filter: string | undefined;
  take: number | undefined;
}

/** A table as an input: with both keys one entity, or nothing if it is not there; else an array of those that fit. */
export async function readTable(table: TableClient, query: TableQuery): Promise<TypedData> {
  const { partitionKey, rowKey, filter, take } = query;
  if (rowKey !== undefined) {
    if (partitionKey === undefined) throw new Error(`A rowKey of table "${table.tableName}" needs a partitionKey.`);
    try {
      return { json: entityJson(await table.getEntity(partitionKey, rowKey)) };
    } catch (error) {
      if (isNotFound(error)) return {};
      throw error;
    }
  }
  const { odata } = storageClients.tables();
  const ofPartition = partitionKey === undefined || partitionKey === '' ? undefined : odata`PartitionKey eq ${partitionKey}`;
  const both = [ofPartition, filter === '' ? undefined : filter].filter((one) => one !== undefined).join(' and ');
  const found: string[] = [];
  for await (const entity of table.listEntities({ queryOptions: { ...(both !== '' && { filter: both }) } })) {
    found.push(entityJson(entity));
    if (found.length === take) break;
  }
  return { json: `[${found.join(',')}]` };
}

/** As JSON without ETag and time: the extension leaves both out. A 64-bit number is written whole. */
function entityJson(entity: Entity): string {
  const names: Record<string, string> = { partitionKey: 'PartitionKey', rowKey: 'RowKey' };
  const members = Object.entries(entity)
    .filter(([name]) => !/^(?:etag|timestamp|odata\..*)$/i.test(name))
    .map(([name, value]) => `${JSON.stringify(names[name] ?? name)}:${valueJson(value)}`);
  return `{${members.join(',')}}`;
}

function valueJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return JSON.stringify(value.toISOString().replace(/\.000Z$|Z$/, '+00:00'));
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (typeof value === 'object' && value !== null && 'value' in value) return JSON.stringify(value.value);
  return typeof value === 'number' && !Number.isFinite(value) ? JSON.stringify(String(value)) : JSON.stringify(value);
}

/**
 * Adds entities: one, an array, or JSON text of these. Keys that an entity does not carry are the binding's. In one transaction a partition and at most
 * 100; without an ETag an entity must be new, with "*" it replaces, with another it must be unchanged. A missing table is made.
 */
export async function writeTable(
  table: TableClient,
  keys: { partitionKey: string | undefined; rowKey: string | undefined },
  data: TypedData,
): Promise<void> {
  const batches: { partitionKey: string; actions: Map<string, TransactionAction> }[] = [];
  for (const given of entitiesOf(data)) {
    const { entity, etag } = readEntity(given, keys, table.tableName);
    const open = batches.findLast((batch) => batch.partitionKey === entity.partitionKey);
    const fits = open && !open.actions.has(entity.rowKey) && open.actions.size < 100;
    const batch = fits ? open : { partitionKey: entity.partitionKey, actions: new Map<string, TransactionAction>() };
    if (!fits) batches.push(batch);
    batch.actions.set(entity.rowKey, actionOf(entity, etag));
  }
  for (const { actions } of batches) await submit(table, [...actions.values()]);
}

async function submit(table: TableClient, actions: TransactionAction[]): Promise<void> {
  try {
    await table.submitTransaction(actions);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await table.createTable();
    await table.submitTransaction(actions);
  }
}

type Keyed = Entity & { partitionKey: string; rowKey: string };

function actionOf(entity: Keyed, etag: string | undefined): TransactionAction {
  if (etag === undefined || etag === '') return ['create', entity];
  return etag === '*' ? ['upsert', entity, 'Replace'] : ['update', entity, 'Replace', { etag }];
}

function entitiesOf(data: TypedData): unknown[] {
  const text =
    data.json ?? data.string ?? (data.bytes ? Buffer.from(data.bytes).toString('utf8') : String(data.int ?? data.double ?? 'null'));
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value : [value];
}

/** Names of keys count whatever their case. Whole numbers become 64-bit ones, objects and arrays indented JSON text, as the extension has it. */
function readEntity(given: unknown, keys: { partitionKey: string | undefined; rowKey: string | undefined }, tableName: string) {
  const item = typeof given === 'string' ? (JSON.parse(given) as unknown) : given;
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    throw new Error(`The output to table "${tableName}" takes objects, not ${JSON.stringify(item)}.`);
  const all = Object.entries(item);
  const named = (name: string): string | undefined => {
    const found = all.find(([key, value]) => key.toLowerCase() === name && value !== null)?.[1] as unknown;
    return found === undefined ? undefined : String(found);
  };
  const entity: Keyed = {
    ...Object.fromEntries(
      all
        .filter(([key, value]) => !['partitionkey', 'rowkey', 'etag'].includes(key.toLowerCase()) && value !== null)
        .map(([key, value]) => [key, propertyOf(value)]),
    ),
    partitionKey: checkKey('partitionKey', named('partitionkey') ?? keys.partitionKey, tableName),
    rowKey: checkKey('rowKey', named('rowkey') ?? keys.rowKey, tableName),
  };
  return { entity, etag: named('etag') };
}

function checkKey(name: string, value: string | undefined, tableName: string): string {
  // eslint-disable-next-line no-control-regex -- the service refuses just these
  if (value === undefined || /[/\\#?\u0000-\u001f\u007f-\u009f]/.test(value))
    throw new Error(
      `The output to table "${tableName}" needs a ${name} without / \\ # ? and control characters, not ${JSON.stringify(value ?? null)}.`,
    );
  return value;
}

function propertyOf(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : { type: 'Double', value: String(value) };
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : value;
}
