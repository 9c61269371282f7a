import { parseArgs } from 'node:util';

export interface StartOptions {
  /** Announce the release by POST /api/rollouts instead of a queue message. */
  byHttp: boolean;
  /** Play the approver too, and end when the rollout has ended. */
  handsFree: boolean;
  /** Throw away what an earlier start left. */
  fresh: boolean;
  /** Folder of the state, where it is not `.slipway/`. */
  state?: string;
}

export const usage = `npm start [-- options]

  --hands-free   answers the approval mail itself, and ends with the rollout
  --by-http      announces the release by POST /api/rollouts instead of a queue message
  --fresh        begins anew: throws away what an earlier start left
  --state DIR    keeps its state in DIR instead of .slipway/
`;

/** What the command line asks for; a sentence where it can't be understood. */
export function readOptions(
  args: string[],
): { kind: 'start'; options: StartOptions } | { kind: 'help' } | { kind: 'mistake'; sentence: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        'by-http': { type: 'boolean', default: false },
        'hands-free': { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        state: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    return {
      kind: 'start',
      options: {
        byHttp: values['by-http'],
        handsFree: values['hands-free'],
        fresh: values.fresh,
        ...(values.state === undefined ? {} : { state: values.state }),
      },
    };
  } catch (error) {
    return { kind: 'mistake', sentence: `${error instanceof Error ? error.message.split('\n')[0] : String(error)}\n\n${usage}` };
  }
}
