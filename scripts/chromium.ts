import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Where a Chromium lies on this system, by its package or its installer. */
const usualPlaces: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/snap/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/microsoft-edge'],
  darwin: ['Chromium', 'Google Chrome', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`),
  win32: ['C:\\Program Files\\', 'C:\\Program Files (x86)\\'].flatMap((folder) => [
    `${folder}Google\\Chrome\\Application\\chrome.exe`,
    `${folder}Microsoft\\Edge\\Application\\msedge.exe`,
  ]),
};

const canRun = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * The browser that pages are tried in: the one that CHROMIUM names, or else one where its package puts it.
 * @throws Error that says what to do where there is none
 */
export function findChromium(environment: NodeJS.ProcessEnv = process.env, system: NodeJS.Platform = process.platform): string {
  const named = environment['CHROMIUM'];
  if (named) {
    if (canRun(named)) return path.resolve(named);
    throw new Error(`CHROMIUM names ${named}, which can't be run. Name the program of a Chromium, Chrome or Edge, or unset it.`);
  }
  const found = usualPlaces[system]?.find(canRun);
  if (found) return found;
  throw new Error(
    `There is no Chromium on this machine: looked for ${(usualPlaces[system] ?? ['nothing, this system is not known']).join(', ')}. ` +
      'Install one (Debian and Ubuntu: apt-get install chromium), or name a Chromium, Chrome or Edge that is elsewhere in the variable CHROMIUM.',
  );
}
