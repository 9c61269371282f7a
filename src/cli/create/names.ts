import { createHash } from 'node:crypto';

/** Names that Azure, YAML, shells and people can all live with, made from whatever somebody wrote. Pure. */

/**
 * What stands for a name in text: letters, digits, spaces, `.`, `_`, `-`. Nothing of it means anything to YAML in a sentence, to Bicep, to a shell
 * or to a build system, whatever was written.
 */
export function labelOf(text: string): string {
  const kept = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return cut(kept, longestLabel);
}

/** Lower-case letters, digits and `-`; '' where nothing of it is left. */
export function slugOf(text: string, longest: number): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return trimDashes(trimDashes(plain).slice(0, longest));
}

/** Whole characters only: half of a pair is none. */
const cut = (text: string, longest: number): string => Array.from(text).slice(0, longest).join('').trim();

const trimDashes = (text: string): string => text.replace(/^-+|-+$/g, '');

export interface Names {
  /** As people read it. */
  label: string;
  spaceLabel: string;
  /** In slipway.yaml, of the zip, and of the folder. */
  app: string;
  space: string;
  /**
   * 2 to 60 letters, digits and `-`, unique in all of Azure (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftweb);
   * at most 32 here, since host ids are cut there.
   */
  functionApp: string;
  /** One for each app, so that removing it removes nothing else. At most 90. */
  resourceGroup: string;
}

const longestLabel = 60;
const longestApp = 25;

/** Windows takes no folder of such a name: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const usable = (slug: string): string => (/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(slug) ? `app-${slug}` : slug);

/**
 * Something of name and space can stand in a name in Azure: others are refused before. `suffix` is what makes the function app's name its own; by default six
 * digits of a hash, the same for the same name and space.
 */
export function namesOf(name: string, space: string, suffix?: string): Names {
  const [label, spaceLabel] = [labelOf(name), labelOf(space)];
  const [app, spaceSlug] = [usable(slugOf(label, longestApp)), slugOf(spaceLabel, 30)];
  const own =
    suffix ??
    createHash('sha256')
      .update(JSON.stringify([name, space]))
      .digest('hex')
      .slice(0, 6);
  return { label, spaceLabel, app, space: spaceSlug, functionApp: `${app}-${own}`, resourceGroup: `rg-${spaceSlug}-${app}` };
}

/** A sentence for each name that is another than what was said; a space for a dash and the like needs none. */
export function changedNames(said: { name: string; space: string }, { label, spaceLabel, app }: Names): string[] {
  const other = (what: string, given: string, called: string): string[] =>
    given.normalize('NFC').trim() === called
      ? []
      : [
          `The ${what} is called "${called}", which is not quite what was said: letters, digits, spaces and . _ - can stand wherever it is written, ${longestLabel} of them at most.`,
        ];
  const why = whyOther(label, app);
  return [
    ...other('project', said.name, label),
    ...other('space', said.space, spaceLabel),
    ...(why === undefined ? [] : [`Its app, zip and folder are called ${app}: ${why}.`]),
  ];
}

function whyOther(label: string, app: string): string | undefined {
  const plain = label.normalize('NFKD').replace(/\p{M}+/gu, '');
  const slug = slugOf(label, longestApp);
  if (usable(slug) !== slug) return `Windows takes no file called ${slug}`;
  if (slugOf(label, Infinity) !== app) return `${longestApp} characters at most, for what Azure calls it is longer`;
  return /[^ -~]/.test(plain) ? 'names in Azure are made of a to z, 0 to 9 and -' : undefined;
}
