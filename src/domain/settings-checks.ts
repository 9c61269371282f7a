import * as z from 'zod';
import { duration, text } from './settings-words';

const wantedStatus = 'an HTTP status from 100 to 599, or a list of them';
const status = z.number(wantedStatus).int(wantedStatus).min(100, wantedStatus).max(599, wantedStatus);
const path = text(/^\/[^\s]*$/, 'a path that begins with "/"');

/** One smoke test, as slipway.yaml states it. */
export const check = z
  .strictObject({
    name: text(/^.{1,80}$/, 'a name of 1 to 80 characters on one line'),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    path,
    headers: z.record(z.string(), z.string()).default({}),
    body: z.json().optional(),
    functionKey: z.boolean().default(false),
    expect: z
      .strictObject({
        status: z.union([status.transform((one) => [one]), z.array(status).min(1, wantedStatus)], wantedStatus).default([200]),
        headers: z.record(z.string(), z.string()).default({}),
        json: z.record(z.string().regex(/^(?:\/.*)?$/, 'a JSON pointer such as /version'), z.json()).default({}),
        schema: z.record(z.string(), z.json()).optional(),
        latency: duration(0.001, 230).optional(),
      })
      .prefault({}),
    timeout: duration(0.1, 230).default(30),
    budget: duration(0, 1800).default(180),
  })
  .transform(({ timeout, budget, expect: { latency, ...expect }, body, ...rest }) => ({
    ...rest,
    ...(body === undefined ? {} : { body: body as unknown }),
    expect: {
      status: expect.status,
      headers: expect.headers,
      json: expect.json,
      ...(expect.schema === undefined ? {} : { schema: expect.schema }),
      ...(latency === undefined ? {} : { latencyMs: latency * 1000 }),
    },
    timeoutSeconds: timeout,
    budgetSeconds: budget,
  }));
