import type { Instances } from '../../src/azure/instances';
import type { MailMessage, MailSender } from '../../src/azure/mail';
import { createOutgoing } from '../../src/azure/outgoing';
import type { Keys, Ports } from '../../src/azure/ports';
import type { GateRow } from '../../src/domain/gate';
import type { SendAnswer } from '../../src/domain/judge-delivery';
import type { NoticeRow } from '../../src/domain/notice';
import type { GoPlan } from '../../src/domain/plan';
import type { RolloutRow } from '../../src/domain/rollout';
import { settingsSchema } from '../../src/domain/settings';
import { gateKey, rolloutKey } from '../../src/domain/tables';
import { rowsInMemory } from '../rows-in-memory';

export const opened = Date.UTC(2026, 0, 5, 9);
export const iso = (seconds: number): string => new Date(opened + seconds * 1000).toISOString();
export const digest = '9c1e07d2ab41'.padEnd(64, '0');
export const rolloutId = 'hello-production-2-0-0-4f1a09c2';
export const ann = 'ann@example.com';
export const ben = 'ben@example.com';

const keyOf = (id: string, fill: number) => ({ id, key: new Uint8Array(32).fill(fill) });
export const keys: Keys = [keyOf('k2', 2), keyOf('k1', 1)];

export const settings = settingsSchema.parse({
  azure: { subscription: 'sub', resourceGroup: 'rg' },
  people: { team: ['team@example.com', 'Ann@example.com'], 'on-call': [ann, 'night@example.com'] },
  apps: { hello: { environments: { production: { functionApp: 'hello-production', policy: 'careful' } } } },
  policies: { careful: { gates: [{ name: 'release', kind: 'signed-link', approvers: [ann, ben] }] } },
});

const policy = settings.policies['careful'];
if (!policy) throw new Error('The policy is named above.');

const slot = {
  marker: null,
  content: { kind: 'empty' },
  swapStatus: null,
  operationInProgress: false,
  running: true,
  hostName: 'h',
} as const;

export const plan: GoPlan = {
  kind: 'go',
  way: 'zip-push',
  adopts: false,
  replaces: { marker: null, version: '1.0.0' },
  gates: policy.gates,
  combine: 'all',
  policy,
  standstills: [],
  policyHash: 'abcdef012345'.padEnd(64, '6'),
  live: { production: slot, staging: slot },
  sentence: 'goes',
  madeAt: iso(-60),
};

export const rollout: RolloutRow = {
  v: 1,
  id: rolloutId,
  app: 'hello',
  environment: 'production',
  kind: 'deploy',
  release: {
    version: '2.0.0',
    sha256: digest,
    commit: 'c0ffee1',
    buildUrl: 'https://build.example.com/7',
    functions: [],
    settingNames: ['COLOUR'],
  },
  requester: { name: 'ada', verified: true, via: 'http' },
  admittedAt: iso(-90),
  starter: 's',
  phase: 'asking',
  round: 7,
  phases: [
    { phase: 'staging', startedAt: iso(-50), endedAt: iso(-47), note: 'hello-2.0.0.zip, 41 kB' },
    { phase: 'asking', startedAt: iso(0) },
  ],
  plan,
  checks: [
    { name: 'says hello', verdict: 'healthy', seen: '200', tries: [{ at: iso(-20), verdict: 'healthy', latencyMs: 412, seen: '200' }] },
  ],
  ask: { state: 'open', openedAt: iso(0), expiresAt: iso(3600), decisions: [] },
  lastWriteAt: iso(0),
};

export const gate: GateRow = {
  v: 1,
  gate: 'release',
  kind: 'signed-link',
  rolloutId,
  proof: 'link',
  needed: 1,
  approvers: [
    { address: ann, mailNumber: 1, wrongCodes: 0 },
    { address: ben, mailNumber: 1, wrongCodes: 0 },
  ],
  keyId: 'k2',
  digest,
  openedAt: iso(0),
  expiresAt: iso(3600),
};

export const subject = { rolloutId, gate: 'release', approver: ann, mailNumber: 1, digest, expiresAt: iso(3600) };

export interface World {
  ports: Pick<
    Ports,
    | 'rows'
    | 'clock'
    | 'settings'
    | 'linkKeys'
    | 'ledgerKeys'
    | 'publicUrl'
    | 'mail'
    | 'channels'
    | 'services'
    | 'outgoing'
    | 'sms'
    | 'mailBudget'
  >;
  instances: Instances;
  started: { orchestrator: string; instanceId: string; input: object }[];
  woken: { instanceId: string; round: number }[];
  sent: { message: MailMessage; operationId: string }[];
  /** What the mail service answers next; `sent` when there is nothing. */
  answers: SendAnswer[];
  setTime(seconds: number): void;
  put(row?: Partial<RolloutRow>, gateRow?: Partial<GateRow>): Promise<void>;
  row(): Promise<RolloutRow>;
  gate(): Promise<GateRow>;
  notices(): Promise<NoticeRow[]>;
}

/** One rollout at its gate, in memory. */
export function world(linkKeys: Keys = keys): World {
  const rows = rowsInMemory();
  let now = opened + 60_000;
  const started: World['started'] = [];
  const woken: World['woken'] = [];
  const sent: World['sent'] = [];
  const answers: SendAnswer[] = [];
  const mail: MailSender = {
    async send(message, operationId) {
      await Promise.resolve();
      const answer = answers.shift() ?? { kind: 'sent' };
      if (answer.kind === 'sent') sent.push({ message, operationId });
      return answer;
    },
  };
  const instances: Instances = {
    async start(orchestrator, instanceId, input) {
      await Promise.resolve();
      started.push({ orchestrator, instanceId, input });
    },
    async wake(instanceId, round) {
      await Promise.resolve();
      woken.push({ instanceId, round });
    },
    status: () => Promise.resolve('running'),
    terminate: () => Promise.resolve(),
  };
  const read = async <T>(key: string): Promise<T> => {
    const found = await rows.read<T>(rolloutId, key);
    if (!found) throw new Error(`There is no row ${key}.`);
    return found.value;
  };
  return {
    ports: {
      rows,
      settings,
      linkKeys,
      ledgerKeys: keys,
      publicUrl: 'http://127.0.0.1:7071',
      mail,
      mailBudget: { perHour: 100, keptForFailures: 30 },
      sms: { send: () => Promise.reject(new Error('No channel of this world sends texts.')) },
      channels: {},
      services: { logins: {}, endpoints: {} },
      outgoing: createOutgoing(settings.outgoing),
      clock: { now: () => now, sleep: () => Promise.resolve() },
    },
    instances,
    started,
    woken,
    sent,
    answers,
    setTime: (seconds) => {
      now = opened + seconds * 1000;
    },
    async put(row = {}, gateRow = {}) {
      await rows.write([
        { kind: 'insert', partition: rolloutId, row: rolloutKey, value: { ...rollout, ...row } },
        { kind: 'insert', partition: rolloutId, row: gateKey(gate.gate), value: { ...gate, ...gateRow } },
      ]);
    },
    row: () => read<RolloutRow>(rolloutKey),
    gate: () => read<GateRow>(gateKey(gate.gate)),
    notices: async () => (await rows.list<NoticeRow>(rolloutId, 'notice-')).map(({ value }) => value),
  };
}
