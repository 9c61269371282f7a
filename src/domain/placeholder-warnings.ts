import type { BrokenRule } from './broken-rule';
import type { GatePolicy, Settings } from './settings';

type Path = BrokenRule['path'];

/**
 * What an example or a new project has in the place of one's own. Nothing is said where releases may lead to the machine itself: there nothing is
 * Azure's, and all mail goes to the local inbox.
 */
export function placeholderWarnings({ azure, outgoing, people, apps, policies }: Settings): BrokenRule[] {
  if (outgoing.loopback) return [];
  const subscriptions: [Path, string | undefined][] = [
    [['azure', 'subscription'], azure.subscription],
    ...Object.entries(apps).flatMap(([app, { environments }]) =>
      Object.entries(environments).map(([name, { subscription }]): [Path, string | undefined] => [
        ['apps', app, 'environments', name, 'subscription'],
        subscription,
      ]),
    ),
  ];
  const addresses: [Path, readonly string[]][] = [
    ...Object.entries(people).map(([audience, entries]): [Path, readonly string[]] => [['people', audience], entries]),
    ...Object.entries(policies).flatMap(([name, { gates, revert, hotfix }]) => [
      ...approversAt(['policies', name, 'gates'], gates),
      ...approversAt(['policies', name, 'revert', 'gates'], revert.gates),
      ...approversAt(['policies', name, 'hotfix', 'gates'], hotfix?.gates ?? []),
    ]),
  ];
  return [
    ...subscriptions.flatMap(([path, id]) => (id !== undefined && isNoId(id) ? [{ path, message: noSubscription }] : [])),
    ...addresses.flatMap(([path, entries]) => (entries.some(isExample) ? [{ path, message: noPerson }] : [])),
  ];
}

const noSubscription = 'is the id of no subscription; write yours, as az account show --query id --output tsv prints it';
const noPerson = 'holds an address of an example, at which nobody reads; write who is meant';

const isNoId = (id: string): boolean => /^[0-]+$/.test(id);

/** Names that belong to nobody, for documentation: https://www.rfc-editor.org/rfc/rfc2606 */
const isExample = (entry: string): boolean => /@(?:[a-z0-9-]+\.)*(?:example\.(?:com|net|org)|example|invalid)$/i.test(entry);

const approversAt = (path: Path, gates: readonly GatePolicy[]): [Path, readonly string[]][] =>
  gates.flatMap((gate, n): [Path, readonly string[]][] =>
    'approvers' in gate
      ? [
          [[...path, n, 'approvers'], gate.approvers],
          [[...path, n, 'groups'], (gate.groups ?? []).map(({ mail }) => mail)],
          [[...path, n, 'escalate', 'to'], gate.escalate?.to ?? []],
        ]
      : [],
  );
