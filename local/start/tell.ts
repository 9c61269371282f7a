import type { RolloutView } from '../../src/domain/rollout-view';
import type { Folder } from './folder';

/** The fixed texts of the start. */

/** Where everything is while it runs; kept in the folder for who wants to reach it. */
export interface Running {
  slipwayUrl: string;
  inboxUrl: string;
  helloUrl: string;
  /** Connection string of the local storage account, where the queue slipway-rollouts is. */
  storage: string;
}

export const runningFile = 'running.json';

type Shown = Pick<Folder, 'shown'>;
type Addresses = Omit<Running, 'storage'>;

export const banner = (folder: Shown): string =>
  `Slipway on this laptop: local Azure, embedded host, Azurite. State is in ${folder.shown}/; Ctrl-C any time, ${commandOf(folder, 'start')} goes on.`;

export const stopped = (folder: Shown): string => `Everything has stopped. ${commandOf(folder, 'start')} goes on where it was.`;

export const heldBy = ({ shown }: Shown, { pid, startedAt }: { pid: number; startedAt: string }): string =>
  // The Swedish way of writing a time is the ISO one.
  `Another npm start holds ${shown}/: process ${pid}, since ${new Date(startedAt).toLocaleString('sv-SE', { timeZoneName: 'short' })}. End it with Ctrl-C in its terminal, or give this one a folder of its own: npm start -- --state DIR.`;

/** `more`: how many others are under way. */
export const takenUp = (more: number): string =>
  `A rollout from before is under way and is taken up again${more === 0 ? '' : `; ${more} more ${more === 1 ? 'waits' : 'wait'}`}.`;

/** Lines of columns, two spaces between them. */
function table(rows: string[][]): string[] {
  const widthOf = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widthOf(column))).join('  ')}`.trimEnd());
}

export function addresses({ slipwayUrl, inboxUrl, helloUrl }: Addresses, live: string): string[] {
  return [
    '',
    ...table([
      ['page', `${slipwayUrl}/`, 'what is live, every rollout'],
      ['inbox', inboxUrl, 'mails as people see them'],
      ['production', helloUrl, `says ${live}`],
    ]),
    '',
  ];
}

/** A command of ours, as it is typed for this folder. */
function commandOf(folder: Shown, name: string, ...options: string[]): string {
  const all = folder.shown === '.slipway' ? options : [...options, '--state', folder.shown];
  return ['npm', name, ...(all.length > 0 ? ['--'] : []), ...all].join(' ');
}

/** What can be tried once a rollout has ended, and everything stays up; commands that every shell takes as they stand. */
export function whatNext(folder: Shown, { slipwayUrl, inboxUrl, helloUrl }: Addresses, { ending }: Pick<RolloutView, 'ending'>): string[] {
  const deployed = ending?.outcome === 'deployed';
  return [
    '',
    'To try next, from another terminal or the browser:',
    ...table([
      ['what production answers', `curl ${helloUrl}`],
      ['what was recorded', `curl ${slipwayUrl}/api/rollouts`],
      ['the mails that were sent', inboxUrl],
      ['a message on the queue', commandOf(folder, 'run release')],
      ...(deployed ? [['the old version back', commandOf(folder, 'run roll-back')]] : []),
      ['everything anew', `Ctrl-C here, then ${commandOf(folder, 'start', '--fresh')}`],
    ]),
    `Storage, where the queue is: connection string in ${folder.shown}/${runningFile}.`,
    '',
  ];
}

/** The same where everything ends with the rollout. */
export const whatNextAfterwards = (folder: Shown): string[] => [
  '',
  'To try next:',
  ...table([
    ['the next version, answered by you', commandOf(folder, 'start')],
    ['everything anew', commandOf(folder, 'start', '--fresh')],
  ]),
  '',
];
