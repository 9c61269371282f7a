import { describe, expect, test } from '@jest/globals';
import type { HttpAsk } from '../../local/host/durable/http-call';
import { httpActivityEvent } from '../../local/host/durable/http-activity';

/** Requests of `callHttp` that the extension's HTTP client throws at, as its source and .NET's have it. */
const failure = async (ask: Partial<HttpAsk>): Promise<unknown> => {
  const input = { method: 'POST', uri: 'http://127.0.0.1:1/', headers: {}, content: 'c', tokenSource: null, ...ask };
  const task = { instanceId: 'i', executionId: 'e', eventId: 3, name: 'BuiltIn::HttpActivity', input: JSON.stringify(input) };
  return httpActivityEvent({ now: () => 0, identity: undefined }, task);
};

const unhandled = (type: string, message: string): unknown =>
  expect.objectContaining({
    EventType: 6,
    TaskScheduledId: 3,
    Reason: message,
    Details: `Unhandled exception while executing task: ${type}: ${message}`,
    FailureDetails: expect.objectContaining({ ErrorType: type, ErrorMessage: message, IsNonRetriable: false }),
  });

describe('a request fails', () => {
  test.each(['application/json; charset=utf-8', 'json', 'a/b/c'])('whose content type is more than a type: %s', async (type) => {
    expect(await failure({ headers: { 'content-type': type } })).toEqual(
      unhandled('System.FormatException', `The format of value '${type}' is invalid.`),
    );
    expect(await failure({ headers: { 'content-type': type }, content: null })).toMatchObject({
      Reason: 'Connection refused (127.0.0.1:1)',
    });
  });

  test('of several parts', async () => {
    expect(await failure({ headers: { 'Content-Type': 'multipart/form-data; boundary=b' } })).toEqual(
      unhandled(
        'Microsoft.Azure.WebJobs.Extensions.DurableTask.FunctionFailedException',
        'Multipart content is not supported with CallHttpAsync.',
      ),
    );
  });

  test.each(['Content-Length', 'retry-after'])('with the header %s, which is none of a request', async (name) => {
    expect(await failure({ headers: { [name]: '1' } })).toEqual(
      unhandled(
        'System.InvalidOperationException',
        `Misused header name, '${name}'. Make sure request headers are used with HttpRequestMessage, response headers with HttpResponseMessage, and content headers with HttpContent objects.`,
      ),
    );
  });

  test.each([
    ['/status', 'file'],
    ['ftp://x/y', 'ftp'],
  ])('to %s, because it is of %s', async (uri, scheme) => {
    expect(await failure({ uri })).toEqual(unhandled('System.NotSupportedException', `The '${scheme}' scheme is not supported.`));
  });

  test('to what is no whole address', async () => {
    expect(await failure({ uri: 'status' })).toEqual(
      unhandled(
        'System.InvalidOperationException',
        'An invalid request URI was provided. Either the request URI must be an absolute URI or BaseAddress must be set.',
      ),
    );
  });
});
