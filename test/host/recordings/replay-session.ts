import { startHost, virtualClock, type Host, type VirtualClock } from '../../../local/host';
import { argumentsOf, askManagement, comparedAnswer, exchange, parsed, type Answer } from './ask';
import { captureInvocations } from './capture';
import { Gate } from './gate';
import { Ids } from './ids';
import { belongsBefore, startedId } from './in-flight';
import { payloadOf, recordedInvocations, turnKind, type Invocation, type Row } from './recording';
import { loadScenarioApp } from './scenario-app';
import { startTarget, type Target } from './target';
import { invocationUnits, type Unit } from './unit';

export interface Replayed {
  units: Unit[];
  /** Orchestrators that were recorded and are not in the app: what was asked of them is left out. */
  missing: string[];
}

export interface SessionWorld {
  /** Holds the app's files. */
  appDirectory: string;
  /** Holds host.json. */
  hostJsonDirectory: string;
  rows: Row[];
  /** SQLite file. */
  stateFile: string;
}

interface Pending {
  answer: Promise<Answer>;
  isAnswered: boolean;
}

/** How far time is moved for a turn that does not come. The real extension's timers are up to a second early, and its clock runs on meanwhile. */
const patienceMs = 30_000;
const stepMs = 250;

/** Queues and timers are compared by themselves: they need a storage service. */
export const withoutTriggers: NodeJS.ProcessEnv = Object.fromEntries(
  ['seen', 'fails', 'poison', 'starts', 'out', 'send', 'tick'].map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']),
);

/** Asks our host what the recording's client asked, lets instances take the recorded turns, and answers both sides of each step. */
export async function replaySession(world: SessionWorld): Promise<Replayed> {
  const session = new Session(world);
  try {
    return await session.play();
  } finally {
    await session.close();
  }
}

class Session {
  private readonly clock: VirtualClock;
  private readonly ids = new Ids();
  private readonly gate = new Gate(this.ids);
  private readonly units: Unit[] = [];
  private readonly recorded: Map<string, Invocation>;
  private readonly numbers = new Map<Invocation, number>();
  private readonly seen: Invocation[] = [];
  private readonly ownTurns = new Map<string, Invocation[]>();
  private readonly sent = new Map<Row, Pending>();
  private readonly requests: Row[];
  /** What the client's methods sent, by their rows. */
  private readonly carried = new Map<Row, Row['request']>();
  private readonly absent: string[] = [];
  private readonly absentInvocations = new Set<string>();
  private readonly missing = new Set<string>();
  private host: Host | undefined;
  private target: Target | undefined;
  private file = '';

  constructor(private readonly world: SessionWorld) {
    const { rows } = world;
    this.clock = virtualClock(Date.parse(rows.find((row) => row.t !== undefined)?.t ?? ''));
    this.recorded = recordedInvocations(rows);
    this.requests = requestsOf(rows, this.carried);
    const counts = new Map<string, number>();
    for (const one of this.recorded.values()) {
      if (one.kind !== turnKind || one.isDiscarded) continue;
      const { instanceId } = payloadOf(one);
      const number = counts.get(instanceId) ?? 0;
      counts.set(instanceId, number + 1);
      this.numbers.set(one, number);
      this.gate.expect(payloadOf(one));
    }
  }

  async play(): Promise<Replayed> {
    this.target = await startTarget();
    this.ids.learn('127.0.0.1:9099', `127.0.0.1:${this.target.port}`);
    await this.start();
    this.findAbsent();
    const isRequest = new Set(this.requests);
    let seq = 0;
    for (const row of this.world.rows) {
      this.file = row.file;
      // Numbers that begin again are those of a host that was started anew.
      if (row.seq !== undefined && row.seq < seq) await this.restart();
      seq = row.seq ?? seq;
      const atMs = Date.parse(row.t ?? '');
      if (atMs > this.clock.now()) await this.clock.advanceTo(atMs);
      if (this.isAbsent(row)) continue;
      if (isRequest.has(row)) await this.request(row);
      else if (row.kind === turnKind && row.phase === 'response') await this.turn(row);
    }
    await this.host?.whenIdle();
    const units = [...this.units, ...invocationUnits([...this.recorded.values()], this.seen, this.ids)];
    return { units, missing: [...this.missing] };
  }

  async close(): Promise<void> {
    this.target?.close();
    await this.host?.stop();
  }

  /** About an instance of an orchestrator that the app, as it stands here, does not have. */
  private isAbsent(row: Row): boolean {
    const text = JSON.stringify([row.request?.path, row.args, row.triggerParsed]);
    return this.absent.some((id) => text.includes(id)) || this.absentInvocations.has(row.invocationId ?? '');
  }

  private async start(): Promise<void> {
    this.host = await startHost({
      appDirectory: this.world.hostJsonDirectory,
      stateFile: this.world.stateFile,
      settings: withoutTriggers,
      clock: this.clock,
      schedule: this.gate,
      load: () => {
        loadScenarioApp(this.world.appDirectory, this.clock);
        captureInvocations((one) => this.see(one));
      },
    });
  }

  private see(one: Invocation): void {
    this.seen.push(Object.assign(one, { file: this.file }));
    if (one.kind !== turnKind) return;
    const { instanceId } = payloadOf(one);
    this.ownTurns.set(instanceId, [...(this.ownTurns.get(instanceId) ?? []), one]);
  }

  private findAbsent(): void {
    const names = new Set(this.host?.functions().map((one) => one.name.toLowerCase()));
    for (const [invocationId, one] of this.recorded) {
      if (one.kind !== turnKind || names.has(one.function.toLowerCase())) continue;
      this.recorded.delete(invocationId);
      this.absentInvocations.add(invocationId);
      this.absent.push(payloadOf(one).instanceId);
      this.missing.add(one.function);
    }
  }

  private async restart(): Promise<void> {
    this.host?.kill();
    await this.start();
  }

  private async request(row: Row): Promise<void> {
    const pending = this.sent.get(row) ?? this.send(row);
    // A request may wait for an instance, and so for time to pass.
    for (let moved = 0; !pending.isAnswered && moved < patienceMs; moved += stepMs) {
      await this.host?.whenIdle();
      if (!pending.isAnswered) await this.clock.advance(stepMs);
    }
    const answer = await pending.answer;
    this.learnIds(row, parsed(answer.body));
    if (row.kind === 'clientOp') {
      const isKept = row.result !== 'long';
      this.compare(`client.${row.op} ${startedId(row) ?? ''}`, isKept ? row.result : {}, isKept ? parsed(answer.body) : {});
    } else if (row.kind === 'clientHttpResponse') {
      const { status, headers = {}, body = '' } = row;
      this.compare(`client.${row.op}`, comparedAnswer({ status: Number(status), headers, body }), comparedAnswer(answer));
    } else if (row.kind === 'clientMeta') {
      const { mgmt, hub, origins, raw } = row;
      this.compare('clientMeta', { mgmt, hub, origins, raw }, parsed(answer.body));
    } else if (row.response && row.request) {
      this.compare(`${row.request.method} ${row.request.path}`, comparedAnswer(row.response), comparedAnswer(answer));
    }
  }

  private compare(at: string, recorded: unknown, own: unknown): void {
    this.units.push({ file: this.file, at, recorded, own });
  }

  /** An answer that names an instance whose id was made up. */
  private learnIds(row: Row, own: unknown): void {
    const recorded = row.kind === 'clientOp' ? row.result : parsed(row.response?.body ?? '');
    const [recordedId, ownId] = [idIn(recorded), idIn(own)];
    if (recordedId !== undefined && ownId !== undefined) this.ids.learnInstance(recordedId, ownId);
  }

  private send(row: Row): Pending {
    const release = this.clock.hold();
    if (/[?&]timeout=/.test(row.request?.path ?? '')) release();
    const pending: Pending = {
      isAnswered: false,
      answer: this.ask(row).finally(() => {
        pending.isAnswered = true;
        release();
      }),
    };
    this.sent.set(row, pending);
    return pending;
  }

  private ask(row: Row): Promise<Answer> {
    if (!this.host) throw new Error('The host does not run.');
    const inOurs = (text: string): string => this.ids.inOurs(text);
    if (row.kind === 'clientMeta') return exchange(this.host, 'GET', '/api/clientmeta', {}, '');
    if (row.kind === 'clientHttpResponse')
      return exchange(this.host, 'POST', `/api/client/${row.op}`, {}, inOurs(JSON.stringify(row.args)));
    if (row.kind !== 'clientOp') return askManagement(this.host, row, inOurs);
    const args = JSON.stringify(argumentsOf(row, this.carried.get(row)));
    return exchange(this.host, 'POST', `/api/client/${row.op}`, {}, inOurs(args));
  }

  /** A turn is over when it is committed, a moment after it was answered; until then nothing shows of it. */
  private async turn(row: Row): Promise<void> {
    const one = this.recorded.get(row.invocationId ?? '');
    const number = one && this.numbers.get(one);
    if (!one || number === undefined) return;
    const { instanceId } = payloadOf(one);
    const next = this.nextRequest();
    if (next && belongsBefore(next, one)) await this.send(next).answer;
    this.gate.open(instanceId);
    const isThere = (): boolean => this.ownTurns.get(this.ids.own(instanceId))?.[number]?.isAnswered === true;
    await this.host?.whenIdle();
    for (let moved = 0; !isThere() && moved < patienceMs; moved += stepMs) {
      const request = this.gate.lacksRequest(instanceId) ? this.nextRequest() : undefined;
      // It is answered, or what it brought waits for an instance.
      if (request?.file === this.file) await Promise.race([this.send(request).answer, this.gate.nextAsked()]);
      else await this.clock.advance(stepMs);
      await this.host?.whenIdle();
    }
    if (isThere()) return;
    if (this.gate.force(instanceId)) await this.host?.whenIdle();
    if (!isThere()) this.gate.giveUp(instanceId);
  }

  /** The request that comes next in the recording. Its row may stand after what it caused. */
  private nextRequest(): Row | undefined {
    return this.requests.find((row) => !this.sent.has(row) && !this.isAbsent(row));
  }
}

/** What the client asked, in its order. What its methods sent is noted in `carried`. */
function requestsOf(rows: Row[], carried: Map<Row, Row['request']>): Row[] {
  const withMethods = new Set(rows.filter((row) => row.kind === 'clientOp').map((row) => row.file));
  let sent: Row['request'][] = [];
  return rows.filter((row) => {
    if (row.kind === 'localRpcHttp') sent.push(row.request);
    if (row.kind === 'clientOp') {
      // Two methods may be under way together: the requests of both stand before the results of both.
      const isStart = startedId(row) !== undefined && sent.length > 1;
      carried.set(row, isStart ? sent[0] : sent.at(-1));
      sent = isStart ? sent.slice(1) : [];
    }
    return (
      ['managementHttp', 'clientOp', 'clientHttpResponse', 'clientMeta'].includes(row.kind) ||
      (row.kind === 'localRpcHttp' && !withMethods.has(row.file))
    );
  });
}

function idIn(answer: unknown): string | undefined {
  const { id, result } = (typeof answer === 'object' && answer !== null ? answer : {}) as { id?: unknown; result?: unknown };
  return typeof id === 'string' ? id : typeof result === 'string' ? result : undefined;
}
