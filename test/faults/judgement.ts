import { verifyChain, type LedgerEntry, type LedgerHead } from '../../src/domain/ledger';
import type { LaneRow } from '../../src/domain/lane';
import type { NoticeRow } from '../../src/domain/notice';
import type { RolloutRow } from '../../src/domain/rollout';
import type { DecisionRow } from '../../src/domain/gate';
import type { Receipt, StoredRow } from './evidence';

/** What must have become of one rollout. */
export interface Expected {
  version: string;
  outcome: string;
  /** Swap requests of it that may reach Azure; each is to be applied. */
  swaps: number;
  pushes: number;
  decisions: string[];
  /** What ServiceNow was told of it, where a gate is answered there; absent: nothing. */
  change?: { state: string; code: string; decisions: string[] };
  /** Likewise Jira. */
  request?: { status: string; decisions: string[] };
  /** `<first words of the subject> > <recipient>`; how often at least and at most. */
  mails: Record<string, [number, number]>;
}

export interface Case {
  app: string;
  rollouts: Expected[];
  /** Versions that production must have served, one after the other. */
  served: string[];
  lane: LaneRow['state'];
  /** Mails that belong to no rollout, as above. */
  otherMails: Record<string, [number, number]>;
}

export interface Sample {
  atMs: number;
  /** The version that production answered, or what it answered instead. */
  served: string;
}

export interface Evidence {
  samples: Sample[];
  /** When an approver said yes to a version. */
  approvals: { atMs: number; version: string }[];
  receipt: Receipt;
  rows: StoredRow[];
  ledgerKeys: readonly { id: string; key: Uint8Array }[];
}

/** Every promise that the evidence breaks, as a sentence; none if all was kept. Pure. */
export function violations(expected: Case, evidence: Evidence): string[] {
  const rollouts = evidence.rows.filter(({ row }) => row === 'rollout').map(({ value }) => value as RolloutRow);
  const found = [
    ...servedWrong(expected, evidence),
    ...expected.rollouts.flatMap((one) => {
      const mine = rollouts.filter(({ release }) => release.version === one.version);
      const [row] = mine;
      return row && mine.length === 1
        ? rolloutWrong(one, row, evidence)
        : [`${mine.length} rollouts of ${one.version} were admitted instead of one.`];
    }),
  ];
  if (rollouts.length > expected.rollouts.length)
    found.push(`${rollouts.length} rollouts were admitted, and ${expected.rollouts.length} asked for.`);
  const ids = rollouts.map(({ id }) => id);
  const others = evidence.receipt.mails.filter((mail) => !ids.some((id) => isAbout(mail, id)));
  return [
    ...found,
    ...mailsWrong('messages', expected.otherMails, others),
    ...postsWrong(expected, evidence),
    ...laneWrong(expected, evidence),
  ];
}

/** A mail names other rollouts too (what took its place, what it takes back), and in its facts the one that it is about. */
const isAbout = ({ plainText = '' }: Receipt['mails'][number], id: string): boolean => new RegExp(`^Rollout: ${id}$`, 'm').test(plainText);

const inTurn = (samples: readonly Sample[]): string[] => samples.map(({ served }) => served).filter((one, n, all) => one !== all[n - 1]);

function servedWrong({ served }: Case, { samples, approvals, receipt }: Evidence): string[] {
  const found: string[] = [];
  const seen = inTurn(samples);
  if (JSON.stringify(seen) !== JSON.stringify(served))
    found.push(`Production served ${seen.join(', ')}; it should have been ${served.join(', ')}.`);
  const [before] = served;
  for (const version of new Set(served.filter((one) => one !== before && !one.startsWith('status ')))) {
    const first = samples.find((sample) => sample.served === version);
    const approved = approvals.find((approval) => approval.version === version);
    if (first && (!approved || first.atMs < approved.atMs)) found.push(`Production served ${version} before anybody had said yes to it.`);
    const switched = receipt.swaps.flatMap(({ phases }) => phases).find(({ name }) => name === 'routing switched');
    if (first && (!switched || first.atMs < switched.atMs)) found.push(`Production served ${version} before a swap had switched to it.`);
  }
  return found;
}

function rolloutWrong(expected: Expected, row: RolloutRow, evidence: Evidence): string[] {
  const { receipt, rows } = evidence;
  const found: string[] = [];
  const say = (isWrong: boolean, sentence: string): void => {
    if (isWrong) found.push(`${row.id}: ${sentence}`);
  };
  say(
    row.ending?.outcome !== expected.outcome,
    `it ended ${row.ending?.outcome ?? 'never'} (${row.ending?.reason ?? `is ${row.phase}`}); ${expected.outcome} was due.`,
  );
  say(row.phase !== 'done', `it is ${row.phase} at the end.`);
  say(!isFound(row, rows), 'it is neither open nor among what ended, in its lane and at all: nobody finds it.');

  const ledger = rows.filter(({ row: key }) => key.startsWith('ledger-')).map(({ value }) => value as LedgerEntry);
  const deeds = (kind: string): LedgerEntry[] => ledger.filter((entry) => entry.kind === kind && entry.data['rolloutId'] === row.id);
  say(deeds('ended').length !== 1, `the ledger tells of ${deeds('ended').length} ends.`);
  say(
    deeds('ended').some(({ data }) => data['outcome'] !== row.ending?.outcome),
    'ledger and row name different outcomes.',
  );
  say(deeds('admitted').length !== 1, `the ledger tells of ${deeds('admitted').length} admissions.`);

  const decided = deeds('decision').map(({ data }) => `${String(data['approver'])} ${String(data['answer'])}`);
  const kept = rows
    .filter(({ partition, row: key }) => partition === row.id && key.startsWith('decision-'))
    .map(({ value }) => value as DecisionRow)
    .map(({ approver, answer }) => `${approver} ${answer}`);
  const given = [...expected.decisions, ...(expected.change?.decisions ?? []), ...(expected.request?.decisions ?? [])];
  say(
    String(decided) !== String(given),
    `the ledger has decisions ${decided.join(', ') || 'of nobody'}; ${given.join(', ') || 'none'} was given.`,
  );
  say(String(kept) !== String(expected.decisions), `its rows have decisions ${kept.join(', ') || 'of nobody'}.`);

  const pushes = receipt.pushes.filter(({ message }) => message?.startsWith(`${row.id}.`));
  say(pushes.length !== expected.pushes, `${pushes.length} pushes reached SCM instead of ${expected.pushes}.`);
  say(new Set(pushes.map(({ message }) => message)).size !== pushes.length, 'one push was made twice.');
  const attempts = rows.filter(({ partition, row: key }) => partition === row.id && key.startsWith('swap-')).length;
  const noted = deeds('swap-posted').length;
  say(noted > attempts, `the ledger tells of ${noted} swap requests, and there are ${attempts} rows of attempts.`);

  const notices = rows
    .filter(({ partition, row: key }) => partition === row.id && key.startsWith('notice-'))
    .map(({ value }) => value as NoticeRow);
  const open = notices.filter(({ state }) => state === 'to-send');
  say(open.length > 0, `notices were never sent: ${open.map(({ moment, recipient }) => `${moment} to ${recipient}`).join(', ')}.`);
  const mails = receipt.mails.filter((mail) => isAbout(mail, row.id));
  return [
    ...found,
    ...changeWrong(expected, row, evidence),
    ...requestWrong(expected, row, evidence),
    ...mailsWrong(row.id, expected.mails, mails),
    ...headWrong(row, mails, ledger),
  ];
}

function isFound(row: RolloutRow, rows: readonly StoredRow[]): boolean {
  const isOpen = rows.some(({ partition, row: key }) => partition === 'open' && key === `open-${row.id}`);
  const ended = rows.filter(({ row: key, value }) => key.startsWith('ended-') && (value as { id: string }).id === row.id);
  const places = new Set(ended.map(({ partition }) => partition));
  return isOpen || (places.size === 2 && places.has('ended') && places.has(`${row.app}.${row.environment}`));
}

/** One change request, however often its making was begun, and closed with what happened: each note once, by its words. */
function changeWrong({ change: due }: Expected, { id }: RolloutRow, { receipt }: Evidence): string[] {
  const mine = receipt.changes.filter(({ columns }) => columns['correlation_display'] === `Slipway ${id}`);
  const count = due === undefined ? 0 : 1;
  if (mine.length !== count) return [`${id}: ServiceNow has ${mine.length} changes of it instead of ${count}.`];
  return mine.flatMap(({ number, columns, workNotes }) => {
    const { state = '', close_code: code = '' } = columns;
    const notes = workNotes.map(({ text }) => text);
    return [
      ...(state === due?.state && code === due.code
        ? []
        : [`${id}: ${number} stands in ${state} (${code}); ${due?.state} (${due?.code}) was due.`]),
      ...notesWrong(id, number, notes),
    ];
  });
}

function requestWrong({ request: due }: Expected, { id }: RolloutRow, { receipt }: Evidence): string[] {
  const mine = receipt.requests.filter(({ values }) => String(values['description']).includes(`/dashboard/rollouts/${id}\n`));
  const count = due === undefined ? 0 : 1;
  if (mine.length !== count) return [`${id}: Jira has ${mine.length} requests of it instead of ${count}.`];
  return mine.flatMap(({ key, status, comments }) => [
    ...(status === due?.status ? [] : [`${id}: ${key} is in ${status}; ${due?.status} was due.`]),
    ...notesWrong(
      id,
      key,
      comments.map(({ body }) => body),
    ),
  ]);
}

function notesWrong(id: string, number: string, notes: string[]): string[] {
  const begun = notes.filter((text) => text === 'Slipway begins the swap.').length;
  const closed = notes.filter((text) => /^Slipway notice \S+$/m.test(text)).length;
  if (begun <= 1 && closed === 1 && begun + closed === notes.length) return [];
  return [`${id}: ${number} has the notes ${notes.map((one) => one.split('\n')[0]).join('; ')}.`];
}

/** Two mails of one notice are one too many: the service itself keeps one apart by its id, so a second has another id. */
function mailsWrong(whose: string, expected: Record<string, [number, number]>, mails: Receipt['mails']): string[] {
  const counts: Record<string, number> = {};
  for (const { subject, to } of mails) {
    const name = `${subject.split(':')[0] ?? ''} > ${to[0]?.address ?? ''}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return [...new Set([...Object.keys(expected), ...Object.keys(counts)])].flatMap((name) => {
    const [least, most] = expected[name] ?? [0, 0];
    const count = counts[name] ?? 0;
    return count < least || count > most
      ? [`${whose}: mail "${name}" was sent ${count} times instead of ${least === most ? least : `${least} to ${most}`}.`]
      : [];
  });
}

function headWrong(row: RolloutRow, mails: Receipt['mails'], ledger: LedgerEntry[]): string[] {
  const seals = new Set(ledger.map(({ seal }) => seal));
  const named = mails
    .flatMap(({ plainText }) => /\b[0-9a-f]{64}\b/.exec(plainText ?? '')?.[0] ?? [])
    .filter((seal) => seal !== row.release.sha256);
  return named.some((seal) => !seals.has(seal)) ? [`${row.id}: a closing mail names a head that the ledger does not have.`] : [];
}

/** What was asked of Azure on the wire, whoever asked. */
function postsWrong({ rollouts }: Case, { receipt }: Evidence): string[] {
  const found: string[] = [];
  const due = rollouts.reduce((sum, { swaps }) => sum + swaps, 0);
  const posts = receipt.swapPosts.filter(({ answered }) => answered !== 0);
  if (posts.length !== due) found.push(`${posts.length} requests to swap reached Azure instead of ${due}.`);
  const applied = receipt.swaps.filter(({ outcome }) => outcome === 'applied');
  if (applied.length !== due) found.push(`${applied.length} swaps were applied instead of ${due}.`);
  if (receipt.pushes.some(({ slot, answered }) => slot === 'production' && answered !== 0))
    found.push('Something was pushed to production itself.');
  return found;
}

function laneWrong({ app, lane: due }: Case, { rows, ledgerKeys }: Evidence): string[] {
  const found: string[] = [];
  const mine = rows.filter(({ partition }) => partition === `${app}.production`);
  const valueOf = <T>(key: string): T | undefined => mine.find(({ row }) => row === key)?.value as T | undefined;
  const lane = valueOf<LaneRow>('lane');
  if (lane && (lane.state !== due || lane.queue.length > 0))
    found.push(`The lane is ${lane.state} with ${lane.queue.length} waiting at the end; ${due} was due.`);
  const entries = mine.filter(({ row }) => row.startsWith('ledger-')).map(({ value }) => value as LedgerEntry);
  const chain = verifyChain(entries, ledgerKeys, valueOf<LedgerHead>('head')?.seal);
  if (chain.kind === 'broken') found.push(`The ledger's chain is broken at ${chain.at}: ${chain.why}.`);
  else if (chain.number !== (valueOf<LedgerHead>('head')?.number ?? 0)) found.push("The ledger's head is not its last entry.");
  const ids = mine.filter(({ row }) => row.startsWith('entry-')).length;
  if (ids !== entries.length) found.push(`The ledger has ${entries.length} entries and ${ids} rows by their ids.`);
  return found;
}

/** What both ways of crashing must agree on: no times, no ids. */
export function gist(evidence: Evidence): Record<string, unknown> {
  const { receipt, rows, samples } = evidence;
  const rollouts = rows.filter(({ row }) => row === 'rollout').map(({ value }) => value as RolloutRow);
  return {
    served: inTurn(samples),
    rollouts: rollouts.map(({ release, ending }) => `${release.version} ${ending?.outcome ?? 'no outcome'}`).sort(),
    pushes: receipt.pushes.filter(({ answered }) => answered !== 0).length,
    swaps: receipt.swaps.map(({ outcome }) => outcome),
    mails: receipt.mails.map(({ subject, to }) => `${subject.split(':')[0] ?? ''} > ${to[0]?.address ?? ''}`).sort(),
    changes: receipt.changes.map(({ columns }) => `${columns['state']} ${columns['close_code'] ?? ''}`).sort(),
    requests: receipt.requests.map(({ status }) => status).sort(),
    ledger: [...new Set(rows.filter(({ row }) => row.startsWith('ledger-')).map(({ value }) => (value as LedgerEntry).kind))].sort(),
  };
}
