/** The app setting that names the storage account of the queues. */
export const queueConnection = 'AzureWebJobsStorage';

/** The id of the message being worked on, as the trigger's metadata has it. */
export function messageIdOf(metadata: Record<string, unknown> | undefined): string {
  const id = metadata?.['id'];
  if (typeof id !== 'string' || id === '') throw new Error('The queue trigger did not say the id of its message.');
  return id;
}
