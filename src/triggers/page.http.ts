import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import { guardFaults } from './problem-json';

/** One file of the page, as it goes over the wire. */
interface PageFile {
  type: string;
  tag: string;
  bodies: Record<'br' | 'gzip' | 'identity', Buffer>;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Everything is the page's own: no script or style within the document, nothing from elsewhere, nobody who frames it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * GET and HEAD of / and /dashboard/…: the files of the page in `folder`. Any other path below is a place within the
 * page, and gets the document. They hold nothing of anybody's: what the page shows it asks of the API, which asks who calls.
 */
export const pageHandler = (folder?: string): HttpHandler => {
  let files: Map<string, PageFile> | undefined;
  return guardFaults(async (request) => {
    files ??= readFiles(folder ?? builtFolder());
    const name = request.params['path'] ?? '';
    const file = files.get(name) ?? (path.extname(name) in types ? undefined : files.get('index.html'));
    if (!file) return plain(404, 'There is no such file of the page.');
    return answer(file, request);
  });
};

/** Beside the bundle of a package, or where `npm run build` writes it. */
function builtFolder(): string {
  const found = ['dashboard', '../dashboard'].map((at) => path.join(__dirname, at)).find((at) => existsSync(path.join(at, 'page.js')));
  if (found === undefined) throw new Error('The page is not built: npm run build makes it.');
  return found;
}

function readFiles(folder: string): Map<string, PageFile> {
  const names = readdirSync(folder).filter((name) => path.extname(name) in types);
  return new Map(
    names.map((name) => {
      const bytes = readFileSync(path.join(folder, name));
      return [
        name,
        {
          type: types[path.extname(name)] ?? '',
          tag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`,
          bodies: { br: brotliCompressSync(bytes), gzip: gzipSync(bytes, { level: 9 }), identity: bytes },
        },
      ];
    }),
  );
}

function answer({ type, tag, bodies }: PageFile, request: HttpRequest): HttpResponseInit {
  const accepted = (request.headers.get('accept-encoding') ?? '').toLowerCase().split(/\s*,\s*/);
  const encoding = (['br', 'gzip'] as const).find((one) => accepted.includes(one)) ?? 'identity';
  const headers = {
    'content-type': type,
    'content-security-policy': policy,
    // Asked again each time, and sent only when it changed: an upgrade of Slipway shows at once.
    'cache-control': 'no-cache',
    etag: tag,
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
  };
  if (request.headers.get('if-none-match') === tag) return { status: 304, headers };
  return { status: 200, headers, ...(request.method === 'HEAD' ? {} : { body: bodies[encoding] }) };
}

const plain = (status: number, text: string): HttpResponseInit => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body: text,
});
