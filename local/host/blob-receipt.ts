import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { isNotFound } from './storage-answer';

/** Where the extension keeps what a host has treated, in the account of AzureWebJobsStorage. */
export const hostsContainer = 'azure-webjobs-hosts';

const leaseSeconds = 30;

export interface BlobVersion {
  hostId: string;
  functionId: string;
  container: string;
  blob: string;
  etag: string;
}

/**
 * Runs `enqueue` once for a version of a blob, however many hosts see it and whenever they die: a receipt blob is made first, leased, and marked as
 * complete after. Answers false if somebody else has it just now, so that it is tried again.
 */
export async function onceFor(hosts: ContainerClient, version: BlobVersion, enqueue: () => Promise<void>): Promise<boolean> {
  const { hostId, functionId, etag, container, blob } = version;
  const receipt = hosts.getBlockBlobClient(`blobreceipts/${hostId}/${functionId}/${etag}/${container}/${blob}`);
  const before = await isComplete(receipt);
  if (before) return true;
  if (before === undefined && !(await make(hosts, receipt))) return false;
  const lease = receipt.getBlobLeaseClient();
  try {
    await lease.acquireLease(leaseSeconds);
  } catch (error) {
    if (isNotFound(error) || (error as { statusCode?: unknown }).statusCode === 409) return false;
    throw error;
  }
  try {
    if (await isComplete(receipt)) return true;
    await enqueue();
    await receipt.setMetadata({}, { conditions: { leaseId: lease.leaseId } });
    return true;
  } finally {
    // It runs out by itself if this fails.
    await lease.releaseLease().catch(() => {});
  }
}

/** Undefined if there is no receipt. */
async function isComplete(receipt: BlockBlobClient): Promise<boolean | undefined> {
  try {
    const { metadata = {} } = await receipt.getProperties();
    return !Object.keys(metadata).some((name) => name.toLowerCase() === 'incomplete');
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function make(hosts: ContainerClient, receipt: BlockBlobClient): Promise<boolean> {
  await hosts.createIfNotExists();
  try {
    await receipt.upload('', 0, { conditions: { ifNoneMatch: '*' }, metadata: { Incomplete: 'Incomplete' } });
    return true;
  } catch (error) {
    const { statusCode } = error as { statusCode?: unknown };
    if (statusCode === 409 || statusCode === 412) return false;
    throw error;
  }
}
