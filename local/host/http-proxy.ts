import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProgrammingModel } from './functions-core';

/** The server that @azure/functions opens for streaming; undefined port when the app does not stream. */
export interface HttpProxy {
  port: number | undefined;
  /** Cuts its connections. Resolves when it has closed. */
  close(): Promise<void>;
}

/**
 * Asks the package for its capabilities. With `app.setup({ enableHttpStream: true })` it opens a server for the host to send requests to, on every address
 * of the machine; here it is made to listen on 127.0.0.1 alone, and is kept hold of so that it closes with the host.
 */
export async function openHttpProxy(model: ProgrammingModel): Promise<HttpProxy> {
  const opened: http.Server[] = [];
  const original = http.createServer;
  const create = (...given: Parameters<typeof original>): http.Server => {
    const server = original(...given);
    const listen = server.listen.bind(server);
    server.listen = (...how: unknown[]): http.Server => {
      const [first] = how;
      const port = typeof first === 'number' ? first : 0;
      const done = how.find((one) => typeof one === 'function') as (() => void) | undefined;
      return listen({ port, host: '127.0.0.1' }, done);
    };
    opened.push(server);
    return server;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map(closeServer));
  };
  // The package makes its server before it first waits, so nobody else's is caught.
  http.createServer = create as typeof original;
  const asked = model.getCapabilities({});
  http.createServer = original;
  try {
    const { HttpUri } = await asked;
    const [server] = opened;
    if (HttpUri === undefined) return { port: undefined, close };
    if (!server?.listening)
      throw new Error(`@azure/functions says that it streams at ${HttpUri}, but opened no server that the host could see.`);
    return { port: (server.address() as AddressInfo).port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function closeServer(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
