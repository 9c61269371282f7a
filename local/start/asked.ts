import { parseArgs } from 'node:util';

export const usage = `npm run release [-- VERSION] [--state DIR]
npm run roll-back [-- --state DIR]

  release        builds a version, the next one if none is named, and puts a message on the queue, as a build system does
  roll-back      takes back the last one that was deployed
  --state DIR    where npm start has it too
`;

type Asked = { kind: 'release'; version?: string; state?: string } | { kind: 'roll-back'; state?: string };

/** What is asked of a running laptop; a sentence where it can't be understood. */
export function readAsked(args: string[]): Asked | { kind: 'help' } | { kind: 'mistake'; sentence: string } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { state: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    });
    const [what, version, ...more] = positionals;
    if (values.help) return { kind: 'help' };
    if (what !== 'release' && what !== 'roll-back') return mistake('Say release or roll-back.');
    if (values.state?.trim() === '') return mistake('--state names no folder: say --state DIR, or leave it out for .slipway/.');
    if (what === 'roll-back' && version !== undefined) return mistake('roll-back takes the last one back, and names no version.');
    if (more.length > 0) return mistake(`More is said than one version: ${more.join(' ')}.`);
    const state = values.state === undefined ? {} : { state: values.state };
    return { kind: what, ...(version === undefined ? {} : { version }), ...state };
  } catch (error) {
    // Node goes on about what does not help here.
    const [first = ''] = (error as Error).message.split(/\. |\n/);
    return mistake(`${first.replace(/\.$/, '')}.`);
  }
}

const mistake = (what: string) => ({ kind: 'mistake' as const, sentence: `${what}\n\n${usage}` });
