import { versionPattern } from '../../src/domain/release';
import { parse } from 'yaml';
import { asksVersion } from '../../src/domain/judge-probe';
import { readSettings, describeMistakes } from '../../src/domain/read-settings';
import { environmentOf, placesOf, type Policy, type Settings, type Target } from '../../src/domain/settings';
import { sayDuration } from '../../src/domain/say';

export interface Rehearsal {
  app: string;
  environment: string;
  target: Target;
  policy: Policy;
  /** slipway.yaml as it is rehearsed with; JSON is YAML too. */
  text: string;
  /** What is otherwise than in the file, in words. */
  changed: string[];
}

/** Longer than this nobody waits in a rehearsal. Seconds. */
const most = { watch: 8, every: 1, window: 4, settle: 10, budget: 30, poll: 1, gatePoll: 5 };

/** What there is in the local Jira: a request type with an approval, and its workflow. */
export const localJira = {
  ...{ serviceDesk: '4', requestType: '17', readyIn: ['Awaiting implementation', 'Implementing'], fields: {} },
  transitions: { begin: 'Start implementation', successful: 'Complete', unsuccessful: 'Fail', cancel: 'Cancel' },
};

const localJiraAlone =
  "the Jira asked is the local one, with its own service desk, request type, statuses, transitions and fields: the file's are not tried";

/** Reads slipway.yaml for a rehearsal. Throws every mistake at once, a sentence a line. */
export function rehearsalOf(file: string, text: string, wanted: { app?: string | undefined; environment: string }): Rehearsal {
  const read = readSettings(text);
  if (read.kind === 'mistakes') throw new Error(describeMistakes(file, read.mistakes).join('\n'));
  const { settings } = read;
  const app = wanted.app ?? onlyApp(settings);
  const found = environmentOf(settings, app, wanted.environment);
  if (!found) {
    const known = placesOf(settings).map((place) => `${place.app} --to ${place.environment}`);
    throw new Error(`${file} names no environment "${wanted.environment}" of an app "${app}". It names: ${known.join(', ')}.`);
  }
  const policyName = settings.apps[app]?.environments[wanted.environment]?.policy ?? '';
  const written = parse(text) as { policies: Record<string, Record<string, unknown> | null>; outgoing?: object; [key: string]: unknown };
  const { policy, changed } = quick(written.policies[policyName] ?? {}, found.policy);
  const rehearsed = {
    ...written,
    outgoing: { ...written.outgoing, loopback: true },
    policies: { ...written.policies, [policyName]: policy },
  };
  return { app, environment: wanted.environment, ...found, text: JSON.stringify(rehearsed), changed };
}

/** What the version is called: whoever asks the app for it must have been told. Throws a sentence. */
export function versionOf({ checks }: Pick<Policy, 'checks'>, given: string | undefined): string {
  if (given !== undefined) {
    if (versionPattern.test(given)) return given;
    throw new Error('--release is no version. Write letters, digits and . _ + -, such as 2.0.0.');
  }
  const asking = checks.find(asksVersion);
  if (asking === undefined) return 'rehearsal';
  throw new Error(
    `The check "${asking.name}" wants the app to say its version, and --release does not say which that is. Say the one that the package was built as, such as --release 2.0.0.`,
  );
}

function onlyApp({ apps }: Settings): string {
  const names = Object.keys(apps);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new Error(`Say which app is to be rehearsed: ${names.join(', ') || 'slipway.yaml names none yet'}.`);
}

type Written = Record<string, unknown>;

/** The policy with times that a rehearsal can wait for, and a proof that can be played. */
function quick(written: Written, policy: Policy): { policy: Written; changed: string[] } {
  const changed: string[] = [];
  const shorter = (what: string, seconds: number, limit: number): number => {
    if (seconds > limit) changed.push(`${what} ${sayDuration(limit * 1000)} instead of ${sayDuration(seconds * 1000)}`);
    return Math.min(seconds, limit);
  };
  const { watch, swap, deployment } = policy;
  const watchFor = shorter('production is watched for', watch.for, most.watch);
  const settle = shorter('a lost answer is waited for', swap.settle, most.settle);
  const budget = shorter('checks are tried for', Math.max(0, ...policy.checks.map((check) => check.budgetSeconds)), most.budget);
  if (policy.gates.some((gate) => 'proof' in gate && gate.proof !== 'link')) changed.push('gates take a link for proof');
  if (policy.gates.some((gate) => gate.kind === 'jira')) changed.push(localJiraAlone);
  const gates = (written['gates'] as Written[] | undefined)?.map((gate, n) => quickGate(gate, policy.gates[n]));
  const checks = (written['checks'] as Written[] | undefined)?.map((check, n) => ({
    ...check,
    budget: Math.min(policy.checks[n]?.budgetSeconds ?? budget, budget),
  }));
  return {
    changed,
    policy: {
      ...written,
      ...(gates === undefined ? {} : { gates }),
      ...(checks === undefined ? {} : { checks }),
      watch: {
        ...(written['watch'] as Written | undefined),
        for: watchFor,
        every: Math.min(watch.every, most.every),
        window: Math.min(watch.window, most.window),
      },
      swap: { settle, poll: Math.min(swap.poll, most.poll) },
      deployment: { ...(written['deployment'] as Written | undefined), poll: Math.min(deployment.poll, most.poll) },
    },
  };
}

function quickGate(written: Written, gate: Policy['gates'][number] | undefined): Written {
  switch (gate?.kind) {
    case 'servicenow':
      return { ...written, poll: Math.min(gate.poll, most.gatePoll) };
    case 'jira':
      return { ...written, ...localJira, poll: Math.min(gate.poll, most.gatePoll) };
    default:
      return 'proof' in written ? { ...written, proof: 'link' } : written;
  }
}
