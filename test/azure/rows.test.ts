import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tableRows } from '../../src/azure/rows-tables';
import { startAzurite, type Azurite } from '../azurite';
import { virtualClock } from '../../local/host';
import { rowsContract } from '../rows.contract';
import { standBefore } from '../scenarios/storage-outage';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

rowsContract('Azure Tables', () => tableRows({ kind: 'connection-string', text: azurite.connectionString }));

/** Passes requests on to Azurite's tables; the answers to the next `cuts` transactions are lost on the way back. */
async function startLossyProxy(
  connectionString: string,
): Promise<{ connectionString: string; cuts: number; transactions: number; stop(): Promise<void> }> {
  const table = /TableEndpoint=(http:\/\/[^/;]+)/.exec(connectionString)?.[1] ?? '';
  const server = http.createServer((request, response) => {
    const isTransaction = request.url?.endsWith('$batch') ?? false;
    if (isTransaction) proxy.transactions++;
    const onward = http.request(`${table}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
      if (isTransaction && proxy.cuts > 0) {
        proxy.cuts--;
        answer.resume().on('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = {
    cuts: 0,
    transactions: 0,
    connectionString: connectionString.replace(table, `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

describe('rows whose answer was lost', () => {
  it('are written, and not taken for those of a stranger', async () => {
    const proxy = await startLossyProxy(azurite.connectionString);
    const rows = tableRows({ kind: 'connection-string', text: proxy.connectionString }, 'lossy');
    const partition = 'p';
    await rows.write([{ kind: 'insert', partition, row: 'first', value: { n: 0 } }]);

    proxy.cuts = 1;
    proxy.transactions = 0;
    expect(await rows.write([{ kind: 'insert', partition, row: 'a', value: { n: 1 } }])).toEqual({ kind: 'written' });
    expect(proxy.transactions).toBe(2);

    proxy.cuts = 1;
    const etag = (await rows.read(partition, 'a'))?.etag ?? '';
    expect(
      await rows.write([
        { kind: 'delete', partition, row: 'first' },
        { kind: 'replace', partition, row: 'a', value: { n: 2 }, etag },
      ]),
    ).toEqual({ kind: 'written' });
    expect((await rows.list(partition, '')).map(({ row, value }) => [row, value])).toEqual([['a', { n: 2 }]]);

    proxy.cuts = 1;
    expect(await rows.write([{ kind: 'insert', partition, row: 'a', value: { n: 2 } }])).toEqual({ kind: 'conflict' });
    expect(await rows.write([{ kind: 'replace', partition, row: 'a', value: { n: 2 }, etag }])).toEqual({ kind: 'conflict' });
    await proxy.stop();
  });
});

describe('storage that takes requests and does not answer', () => {
  it('is given up and tried again, and in the end a fault in words; a write that it takes later is written once', async () => {
    const clock = virtualClock();
    const way = await standBefore(azurite.connectionString, clock);
    const impatient = tableRows({ kind: 'connection-string', text: way.connectionString }, 'stalled', 500);
    const rows = tableRows({ kind: 'connection-string', text: azurite.connectionString }, 'stalled');
    await rows.write([{ kind: 'insert', partition: 'p', row: 'a', value: { n: 0 } }]);
    const { etag } = (await rows.read('p', 'a'))!;

    way.begin('stalls', 60);
    await expect(impatient.read('p', 'a')).rejects.toThrow(/^127\.0\.0\.1:\d+ did not answer within 0\.5 s\.$/);
    const write = impatient.write([{ kind: 'replace', partition: 'p', row: 'a', value: { n: 1 }, etag }]);
    await clock.advance(60_000);
    expect(await write).toEqual({ kind: 'written' });
    expect((await rows.read('p', 'a'))?.value).toEqual({ n: 1 });
    await way.stop();
  });
});
