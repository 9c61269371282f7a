export interface BlobPath {
  container: string;
  blob: string;
}

/** @throws Error for a path that is not `container/blob`, or a blob's name that the extension refuses */
export function parseBlobPath(text: string): BlobPath {
  if (/^https?:\/\//i.test(text)) throw new Error(`The embedded host does not take a blob's address ("${text}") as a path yet.`);
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) throw new Error(`Invalid blob path "${text}". Blob paths have the form "container/blob".`);
  const blob = text.slice(slash + 1);
  if (blob.length > 1024 || blob.includes('\\')) throw new Error(`Invalid blob name "${blob}": at most 1024 characters and no backslash.`);
  return { container: text.slice(0, slash), blob };
}
