import http from 'node:http';

/** How long the warm-up waits for one answer, in real time: the app is real, whatever the clock. The real one waits 90 s. */
const patienceMs = 10_000;

/** One plain request to a slot's front door, as the platform's warm-up makes it; null where nothing answers. */
export function pingSlot(port: number, path: string): Promise<number | null> {
  return new Promise((resolve) => {
    const request = http.get(
      {
        host: '127.0.0.1',
        port,
        path: path.startsWith('/') ? path : `/${path}`,
        timeout: patienceMs,
        headers: { 'user-agent': 'SiteWarmup' },
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? null);
      },
    );
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(null));
  });
}
