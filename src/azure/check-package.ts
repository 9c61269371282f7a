import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';

/** An archive's directory is read whole; more entries than this is no function app. */
const mostEntries = 100_000;
/** What a plan's storage holds at least where it has slots; a package itself is at most a tenth of it. */
const mostUnpackedBytes = 10 * 1024 ** 3;
const longestLinkBytes = 4096;

/**
 * Why a file is no package of a function app; undefined where it is one. Reads the directory and where links lead; unpacks nothing, so what
 * an archive says of its sizes is believed: the slot that unpacks it holds it to them.
 */
export function whyNotAPackage(file: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    yauzl.open(file, { lazyEntries: true, autoClose: true }, (error, archive) => {
      if (error) return resolve(`It is no zip archive: ${error.message}`);
      let hasHostJson = false;
      let folder: string | undefined;
      let unpackedBytes = 0;
      const end = (why: string | undefined): void => {
        archive.close();
        resolve(why);
      };
      if (archive.entryCount > mostEntries)
        return end(`It has ${archive.entryCount} entries, more than ${mostEntries}. Leave out what the app does not need.`);
      // yauzl refuses absolute paths and `..` by itself.
      archive.on('error', (broken: Error) => end(`Its directory is broken: ${broken.message}`));
      archive.on('entry', (entry: yauzl.Entry) => {
        const { fileName } = entry;
        unpackedBytes += entry.uncompressedSize;
        if (unpackedBytes > mostUnpackedBytes)
          return end(`It would unpack to more than ${mostUnpackedBytes / 1024 ** 3} GB. Leave out what the app does not need.`);
        if (fileName === 'host.json') hasHostJson = true;
        folder ??= /^([^/]+)\/host\.json$/.exec(fileName)?.[1];
        if (!isLink(entry)) return archive.readEntry();
        whyNotALink(archive, entry).then(
          (why) => (why === undefined ? archive.readEntry() : end(why)),
          () => end(`Its link "${shown(fileName)}" can't be read. Zip what it leads to instead.`),
        );
      });
      archive.on('end', () => {
        if (hasHostJson) return end(undefined);
        end(
          folder === undefined
            ? 'It has no host.json at its root. Zip what the function app needs, host.json at the root.'
            : `Its host.json lies in "${folder}/". Zip the content of that folder, not the folder.`,
        );
      });
      archive.readEntry();
    });
  });
}

/** Made on a system that has them, and marked as one (S_IFLNK of its file mode). */
const isLink = ({ versionMadeBy, externalFileAttributes }: yauzl.Entry): boolean =>
  versionMadeBy >>> 8 === 3 && ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;

/** A link within the package is as good as what it leads to; one that leads out would show, or overwrite, what is not the package's. */
async function whyNotALink(archive: yauzl.ZipFile, entry: yauzl.Entry): Promise<string | undefined> {
  const outside = `Its link "${shown(entry.fileName)}" leads outside of it. Zip what it leads to instead.`;
  if (entry.uncompressedSize > longestLinkBytes) return outside;
  const to = (await buffer(await archive.openReadStreamPromise(entry))).toString('utf8').replaceAll('\\', '/');
  if (path.posix.isAbsolute(to) || /^[a-z]:/i.test(to)) return outside;
  return path.posix.join(path.posix.dirname(entry.fileName), to).split('/')[0] === '..' ? outside : undefined;
}

const shown = (name: string): string => name.replace(/\p{Cc}/gu, '?').slice(0, 200);
