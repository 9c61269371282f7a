import { createHash } from 'node:crypto';

/** An entity as its messages name it: the name in small letters, the key as it was given. */
export interface EntityKey {
  name: string;
  key: string;
}

/** The instance that an entity is: `@name@key`. */
export const schedulerId = (entity: EntityKey): string => `@${entity.name}@${entity.key}`;

/** Undefined for what is no entity's id. */
export function entityOf(id: string): EntityKey | undefined {
  const match = /^@([^@]+)@([^]*)$/.exec(id);
  return match?.[1] === undefined ? undefined : { name: match[1], key: match[2] ?? '' };
}

/** What asks something of an entity; keys and their order as recorded. `lockset`: it asks for a lock, and `op` is null. */
export interface EntityRequest {
  op: string | null;
  signal?: true;
  /** JSON text. */
  input?: string;
  id: string;
  /** Who asks; nobody for a client's signal. */
  parent?: string;
  parentExecution?: string;
  Timestamp?: string;
  Predecessor?: string;
  requestTime?: string;
  lockset?: EntityKey[];
  /** Which of the lockset's entities is asked; the first when absent. */
  pos?: number;
}

/** Gives back a lock. */
export interface EntityRelease {
  parent: string;
  id: string;
}

const extension = 'Microsoft.Azure.WebJobs.Extensions.DurableTask';
const typed = (name: string): { $type: string } => ({ $type: `${extension}.${name}, ${extension}` });

export const requestText = (request: EntityRequest): string =>
  JSON.stringify({
    ...typed('RequestMessage'),
    ...request,
    ...(request.lockset && { lockset: request.lockset.map((entity) => ({ ...typed('EntityId'), ...entity })) }),
  });

export const releaseText = (release: EntityRelease): string => JSON.stringify({ ...typed('ReleaseMessage'), ...release });

/** An answer; `result` is JSON text. A failed operation's `exceptionType` is "Error", whatever it threw (recorded). */
export const responseText = (result: string | null, isError: boolean): string =>
  JSON.stringify({ ...typed('ResponseMessage'), result, ...(isError && { exceptionType: 'Error' }) });

export const lockAcquired = 'Lock Acquisition Completed';

/** The id of a request: the same whenever the same turn is computed again, in the form of the recorded ones (a name-based UUID). */
export function requestId(executionId: string, eventId: number): string {
  const hash = createHash('sha1').update(`${executionId}:${eventId}`).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
