import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

/** As much as a plan's storage holds at least where it has slots. */
const mostUnpackedBytes = 10 * 1024 ** 3;

/** Unpacks a zip below `directory`, of sizes that are what its own directory says. Rejects for what is no zip, or has an entry that would land outside. */
export async function extractZip(zipFile: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const root = path.resolve(directory);
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    // Names are checked and backslashes turned by yauzl itself (absolute paths and `..` are errors there); the check below stands behind it.
    yauzl.open(zipFile, { lazyEntries: true, autoClose: true }, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  let unpackedBytes = 0;
  await new Promise<void>((resolve, reject) => {
    const fail = (error: unknown): void => {
      zip.close();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    zip.on('error', fail);
    zip.on('end', resolve);
    zip.on('entry', (entry: yauzl.Entry) => {
      unpackedBytes += entry.uncompressedSize;
      if (unpackedBytes > mostUnpackedBytes) return fail(new Error('There is not enough space on the disk.'));
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
