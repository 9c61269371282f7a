import yauzl from 'yauzl';

/** An archive's directory is read whole; more entries than this is no function app. */
const mostEntries = 100_000;

/** Why a file is no package of a function app; undefined where it is one. Reads the directory, unpacks nothing. */
export function whyNotAPackage(file: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    yauzl.open(file, { lazyEntries: true, autoClose: true }, (error, archive) => {
      if (error) return resolve(`It is no zip archive: ${error.message}`);
      let hasHostJson = false;
      let folder: string | undefined;
      const end = (why: string | undefined): void => {
        archive.close();
        resolve(why);
      };
      if (archive.entryCount > mostEntries)
        return end(`It has ${archive.entryCount} entries, more than ${mostEntries}. Leave out what the app does not need.`);
      // yauzl refuses absolute paths and `..` by itself.
      archive.on('error', (broken: Error) => end(`Its directory is broken: ${broken.message}`));
      archive.on('entry', ({ fileName }: yauzl.Entry) => {
        if (fileName === 'host.json') hasHostJson = true;
        folder ??= /^([^/]+)\/host\.json$/.exec(fileName)?.[1];
        archive.readEntry();
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
