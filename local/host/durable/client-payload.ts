/** Where the durable extension is reached; what the durable client binding and the answers of the management API are made of. */
export interface DurableUrls {
  taskHub: string;
  /** `http://host:port` of the management API. */
  origin: string;
  systemKey: string;
  /** As a request named it; "Storage" otherwise, whatever the connection is called (recorded). */
  connection?: string;
}

const webhookPath = '/runtime/webhooks/durabletask';

export interface ManagementUrls {
  id: string;
  statusQueryGetUri: string;
  sendEventPostUri: string;
  terminatePostUri: string;
  rewindPostUri?: string;
  purgeHistoryDeleteUri: string;
  restartPostUri: string;
  suspendPostUri: string;
  resumePostUri: string;
}

/** As .NET's WebUtility.UrlEncode: a space is a plus sign, and `~` and `'` are not left as they are. */
const urlEncode = (text: string): string =>
  encodeURIComponent(text).replace(/%20|[~']/g, (sign) => (sign === '%20' ? '+' : `%${sign.charCodeAt(0).toString(16).toUpperCase()}`));

/** `withRewind`: the binding's payload has it, the answer to a start has not (recorded). */
export function managementUrls(urls: DurableUrls, id: string, withRewind: boolean): ManagementUrls {
  const base = `${urls.origin}${webhookPath}/instances/${urlEncode(id)}`;
  const required = `taskHub=${urlEncode(urls.taskHub)}&connection=${urlEncode(urls.connection ?? 'Storage')}&code=${encodeURIComponent(urls.systemKey)}`;
  return {
    id,
    statusQueryGetUri: `${base}?${required}`,
    sendEventPostUri: `${base}/raiseEvent/{eventName}?${required}`,
    terminatePostUri: `${base}/terminate?reason={text}&${required}`,
    ...(withRewind && { rewindPostUri: `${base}/rewind?reason={text}&${required}` }),
    purgeHistoryDeleteUri: `${base}?${required}`,
    restartPostUri: `${base}/restart?${required}`,
    suspendPostUri: `${base}/suspend?reason={text}&${required}`,
    resumePostUri: `${base}/resume?reason={text}&${required}`,
  };
}

/** The text that a durable client binding receives. */
export function durableClientPayload(urls: DurableUrls, rpcBaseUrl: string): string {
  const base = `${urls.origin}${webhookPath}`;
  const code = `code=${encodeURIComponent(urls.systemKey)}`;
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]`;
  return JSON.stringify({
    taskHubName: urls.taskHub,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
    },
    managementUrls: managementUrls(urls, 'INSTANCEID', true),
    baseUrl: base,
    requiredQueryStringParameters: code,
    rpcBaseUrl,
    httpBaseUrl: null,
    maxGrpcMessageSizeInBytes: null,
    grpcHttpClientTimeout: null,
  });
}
