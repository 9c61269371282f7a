import type { HttpHandler } from '@azure/functions';
import { openApiDocument } from '../domain/openapi';
import { guardFaults, renderJson, statusOf } from './problem-json';

/** GET /api/openapi.json: what the API is, for everybody; it says nothing of what is deployed. */
export const openApiHandler = (): HttpHandler => {
  let document: object | undefined;
  return guardFaults(async () => renderJson(200, (document ??= openApiDocument(statusOf))));
};
