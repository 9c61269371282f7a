import type { Question } from './contract';
import type { HttpAnswer, HttpRequest } from './http-message';
import type { Work } from './work';

/** Answers as it would over HTTP, and counts as work until it has. */
export async function ask(
  origin: string,
  work: Work,
  answer: (request: HttpRequest) => Promise<HttpAnswer>,
  { method, path, headers = {}, body = '' }: Question,
): Promise<{ status: number; body: string }> {
  const done = work.begin();
  try {
    const url = new URL(path, origin);
    const bytes = Buffer.from(body);
    const ofBody = body === '' ? {} : { 'content-type': 'application/json', 'content-length': `${bytes.length}` };
    const answered = await answer({ method, url, headers: { host: url.host, ...ofBody, ...headers }, body: bytes });
    return { status: answered.status, body: Buffer.from(answered.body ?? '').toString('utf8') };
  } finally {
    done();
  }
}
