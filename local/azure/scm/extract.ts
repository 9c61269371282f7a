import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

/** Unpacks a zip below `directory`. Rejects for what is no zip, or has an entry that would land outside. */
export async function extractZip(zipFile: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const root = path.resolve(directory);
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    // Names are checked and backslashes turned by yauzl itself (absolute paths and `..` are errors there); the check below stands behind it.
    yauzl.open(zipFile, { lazyEntries: true, autoClose: true }, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown): void => {
      zip.close();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    zip.on('error', fail);
    zip.on('end', resolve);
    zip.on('entry', (entry: yauzl.Entry) => {
      void writeEntry(zip, entry, root).then(() => zip.readEntry(), fail);
    });
    zip.readEntry();
  });
}

async function writeEntry(zip: yauzl.ZipFile, entry: yauzl.Entry, root: string): Promise<void> {
  const target = path.resolve(root, entry.fileName);
  if (target !== root && !target.startsWith(root + path.sep))
    throw new Error('An entry of the archive would be written outside of the app.');
  if (entry.fileName.endsWith('/')) {
    await mkdir(target, { recursive: true });
    return;
  }
  await mkdir(path.dirname(target), { recursive: true });
  const content = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
  await pipeline(content, createWriteStream(target));
}
