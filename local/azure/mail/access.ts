import { createHash, createHmac } from 'node:crypto';
import { sameText } from '../../host/same-text';
import type { Asked } from '../servers';
import type { Tokens } from '../identity/tokens';

export const mailAudience = 'https://communication.azure.com';
const allowedSkewMs = 5 * 60 * 1000;

/** Who sends: an identity by bearer token, or the holder of the access key by a signature over the request. Undefined: neither. */
export async function mailCaller(asked: Asked, tokens: Tokens, accessKey: string): Promise<string | undefined> {
  const authorization = asked.headers.authorization ?? '';
  if (/^Bearer /i.test(authorization)) {
    const caller = tokens.check(authorization, [mailAudience]);
    return caller.kind === 'known' ? caller.objectId : undefined;
  }
  return (await isSigned(asked, authorization, accessKey)) ? 'access-key' : undefined;
}

async function isSigned(asked: Asked, authorization: string, accessKey: string): Promise<boolean> {
  const given = /^HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=(.+)$/.exec(authorization)?.[1];
  const date = asked.headers['x-ms-date'];
  if (given === undefined || typeof date !== 'string') return false;
  if (!(Math.abs(Date.now() - Date.parse(date)) <= allowedSkewMs)) return false;
  const hash = createHash('sha256')
    .update(await asked.body())
    .digest('base64');
  if (asked.headers['x-ms-content-sha256'] !== hash) return false;
  const text = `${asked.method}\n${asked.request.url ?? ''}\n${date};${asked.headers.host ?? ''};${hash}`;
  const wanted = createHmac('sha256', Buffer.from(accessKey, 'base64')).update(text).digest('base64');
  return sameText(given, wanted);
}
