import { empty, json, type HttpAnswer, type HttpRequest } from '../http-message';
import { integerOf, type Query } from './query';

export const notFound = empty(404);

/** An answer for an exception of .NET; ours have no frames. */
export const exceptionAnswer = (status: number, message: string, exceptionMessage: string, exceptionType: string): HttpAnswer =>
  json(status, { Message: message, ExceptionMessage: exceptionMessage, ExceptionType: exceptionType, StackTrace: '' });

export const wentWrong = (message: string, exceptionType = 'System.InvalidOperationException'): HttpAnswer =>
  exceptionAnswer(500, 'Something went wrong while processing your request', message, exceptionType);

export const badArgument = (message: string, exceptionMessage: string): HttpAnswer =>
  exceptionAnswer(400, message, exceptionMessage, 'System.ArgumentException');

export const isJson = (request: HttpRequest): boolean => /^\s*application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '');

/** The body as text, without a mark of its byte order. */
export const bodyText = (request: HttpRequest): string => request.body.toString('utf8').replace(/^\uFEFF/, '');

const pageSize = 100;

/**
 * One page of a list: query parameter `top`, header `x-ms-continuation-token`, which is the id of the next page's first. `show` leaves out what it answers with
 * undefined; a page of which nothing is left is passed over where `isFilled` says so.
 */
export function pageOf<T extends { id: string }>(
  { request, query }: { request: HttpRequest; query: Query },
  all: T[],
  show: (one: T) => object | undefined,
  isFilled = false,
): HttpAnswer {
  const top = integerOf(query.value('top')) ?? pageSize;
  if (top < 0)
    return wentWrong(
      'An error occurred while communicating with Azure Storage',
      'DurableTask.AzureStorage.Storage.DurableTaskStorageException',
    );
  const given = request.headers['x-ms-continuation-token'];
  const token = typeof given === 'string' ? Buffer.from(given.trim(), 'base64').toString('utf8') : '';
  let rest = all.filter((one) => one.id >= token);
  for (;;) {
    const shown = rest.slice(0, top).flatMap((one) => show(one) ?? []);
    rest = rest.slice(top);
    const next = rest[0];
    if (isFilled && shown.length === 0 && next && top > 0) continue;
    return json(200, shown, { 'x-ms-continuation-token': next ? `${Buffer.from(next.id).toString('base64')} ` : '' });
  }
}
