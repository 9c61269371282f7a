import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { MailRecord } from '../../local/azure';
import { rolloutsPoisonQueue, rolloutsQueue } from '../../src/domain/queue-message';
import type { RolloutRow } from '../../src/domain/rollout';
import type { NoticeRow } from '../../src/domain/notice';
import { readReceipts, readRows, type ReceiptReader, type StoredRow } from './evidence';
import { releaseOf, type Plot } from './ground';
import type { Judge } from './call-judge';
import { approver } from './policies';

/** How time goes on, and what brings Slipway back when it was cut off: the only thing that differs between virtual and real time. */
export interface Engine {
  nowMs(): number;
  /** Absent where time runs by itself: the judge then has a clock of its own. */
  sampleTime(): { atMs?: number };
  /** Lets that much time pass (in real time: a moment), then sees to it that Slipway runs. */
  step(seconds: number): Promise<void>;
  /** So many steps are longer than anything in a rollout takes, a minute's wait for a push that was lost among them. */
  mostSteps: number;
  /** Whatever the queues have given out by now has been heard of by Slipway, or was lost. */
  heard(): Promise<void>;
  url(): string;
  /** Key of the function that is called when ServiceNow has something to look at; undefined where it can't be known. */
  nudgeKey(): string | undefined;
  /** Key of the durable management API, for what an operator does by hand; undefined where it can't be known. */
  systemKey(): string | undefined;
  /** Empty unless something happened that must never happen. */
  strange: string[];
}

/** The world around one rollout: what people, a build system and other programs do. They are patient: who gets no answer asks again. */
export class World {
  private readonly reader: ReceiptReader;
  private readonly mark: number;
  constructor(
    readonly plot: Plot,
    readonly engine: Engine,
    private readonly judge: Judge,
  ) {
    this.reader = readReceipts(plot.azureDirectory);
    this.mark = this.reader.mark();
  }

  close(): void {
    this.reader.close();
  }

  /** Time goes on, and the judge looks at production. */
  async step(seconds = 1): Promise<void> {
    await this.engine.step(seconds);
    await this.judge.tell({ kind: 'sample', ...this.engine.sampleTime() });
  }

  async until(
    what: string,
    isSo: () => boolean | Promise<boolean>,
    { stepSeconds = 1, mostSteps = this.engine.mostSteps } = {},
  ): Promise<void> {
    for (let steps = 0; !(await isSo()); steps += 1) {
      const [strange] = this.engine.strange;
      if (strange !== undefined) throw new Error(`While ${what} was waited for, there was ${strange}`);
      if (steps >= mostSteps) throw new Error(`${mostSteps} steps went by, and it never came about that ${what}.`);
      await this.step(stepSeconds);
    }
  }

  mails(): MailRecord[] {
    return this.reader.since(this.mark).mails;
  }

  /** Mails whose subject begins so, to one address, oldest first. */
  mailsTo(address: string, subject: string): MailRecord[] {
    return this.mails().filter((mail) => mail.to[0]?.address === address && mail.subject.startsWith(subject));
  }

  swapsApplied(): number {
    return this.reader.since(this.mark).swaps.filter(({ phases }) => phases.some(({ name }) => name === 'routing switched')).length;
  }

  /** Whoever asks Slipway and gets no answer, or that something is wrong with it, asks again once it is back. */
  async ask(
    path: string,
    options: { method?: string; body?: unknown; form?: Record<string, string>; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; text: string }> {
    const { method = 'GET', body, form, headers = {} } = options;
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
    const sent = form ? new URLSearchParams(form).toString() : body === undefined ? undefined : JSON.stringify(body);
    for (let tries = 0; tries < 100; tries += 1) {
      try {
        const answer = await fetch(path.startsWith('http') ? path : this.engine.url() + path, {
          method,
          headers: { ...(sent === undefined ? {} : { 'content-type': type }), connection: 'close', ...headers },
          ...(sent === undefined ? {} : { body: sent }),
        });
        const text = await answer.text();
        if (answer.status < 500) return { status: answer.status, text };
      } catch {
        // Nobody is there: it comes back with the next step.
      }
      await this.step(0);
    }
    throw new Error(`Slipway did not answer ${method} ${path} in a hundred tries.`);
  }

  /** As a build system uploads and announces a release. */
  async request(app: string, version: string, more: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const { zip, sha256, functions } = await releaseOf(version);
    const container = BlobServiceClient.fromConnectionString(this.plot.storage).getContainerClient('releases');
    await container.createIfNotExists();
    const blob = container.getBlockBlobClient(`${version}.zip`);
    await blob.uploadData(zip);
    return { app, environment: 'production', version, package: { url: blob.url, sha256 }, functions, ...more };
  }

  /** What a build system calls one build; no two rollouts of a run may share it, or the mail service takes their mails for the same. */
  buildOf(version: string): string {
    return `build of ${version} for ${this.plot.site}`;
  }

  async start(app: string, version: string, more: Record<string, unknown> = {}): Promise<string> {
    const body = await this.request(app, version, more);
    const { status, text } = await this.ask('/api/rollouts', {
      method: 'POST',
      body,
      headers: { 'idempotency-key': this.buildOf(version) },
    });
    if (status !== 202) throw new Error(`The rollout of ${version} was answered ${status}: ${text}`);
    return (JSON.parse(text) as { id: string }).id;
  }

  async order(path: string, reason: string): Promise<string> {
    const { status, text } = await this.ask(path, { method: 'POST', body: { reason } });
    if (status >= 300) throw new Error(`${path} was answered ${status}: ${text}`);
    return (JSON.parse(text) as { id?: string }).id ?? '';
  }

  async enqueue(queueName: string, text: string): Promise<void> {
    const queue = QueueServiceClient.fromConnectionString(this.plot.storage).getQueueClient(queueName);
    await queue.createIfNotExists();
    await queue.sendMessage(text);
  }

  /**
   * Until whatever is in the queues was taken, and what came of that too (what is put back from the poison queue, say). Slipway looks into them in real
   * time, every two seconds at the latest: meanwhile no other time goes by, so that what a message meets does not depend on the machine.
   */
  async untilTaken(): Promise<void> {
    const queues = QueueServiceClient.fromConnectionString(this.plot.storage);
    const isEmpty = async (name: string): Promise<boolean> =>
      (await queues.getQueueClient(name).peekMessages()).peekedMessageItems.length === 0;
    for (let looks = 0; looks < 1500; looks += 1) {
      await this.step(0);
      if ((await isEmpty(rolloutsQueue)) && (await isEmpty(rolloutsPoisonQueue))) {
        await this.engine.heard();
        await this.step(0);
        if ((await isEmpty(rolloutsQueue)) && (await isEmpty(rolloutsPoisonQueue))) return;
      }
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    throw new Error('A message waits in a queue, and Slipway does not take it.');
  }

  rows(): Promise<StoredRow[]> {
    return readRows(this.plot.storage);
  }

  /** The rollout of a version, from storage: whoever sends a message is told no id. */
  async rolloutOf(version: string): Promise<RolloutRow | undefined> {
    const rollouts = (await this.rows()).filter(({ row }) => row === 'rollout').map(({ value }) => value as RolloutRow);
    return rollouts.find(({ release }) => release.version === version);
  }

  /** The approver reads the newest mail that asks about a version, and answers through its link. */
  async decide(version: string, answer: 'yes' | 'no', code?: string): Promise<number> {
    const mail = this.mailsTo(approver, 'Waiting for you').findLast(({ subject }) => subject.includes(` ${version} `));
    const [, link, theirs = ''] = /(http\S+\/api\/approvals\/[^\s#]+)#(\S+)/.exec(mail?.plainText ?? '') ?? [];
    if (link === undefined) throw new Error(`No mail asks about ${version}.`);
    if (answer === 'yes' && code === undefined) await this.judge.tell({ kind: 'approved', atMs: this.engine.nowMs(), version });
    const { status } = await this.ask(link, {
      method: 'POST',
      form: { code: code ?? theirs, answer, comment: answer === 'no' ? 'not now' : '' },
    });
    return status;
  }

  /** Somebody in ServiceNow approves the change of a version, and a rule there says so, where it has the key. */
  async approveChange(version: string): Promise<void> {
    const asked = () => this.reader.since(this.mark).changes.find(({ columns }) => columns['short_description']?.includes(` ${version} `));
    await this.until(`ServiceNow asks about ${version}`, () => asked()?.columns['approval'] === 'requested');
    await this.judge.tell({ kind: 'approved', atMs: this.engine.nowMs(), version });
    this.plot.azure.itsmPeople.servicenow.answer(asked()?.number ?? '', 'approved');
    const [id, key] = [(await this.rolloutOf(version))?.id ?? '', this.engine.nudgeKey()];
    if (key !== undefined) await this.ask(`/api/rollouts/${id}/nudge`, { method: 'POST', headers: { 'x-functions-key': key } });
  }

  /** Somebody in Jira approves the request of a version; nobody tells Slipway. */
  async approveRequest(version: string): Promise<void> {
    const { jira } = this.plot.azure.itsmPeople;
    const asked = () => this.reader.since(this.mark).requests.find(({ values }) => String(values['summary']).includes(` ${version} `));
    await this.until(`Jira asks about ${version}`, () => asked()?.status === 'Awaiting CAB approval');
    await this.judge.tell({ kind: 'approved', atMs: this.engine.nowMs(), version });
    jira.answer(asked()?.key ?? '', 'approve');
  }

  async untilAsked(version: string): Promise<void> {
    await this.until(`${approver} is asked about ${version}`, () =>
      this.mailsTo(approver, 'Waiting for you').some(({ subject }) => subject.includes(` ${version} `)),
    );
  }

  /** The rollout has told how it ended, to everybody. */
  async untilDone(version: string, stepSeconds = 2): Promise<void> {
    let row: RolloutRow | undefined;
    const isDone = async (): Promise<boolean> => {
      const rows = await this.rows();
      row = rows.map(({ value }) => value as RolloutRow).find((one, n) => rows[n]?.row === 'rollout' && one.release.version === version);
      const notices = rows.filter(({ partition, row: key }) => partition === row?.id && key.startsWith('notice-'));
      return row?.phase === 'done' && notices.every(({ value }) => (value as NoticeRow).state !== 'to-send');
    };
    try {
      await this.until(`the rollout of ${version} is done`, isDone, { stepSeconds });
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : String(error)} It is ${row?.phase ?? 'unknown'}${row?.ending ? `, ${row.ending.outcome}: ${row.ending.reason}` : ''}.`,
        { cause: error },
      );
    }
  }
}
