import { json, type HttpAnswer, type HttpRequest } from '../http-message';
import { parameter } from './parameter';

const pageSize = 100;

export const wentWrong = (message: string, exceptionType = 'System.InvalidOperationException'): HttpAnswer =>
  json(500, {
    Message: 'Something went wrong while processing your request',
    ExceptionMessage: message,
    ExceptionType: exceptionType,
    StackTrace: '',
  });

/** One page of a list: query parameter `top`, header `x-ms-continuation-token`, which is the id of the next page's first. */
export function pageOf<T extends { id: string }>(request: HttpRequest, all: T[], show: (one: T) => unknown): HttpAnswer {
  const topText = parameter(request.url.searchParams, 'top');
  const top = topText !== undefined && /^-?\d+$/.test(topText) ? Number(topText) : pageSize;
  if (top < 0)
    return wentWrong(
      'An error occurred while communicating with Azure Storage',
      'DurableTask.AzureStorage.Storage.DurableTaskStorageException',
    );
  const given = request.headers['x-ms-continuation-token'];
  const token = typeof given === 'string' && given !== '' ? Buffer.from(given.trim(), 'base64').toString('utf8') : undefined;
  const first = token === undefined ? 0 : all.findIndex((one) => one.id === token);
  const page = first < 0 ? [] : all.slice(first, first + top);
  const next = first < 0 ? undefined : all[first + page.length];
  return json(200, page.map(show), { 'x-ms-continuation-token': next ? `${Buffer.from(next.id).toString('base64')} ` : '' });
}
