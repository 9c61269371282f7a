import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { HttpRequest, InvocationContext, type HttpResponseInit } from '@azure/functions';
import { expect, test } from '@jest/globals';
import { pageHandler } from '../../src/triggers/page.http';

const folder = path.join(__dirname, '../../dist/src/dashboard');
const page = pageHandler(folder);

async function get(at: string, { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {}) {
  const request = new HttpRequest({ method, url: `http://127.0.0.1/dashboard/${at}`, params: at === '' ? {} : { path: at }, headers });
  const { status, headers: answered, body } = (await page(request, new InvocationContext({ functionName: 'page' }))) as HttpResponseInit;
  return { status, headers: answered as Record<string, string>, bytes: body as Buffer | undefined };
}

test('the document is served for every place within the page, its files under their names, and nothing else', async () => {
  const document = await get('');
  expect([document.status, document.bytes]).toEqual([200, readFileSync(path.join(folder, 'index.html'))]);
  expect((await get('rollouts/hello-1.2')).bytes).toEqual(document.bytes);
  expect((await get('page.js')).headers['content-type']).toBe('text/javascript; charset=utf-8');
  for (const name of ['gone.js', '../../functions.js', '..%2Fpage.js', 'tsconfig.css']) expect((await get(name)).status).toBe(404);
});

test('nothing but its own files may run, be loaded or be called, and nobody frames it', async () => {
  const { headers, bytes } = await get('');
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(bytes?.toString()).not.toMatch(/<style|<script(?![^>]*\bsrc="\/dashboard\/)|\son\w+=|https?:/);
});

test('all of it is less than 100 KB on the wire', async () => {
  const sizes = await Promise.all(
    ['', 'page.js', 'page-style.css', 'icon.svg'].map(
      async (name) => (await get(name, { headers: { 'accept-encoding': 'gzip' } })).bytes?.length ?? 0,
    ),
  );
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(100_000);
});

test('it is compressed as the browser takes it, not sent again where it is known, and headers alone for HEAD', async () => {
  const plain = await get('page.js');
  const br = await get('page.js', { headers: { 'accept-encoding': 'gzip, br' } });
  const gzip = await get('page.js', { headers: { 'accept-encoding': 'gzip' } });
  expect([br.headers['content-encoding'], gzip.headers['content-encoding'], plain.headers['content-encoding']]).toEqual([
    'br',
    'gzip',
    undefined,
  ]);
  expect(brotliDecompressSync(br.bytes ?? '')).toEqual(plain.bytes);
  expect(gunzipSync(gzip.bytes ?? '')).toEqual(plain.bytes);
  expect(await get('page.js', { headers: { 'if-none-match': plain.headers['etag'] ?? '' } })).toMatchObject({
    status: 304,
    bytes: undefined,
  });
  expect(await get('page.js', { method: 'HEAD' })).toMatchObject({ status: 200, bytes: undefined });
});
