import { system, type DotnetError } from './dotnet-error';
import type { HttpAsk } from './http-call';

/** Header names that .NET keeps for contents and for responses. */
const misplaced = new Set([
  ...['allow', 'content-disposition', 'content-encoding', 'content-language', 'content-length', 'content-location', 'content-md5'],
  ...['content-range', 'expires', 'last-modified'],
  ...['accept-ranges', 'age', 'etag', 'location', 'proxy-authenticate', 'retry-after', 'server', 'vary', 'www-authenticate'],
]);

/** Why a request cannot even be made; undefined where it can. */
export function whyNotMade({ headers, content }: HttpAsk): DotnetError | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === 'content-type' && value.includes('multipart'))
      return {
        type: 'Microsoft.Azure.WebJobs.Extensions.DurableTask.FunctionFailedException',
        message: 'Multipart content is not supported with CallHttpAsync.',
      };
    if (misplaced.has(name.toLowerCase()))
      return system(
        'InvalidOperationException',
        `Misused header name, '${name}'. Make sure request headers are used with HttpRequestMessage, response headers with HttpResponseMessage, ` +
          'and content headers with HttpContent objects.',
      );
  }
  const type = contentTypeOf(headers);
  if (content === null || type === '' || isForm(type) || /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(type)) return undefined;
  // A character set, say: .NET takes the bare type alone.
  return system('FormatException', `The format of value '${type}' is invalid.`);
}

/** Why a request that was made is not sent; undefined where it is. */
export function whyNotSent({ uri }: HttpAsk): DotnetError | undefined {
  // On Linux a path is the address of a file.
  const scheme = uri.startsWith('/') ? 'file' : /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined || !(scheme === 'file' || URL.canParse(uri)))
    return system(
      'InvalidOperationException',
      'An invalid request URI was provided. Either the request URI must be an absolute URI or BaseAddress must be set.',
    );
  return scheme === 'http' || scheme === 'https' ? undefined : system('NotSupportedException', `The '${scheme}' scheme is not supported.`);
}

export const contentTypeOf = (headers: HttpAsk['headers']): string =>
  Object.entries(headers).findLast(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';

export const isForm = (type: string): boolean => type.toLowerCase() === 'application/x-www-form-urlencoded';
