import * as z from 'zod';
import { operations, type Operation } from './api';
import {
  accepted,
  figures,
  lane,
  laneList,
  ledgerView,
  me,
  place,
  placeList,
  problemShape,
  rollout,
  rolloutList,
  rolloutSummary,
  traces,
} from './api-shapes';
import type { ProblemCode } from './problems';
import { rolloutRequestEvent, rolloutRequestSchema } from './rollout-request';

type Json = Record<string, unknown>;

/** Schemas that stand under a name of their own. */
const named = z.registry<{ id: string }>();
named
  .add(rolloutRequestSchema, { id: 'RolloutRequest' })
  .add(rolloutRequestEvent, { id: 'RolloutRequestEvent' })
  .add(rolloutSummary, { id: 'RolloutSummary' })
  .add(rolloutList, { id: 'RolloutList' })
  .add(rollout, { id: 'Rollout' })
  .add(accepted, { id: 'Accepted' })
  .add(lane, { id: 'Lane' })
  .add(laneList, { id: 'LaneList' })
  .add(place, { id: 'Place' })
  .add(placeList, { id: 'PlaceList' })
  .add(traces, { id: 'Traces' })
  .add(figures, { id: 'Figures' })
  .add(me, { id: 'Me' })
  .add(ledgerView, { id: 'Ledger' })
  .add(problemShape, { id: 'Problem' });

/** `statusOf`: which HTTP status a problem is answered with. */
export function openApiDocument(statusOf: (code: ProblemCode) => number): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const path = `/api/${operation.path}`;
    paths[path] = { ...paths[path], [operation.method]: describe(operation, statusOf) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipway',
      version: '1',
      summary: 'Takes a new version of an Azure Function app to production.',
      description:
        'Every refusal is application/problem+json (RFC 9457): what is wrong in `detail`, what to do in `next`, each mistake in `errors`. Answers may gain members; ignore those you do not know.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The Slipway that serves this description.' }],
    tags: [
      { name: 'Rollouts', description: 'Releases on their way.' },
      { name: 'Overview', description: 'What is live, and how delivery goes.' },
      { name: 'Callers', description: 'Who calls.' },
      { name: 'Lanes', description: 'Whose turn it is, and whether the line moves.' },
      { name: 'Ledger', description: 'Who did what, and when.' },
      { name: 'Description', description: 'This document.' },
    ],
    paths,
    components: { schemas: schemas(), securitySchemes: securitySchemes },
  };
}

const securitySchemes = {
  entra: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token of Microsoft Entra for Slipway’s app registration, with the role named at the operation. On a laptop nobody has to sign in.',
  },
  functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key', description: 'A key of the function app.' },
};

function describe(operation: Operation, statusOf: (code: ProblemCode) => number): Json {
  const { id, summary, needs, answer, body, isBodyOptional } = operation;
  const parameters = parametersOf(operation);
  return {
    operationId: id,
    summary,
    description:
      needs === 'nothing'
        ? 'Open to all.'
        : needs === 'function key'
          ? 'Needs a function key.'
          : needs === 'a sign-in'
            ? 'Needs a sign-in, and no role.'
            : `Needs the role ${needs}.`,
    tags: [tagOf(operation)],
    security: needs === 'nothing' ? [] : needs === 'function key' ? [{ functionKey: [] }] : [{ entra: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: { required: isBodyOptional !== true, content: contentOf(body) } }),
    responses: {
      [answer.status]: { description: answer.says, content: contentOf({ 'application/json': answer.schema }) },
      ...refusals(operation, statusOf),
    },
  };
}

function tagOf({ path }: Operation): string {
  if (path.startsWith('rollouts')) return 'Rollouts';
  if (path === 'plan') return 'Rollouts';
  if (path.startsWith('lanes') || path.startsWith('line')) return 'Lanes';
  if (path === 'live' || path === 'figures') return 'Overview';
  if (path === 'me') return 'Callers';
  return path.startsWith('ledger') ? 'Ledger' : 'Description';
}

const callers: Record<Operation['needs'], readonly ProblemCode[]> = {
  nothing: [],
  'function key': ['foreign-page'],
  'a sign-in': ['not-signed-in', 'bad-principal', 'principal-not-believed', 'foreign-page'],
  'Slipway.Read': ['not-signed-in', 'bad-principal', 'not-allowed', 'principal-not-believed'],
  'Slipway.Start': ['not-signed-in', 'bad-principal', 'not-allowed', 'principal-not-believed', 'foreign-page'],
  'Slipway.Operate': ['not-signed-in', 'bad-principal', 'not-allowed', 'principal-not-believed', 'foreign-page'],
};

/** Each status with the codes of the problems that have it: a problem's `type` ends in its code. */
function refusals({ needs, problems }: Operation, statusOf: (code: ProblemCode) => number): Record<string, Json> {
  const codes = [...callers[needs], ...problems, 'internal'] as const;
  const statuses = new Set(codes.map(statusOf));
  return Object.fromEntries(
    Array.from(statuses, (status) => [
      status,
      {
        description: codes.filter((code) => statusOf(code) === status).join(', '),
        content: contentOf({ 'application/problem+json': problemShape }),
      },
    ]),
  );
}

function parametersOf({ path, query, headers = {} }: Operation): Json[] {
  const names = path.split('/').flatMap((part) => (part.startsWith('{') ? [part.slice(1, -1)] : []));
  const { properties = {}, required = [] } = (query === undefined ? {} : inline(query)) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema })),
    ...Object.entries(headers).map(([name, description]) => ({
      ...{ name, in: 'header', required: false, description },
      schema: { type: 'string', minLength: 1, maxLength: 200 },
    })),
  ];
}

const uri = (id: string): string => `#/components/schemas/${id}`;

const contentOf = (body: Record<string, z.ZodType>): Json =>
  Object.fromEntries(Object.entries(body).map(([type, schema]) => [type, { schema: reference(schema) }]));

function reference(schema: z.ZodType): Json {
  const name = named.get(schema)?.id;
  return name === undefined ? inline(schema) : { $ref: uri(name) };
}

/** What is sent is described as it may be written; what is answered, so that it may gain members. */
function inline(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' }) as Json;
  return rest;
}

function schemas(): Json {
  const all = z.toJSONSchema(named, { io: 'input', uri }).schemas as Record<string, Json>;
  return Object.fromEntries(Object.entries(all).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [name, schema]));
}
