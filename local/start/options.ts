import { parseArgs } from 'node:util';

export interface StartOptions {
  /** Announce the release by POST /api/rollouts instead of a queue message. */
  byHttp: boolean;
  /** Play the approver too, and end when the rollout has ended. */
  handsFree: boolean;
  /** Wait at the gate for a person also where there is no terminal. */
  wait: boolean;
  /** Play one rollout for each outcome, and check it. */
  tour: boolean;
  /** Throw away what an earlier start left. */
  fresh: boolean;
  /** Run Slipway from the zip that `npm run package` makes, as Azure does. */
  fromPackage: boolean;
  /** Folder of the state, where it is not `.slipway/`. */
  state?: string;
}

export const usage = `npm start [-- options]

  --hands-free   answers the approval mail itself, and ends with the rollout
  --tour         plays nine rollouts, one for each way to end, over every channel, and checks them; with --hands-free,
                 and with a state of its own that is gone afterwards
  --wait         waits at the gate for a person, also where there is no terminal
  --by-http      announces the release by POST /api/rollouts instead of a queue message
  --package      packages Slipway first, and runs the zip that a deployment would run
  --fresh        begins anew: throws away what an earlier start left
  --state DIR    keeps its state in DIR instead of .slipway/
`;

/** What the command line asks for; a sentence where it can't be understood. */
export function readOptions(args: string[]): { kind: 'start'; options: StartOptions } | { kind: 'help' } | Mistake {
  try {
    const { values } = parseArgs({
      args,
      options: {
        'by-http': { type: 'boolean', default: false },
        'hands-free': { type: 'boolean', default: false },
        wait: { type: 'boolean', default: false },
        tour: { type: 'boolean', default: false },
        package: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        state: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    if (values.state?.trim() === '') return mistake('--state names no folder: say --state DIR, or leave it out for .slipway/.');
    if (values.wait && values['hands-free'])
      return mistake('--hands-free answers by itself and --wait waits for a person: say one of them.');
    const { tour, 'hands-free': handsFree, ...others } = values;
    if (tour && (!handsFree || Object.values(others).some(Boolean)))
      return mistake('--tour goes with --hands-free and with nothing else: it plays everybody, and keeps no state.');
    return {
      kind: 'start',
      options: {
        byHttp: values['by-http'],
        handsFree: values['hands-free'],
        wait: values.wait,
        tour,
        fromPackage: values.package,
        fresh: values.fresh,
        ...(values.state === undefined ? {} : { state: values.state }),
      },
    };
  } catch (error) {
    return mistake(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}

interface Mistake {
  kind: 'mistake';
  sentence: string;
}

const mistake = (what: string): Mistake => ({ kind: 'mistake', sentence: `${what}\n\n${usage}` });
