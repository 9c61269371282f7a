import { readReceipts, readRows, type ReceiptReader } from './evidence';
import { gist, violations, type Case, type Evidence, type Sample } from './judgement';

/**
 * The judge: a process of its own, which looks at production's address, at the notes of the stand-ins and at storage. It never asks Slipway, and is
 * told by the harness only what was asked for and what a person clicked.
 */
export type ToJudge =
  | { kind: 'begin'; azureDirectory: string; productionUrl: string; storage: string; ledgerKeys: string }
  | { kind: 'sample'; atMs?: number }
  | { kind: 'approved'; atMs: number; version: string }
  | { kind: 'judge'; expected: Case };

export interface Verdict {
  violations: string[];
  gist: Record<string, unknown>;
}

interface Trial {
  reader: ReceiptReader;
  mark: number;
  productionUrl: string;
  storage: string;
  ledgerKeys: { id: string; key: Uint8Array }[];
  samples: Sample[];
  approvals: Evidence['approvals'];
}

let trial: Trial | undefined;

async function heed(message: ToJudge): Promise<unknown> {
  if (message.kind === 'begin') {
    trial?.reader.close();
    const reader = readReceipts(message.azureDirectory);
    const { productionUrl, storage } = message;
    trial = { reader, mark: reader.mark(), productionUrl, storage, ledgerKeys: keysOf(message.ledgerKeys), samples: [], approvals: [] };
    return {};
  }
  if (!trial) throw new Error('The judge was asked before a trial began.');
  switch (message.kind) {
    case 'sample': {
      const served = await look(trial.productionUrl);
      trial.samples.push({ atMs: message.atMs ?? Date.now(), served });
      return {};
    }
    case 'approved':
      trial.approvals.push({ atMs: message.atMs, version: message.version });
      return {};
    case 'judge': {
      const { reader, mark, samples, approvals, ledgerKeys } = trial;
      const evidence: Evidence = { samples, approvals, ledgerKeys, receipt: reader.since(mark), rows: await readRows(trial.storage) };
      return { violations: violations(message.expected, evidence), gist: gist(evidence) } satisfies Verdict;
    }
  }
}

async function look(url: string): Promise<string> {
  try {
    const answer = await fetch(`${url}/api/hello`);
    return answer.ok ? ((await answer.json()) as { version: string }).version : `status ${answer.status}`;
  } catch (error) {
    return `no answer (${error instanceof Error ? error.message : String(error)})`;
  }
}

const keysOf = (text: string): { id: string; key: Uint8Array }[] =>
  text.split(',').map((one) => {
    const [id = '', key = ''] = one.split(':');
    return { id, key: new Uint8Array(Buffer.from(key, 'base64url')) };
  });

process.on('message', ({ n, message }: { n: number; message: ToJudge }) => {
  heed(message).then(
    (answer) => process.send?.({ n, answer }),
    (error: unknown) => process.send?.({ n, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
