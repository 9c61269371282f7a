import type { TokenCredential } from '@azure/identity';

/** The storage account Slipway keeps its rows and packages in: a connection string on the laptop, an identity in Azure. */
export type StorageConnection =
  { kind: 'connection-string'; text: string } | { kind: 'identity'; tablesUrl: string; blobsUrl: string; credential: TokenCredential };

/**
 * Reads the Functions host's own storage settings: `AzureWebJobsStorage` (connection string), or `AzureWebJobsStorage__accountName`,
 * or `AzureWebJobsStorage__tableServiceUri` and `AzureWebJobsStorage__blobServiceUri`. Throws a sentence when none is there.
 */
export function storageConnection(environment: Record<string, string | undefined>, credential: TokenCredential): StorageConnection {
  const text = environment['AzureWebJobsStorage'];
  if (text) return { kind: 'connection-string', text };
  const account = environment['AzureWebJobsStorage__accountName'];
  const tablesUrl = environment['AzureWebJobsStorage__tableServiceUri'] ?? (account && `https://${account}.table.core.windows.net`);
  const blobsUrl = environment['AzureWebJobsStorage__blobServiceUri'] ?? (account && `https://${account}.blob.core.windows.net`);
  if (!tablesUrl || !blobsUrl)
    throw new Error(
      'No storage account is named. Set AzureWebJobsStorage to a connection string, or AzureWebJobsStorage__accountName to an account that the identity may use.',
    );
  return { kind: 'identity', tablesUrl, blobsUrl, credential };
}

/** Azurite and other stand-ins on this machine speak plain http; nothing else may. */
export const isOnThisMachine = (connectionString: string): boolean =>
  /usedevelopmentstorage=true/i.test(connectionString) ||
  /Endpoint=http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]/i.test(connectionString);
