import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import yazl from 'yazl';
import { extractZip } from '../../local/azure/scm/extract';
import { whyNotAPackage } from '../../src/azure/check-package';

/** Archives that somebody made to harm, or that broke on their way. */

const folder = mkdtempSync(path.join(tmpdir(), 'check-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let written = 0;
function fileOf(bytes: Buffer): string {
  const file = path.join(folder, `${(written += 1)}.zip`);
  writeFileSync(file, bytes);
  return file;
}
const why = async (bytes: Buffer): Promise<string> => (await whyNotAPackage(fileOf(bytes))) ?? 'a package';

interface Entry {
  name: string;
  content?: Buffer | string;
  /** Unix mode; a regular file unless given. */
  mode?: number;
}
const linkMode = 0o120777;

async function zipOf(entries: Entry[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const { name, content = '', mode = 0o100644 } of entries) zip.addBuffer(Buffer.from(content), name, { mode });
  zip.end();
  return buffer(zip.outputStream);
}
const hostJson = { name: 'host.json', content: '{"version":"2.0"}' };

/** Writes other sizes into the directory of an archive than its entries have. */
function saying(zip: Buffer, uncompressedSize: number): Buffer {
  const changed = Buffer.from(zip);
  for (let at = changed.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0; at = changed.indexOf('PK\x01\x02', at + 4, 'latin1'))
    changed.writeUInt32LE(uncompressedSize, at + 24);
  return changed;
}

describe('a package', () => {
  test('may hold links that stay within it', async () => {
    const links = [
      { name: 'node_modules/.bin/tool', content: '../tool/cli.js', mode: linkMode },
      { name: 'a', content: './b/../c', mode: linkMode },
    ];
    expect(await why(await zipOf([hostJson, ...links]))).toBe('a package');
  });

  test.each(['/etc/passwd', '../outside', 'b/../../outside', 'C:\\Windows', '..\\outside', 'x'.repeat(5000)])(
    'may hold none that leads out of it: %s',
    async (to) => {
      expect(await why(await zipOf([hostJson, { name: 'a', content: to, mode: linkMode }]))).toBe(
        'Its link "a" leads outside of it. Zip what it leads to instead.',
      );
    },
  );

  test('may hold none that can not be read', async () => {
    const zip = await zipOf([hostJson, { name: 'a', content: 'b', mode: linkMode }]);
    expect(await why(saying(zip, 3000))).toBe('Its link "a" can\'t be read. Zip what it leads to instead.');
  });

  test('is no bomb: neither one that says so, nor one that does not', async () => {
    const zeros = Buffer.alloc(1024 * 1024);
    const zip = await zipOf([hostJson, { name: '1', content: zeros }, { name: '2', content: zeros }, { name: '3', content: zeros }]);
    expect(zip.length).toBeLessThan(20_000);
    const bomb = saying(zip, 0xfffffff0);
    expect(await why(bomb)).toBe('It would unpack to more than 10 GB. Leave out what the app does not need.');
    // Sizes that are too small are found out when it is unpacked: not a byte more than they say is written.
    const liar = saying(zip, 17);
    expect(await why(liar)).toBe('a package');
    const into = path.join(folder, 'bomb');
    for (const each of [bomb, liar]) await expect(extractZip(fileOf(each), into)).rejects.toThrow();
    expect(readdirSync(into)).not.toContain('3');
  });

  test('has not more entries than an app could have', async () => {
    const zip = await zipOf([hostJson]);
    zip.writeUInt16LE(0xfff0, zip.length - 12);
    expect(await why(zip)).toMatch(/^Its directory is broken|^It has/);
  });
});

describe('any bytes', () => {
  let zip: Buffer;
  beforeAll(async () => {
    zip = await zipOf([
      hostJson,
      { name: 'src/main.js', content: 'x'.repeat(500) },
      { name: 'link', content: 'src/main.js', mode: linkMode },
    ]);
  });

  const edits = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1, maxLength: 6 });
  const damaged = (at: { keep: number; edits: { at: number; byte: number }[]; tail: Uint8Array }): Buffer => {
    const bytes = Buffer.concat([zip.subarray(0, Math.ceil((zip.length * at.keep) / 100)), at.tail]);
    for (const { at: where, byte } of at.edits) if (bytes.length > 0) bytes[where % bytes.length] = byte;
    return bytes;
  };
  const damage = fc.record({ keep: fc.constantFrom(0, 30, 60, 90, 100, 100, 100), edits, tail: fc.uint8Array({ maxLength: 40 }) });

  test('are a package or there is a sentence that says why not', async () => {
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        const sentence = await why(damaged(how));
        expect(sentence === 'a package' || /^Its? .{10,}/s.test(sentence)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('are unpacked below their folder or not at all', async () => {
    const names = new Set(readdirSync(folder));
    const into = path.join(folder, 'in', 'there');
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        await extractZip(fileOf(damaged(how)), into).catch((error: unknown) => expect(error).toBeInstanceOf(Error));
        expect(existsSync(path.join(folder, 'in'))).toBe(true);
        expect(readdirSync(path.join(folder, 'in'))).toEqual(['there']);
      }),
      { numRuns: 200 },
    );
    const others = readdirSync(folder).filter((name) => !names.has(name) && name !== 'in' && !/^\d+\.zip$/.test(name));
    expect(others).toEqual([]);
  });
});
