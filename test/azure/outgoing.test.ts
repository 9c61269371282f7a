import fc from 'fast-check';
import { createOutgoing, RefusedAddress, refusalOfAddress } from '../../src/azure/outgoing';
import { fitsHost } from '../../src/domain/host-pattern';
import { settingsSchema } from '../../src/domain/settings';

const inside = [
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '100.64.1.1',
  '0.0.0.0',
  '255.255.255.255',
  'fd00::1',
  'fe80::1',
  '::',
  '::ffff:10.0.0.1',
];
const platforms = ['169.254.169.254', '168.63.129.16', '::ffff:169.254.169.254'];
const own = ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'];
const outside = ['20.50.2.1', '172.32.0.1', '2603:1030::1'];

describe('an address', () => {
  it('is judged by where it lies', () => {
    const refusal = (address: string) => refusalOfAddress(address, { loopback: false, private: false });
    for (const address of [...inside, ...platforms, ...own]) expect([address, refusal(address)]).toEqual([address, expect.any(String)]);
    for (const address of outside) expect([address, refusal(address)]).toEqual([address, undefined]);
  });

  it('of a private endpoint or of this machine passes only where settings say so, the platform’s own never', () => {
    const refusal = (address: string) => refusalOfAddress(address, { loopback: true, private: true });
    for (const address of [...inside, ...own]) expect([address, refusal(address)]).toEqual([address, undefined]);
    for (const address of platforms) expect([address, refusal(address)]).toEqual([address, 'its address belongs to the platform']);
  });

  it('is refused in every spelling that a URL can give it', () => {
    const outgoing = createOutgoing({ packages: ['*.example.com'], private: [], loopback: false });
    fc.assert(
      fc.property(fc.constantFrom(10, 127), fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(3), (a, b, c, d, form) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const written = [`${a}.${b}.${c}.${d}`, String(number), `0x${number.toString(16)}`, `[::ffff:${a}.${b}.${c}.${d}]`][form] ?? '';
        expect(outgoing.refusalOf(new URL(`https://${written}/app.zip`), 'check')).toEqual(expect.any(String));
      }),
    );
  });
});

describe('a host', () => {
  it('fits a pattern of its own name or of a name above it', () => {
    expect(fitsHost('a.blob.core.windows.net', ['*.blob.core.windows.net'])).toBe(true);
    expect(fitsHost('A.Blob.core.windows.net.', ['*.blob.core.windows.net'])).toBe(true);
    expect(fitsHost('builds.example.com', ['builds.example.com'])).toBe(true);
    for (const host of ['blob.core.windows.net', 'evilblob.core.windows.net', 'a.blob.core.windows.net.evil.com', 'x.builds.example.com'])
      expect([host, fitsHost(host, ['*.blob.core.windows.net', 'builds.example.com'])]).toEqual([host, false]);
  });

  it('of a package has to be named; the default is Azure’s own storage', () => {
    const { outgoing: rules } = settingsSchema.parse({ azure: { subscription: 's', resourceGroup: 'g' }, apps: {}, policies: {} });
    const outgoing = createOutgoing(rules);
    expect(outgoing.refusalOf(new URL('https://builds.blob.core.windows.net/a.zip'), 'package')).toBeUndefined();
    expect(outgoing.refusalOf(new URL('https://builds.example.com/a.zip'), 'package')).toMatch(/builds\.example\.com is not named/);
    expect(outgoing.refusalOf(new URL('https://builds.example.com/a.zip'), 'check')).toBeUndefined();
    expect(outgoing.refusalOf(new URL('https://20.50.2.1/a.zip'), 'package')).toMatch(/not named/);
  });

  it('whose name leads inside is not connected to', async () => {
    const outgoing = createOutgoing({ packages: [], private: [], loopback: false });
    const open = outgoing.open(new URL('https://localhost:1/'), { method: 'GET', headers: {}, signal: AbortSignal.timeout(5000) });
    await expect(open).rejects.toThrow(RefusedAddress);
  });
});

describe('a look', () => {
  const strict = createOutgoing({ packages: [], private: [], loopback: false });

  it('tells what would be asked, what is refused by its address or by what its name leads to, and what leads nowhere', async () => {
    const loose = createOutgoing({ packages: [], private: [], loopback: true });
    expect(await loose.look(new URL('http://localhost:1/secret'), 'channel')).toEqual({ kind: 'found' });
    expect(await loose.look(new URL('http://[::1]:1/secret'), 'gate')).toEqual({ kind: 'found' });
    expect(await strict.look(new URL('http://hooks.example.com/'), 'channel')).toEqual({ kind: 'refused', why: 'it is not https' });
    expect(await strict.look(new URL('https://10.0.0.4/'), 'gate')).toEqual({ kind: 'refused', why: 'its address is a private one' });
    expect(await strict.look(new URL('https://localhost/'), 'gate')).toEqual({
      kind: 'refused',
      why: 'it lies on the machine Slipway runs on',
    });
  });

  it('of a name that no resolver takes finds no address', async () => {
    // A label has at most 63 letters (RFC 1035, 2.3.4): none is asked.
    expect(await strict.look(new URL(`https://${'a'.repeat(64)}.example.com/`), 'channel')).toEqual({ kind: 'nowhere' });
  });
});
