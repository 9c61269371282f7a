import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Clock } from '../../local/host';

/** A way to Azurite that can fail; Azurite itself never does, because it acknowledges before it writes. */
export interface StorageOutage {
  connectionString: string;
  /** Connections are refused, or cut as soon as they say something, or what they say arrives only at the end. Ends by itself, in virtual time. */
  begin(how: 'refuses' | 'stalls' | 'cuts', seconds: number): void;
  stop(): Promise<void>;
}

interface Failing {
  how: 'refuses' | 'stalls' | 'cuts';
  untilMs: number;
  ended: Promise<void>;
}

export async function standBefore(connectionString: string, clock: Clock): Promise<StorageOutage> {
  let failing: Failing | undefined;
  const ways = await Promise.all(
    [...connectionString.matchAll(/(Blob|Queue|Table)Endpoint=http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, service = '', port = '']) =>
      // Whoever waits for a row or a blob holds the clock; queues are polled in real time and do not.
      openWay(Number(port), service === 'Queue' ? undefined : clock, () => failing),
    ),
  );
  const moved = ways.reduce((text, { from, to }) => text.replace(`127.0.0.1:${from}`, `127.0.0.1:${to}`), connectionString);
  return {
    connectionString: moved,
    begin(how, seconds) {
      const untilMs = clock.now() + seconds * 1000;
      const ended = new Promise<void>((resolve) =>
        clock.at(untilMs, () => {
          failing = undefined;
          resolve();
        }),
      );
      failing = { how, untilMs, ended };
      for (const way of ways) way.fail();
    },
    async stop() {
      await Promise.all(ways.map((way) => way.stop()));
    },
  };
}

interface Way {
  from: number;
  to: number;
  /** Connections that are open do not outlive the beginning, except where they only stall. */
  fail(): void;
  stop(): Promise<void>;
}

async function openWay(from: number, clock: Clock | undefined, failing: () => Failing | undefined): Promise<Way> {
  const open = new Set<Socket>();
  const server: Server = createServer((near) => {
    open.add(near);
    near.on('close', () => open.delete(near)).on('error', () => near.destroy());
    // A port that listens can't refuse: a connection that is reset before it is answered is taken for the same.
    if (failing()?.how === 'refuses') return void near.resetAndDestroy();
    const far = connect(from, '127.0.0.1');
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    far.pipe(near);
    near.on('data', (bytes: Buffer) => void pass(bytes, near, far));
  });
  const pass = async (bytes: Buffer, near: Socket, far: Socket): Promise<void> => {
    const now = failing();
    if (now?.how === 'cuts' || now?.how === 'refuses') return void near.destroy();
    if (now?.how === 'stalls') {
      near.pause();
      // A sleeper gives back the hold of whoever waits for the answer, so that time can go on.
      await (clock ? clock.sleep(now.untilMs - clock.now()) : now.ended);
      near.resume();
    }
    far.write(bytes);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    from,
    to: (server.address() as AddressInfo).port,
    fail() {
      if (failing()?.how !== 'stalls') for (const socket of open) socket.destroy();
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
