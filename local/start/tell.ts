import type { RolloutView } from '../../src/domain/rollout-view';

/** The fixed texts of the start. */

interface Addresses {
  slipwayUrl: string;
  inboxUrl: string;
  helloUrl: string;
}

export const banner = (folder: string): string =>
  `Slipway on this laptop: local Azure, embedded host, Azurite. State is in ${folder}/; Ctrl-C any time, npm start goes on.`;

export function addresses({ slipwayUrl, inboxUrl, helloUrl }: Addresses, live: string | undefined): string[] {
  const line = (name: string, url: string, what: string) => `  ${name.padEnd(11)} ${url.padEnd(37)} ${what}`;
  return [
    '',
    line('rollouts', `${slipwayUrl}/api/rollouts`, 'every rollout, as JSON'),
    line('inbox', inboxUrl, 'mails as people would see them'),
    line('production', helloUrl, live === undefined ? 'does not answer' : `says ${live}`),
    '',
  ];
}

/** What can be tried once the rollout has ended; commands that every shell takes as they stand. */
export function whatNext({ slipwayUrl, inboxUrl, helloUrl }: Addresses, { id, ending }: Pick<RolloutView, 'id' | 'ending'>): string[] {
  const post = (url: string) => `curl -X POST ${url} -H "content-type: application/json" -d "{\\"reason\\":\\"trying it\\"}"`;
  return [
    '',
    'To try next, from another terminal or the browser:',
    `  what production answers     curl ${helloUrl}`,
    `  what was recorded           curl ${slipwayUrl}/api/rollouts/${id}`,
    `  the mails that were sent    ${inboxUrl}`,
    ...(ending?.outcome === 'deployed' ? [`  bring the old one back      ${post(`${slipwayUrl}/api/rollouts/${id}/roll-back`)}`] : []),
    '  the next version            Ctrl-C here, then npm start (with -- --by-http: asked for over HTTP)',
    '  everything anew             Ctrl-C here, then npm start -- --fresh',
    '',
  ];
}
