import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from 'selfsigned';
import type { Store } from './store';

export interface Certificates {
  caFile: string;
  key: string;
  cert: string;
}

const day = 24 * 60 * 60 * 1000;

/** A certificate authority of our own, kept with the state so that what trusted it goes on trusting it; the server's certificate is new at each start. */
export async function openCertificates(store: Store, directory: string): Promise<Certificates> {
  const caFile = path.join(directory, 'ca.pem');
  const kept = store.collection<{ key: string; cert: string }>('certificate-authority');
  let ca = kept.get('own');
  if (!ca) {
    const made = await generate([{ name: 'commonName', value: 'Slipway local Azure' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + 3650 * day),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    ca = { key: made.private, cert: made.cert };
    kept.put('own', ca);
  }
  // Written at each start: a kill may have cut it off.
  writeFileSync(caFile, ca.cert);
  const server = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: new Date(Date.now() + 365 * day),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  return { caFile, key: server.private, cert: server.cert };
}
