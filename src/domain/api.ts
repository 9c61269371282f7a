import * as z from 'zod';
import { adoptQuery, examineQuery, figuresQuery, ledgerQuery, listQuery, reasonBody, refusedBodies, unblockBody } from './api-requests';
import {
  accepted,
  adoption,
  examination,
  figures,
  lane,
  laneList,
  ledgerView,
  me,
  placeList,
  rollout,
  rolloutList,
  traces,
} from './api-shapes';
import { policyOperations } from './api-policy';
import type { ProblemCode } from './problems';
import { rolloutRequestEvent, rolloutRequestSchema } from './rollout-request';

/** One thing that can be asked of Slipway over HTTP. */
export interface Operation {
  /** The name of its function. */
  id: string;
  method: 'get' | 'post';
  /** As registered, below /api. */
  path: string;
  summary: string;
  /** The Entra role it asks for; `a sign-in`: somebody, whatever their roles; `function key`: the host asks for a key of the app instead; `nothing`: open to all. */
  needs: 'Slipway.Read' | 'Slipway.Start' | 'Slipway.Operate' | 'a sign-in' | 'function key' | 'nothing';
  query?: z.ZodObject;
  headers?: Record<string, string>;
  /** Media type → what it holds. */
  body?: Record<string, z.ZodType>;
  isBodyOptional?: boolean;
  answer: { status: number; says: string; schema: z.ZodType };
  /** Problems of its own, besides those of who may call. */
  problems: readonly ProblemCode[];
}

const startBodies = { 'application/json': rolloutRequestSchema, 'application/cloudevents+json': rolloutRequestEvent };
const startAnswer = { status: 202, says: 'The rollout that came of it, or that the same request had started before.', schema: accepted };
const startHeaders = {
  'Idempotency-Key': 'Makes the request safe to send again: 1 to 200 visible characters of ASCII. The same key gives the same rollout.',
};

/** In the order in which they are documented. */
export const operations: readonly Operation[] = [
  {
    id: 'startRollout',
    method: 'post',
    path: 'rollouts',
    summary: 'Start a rollout',
    needs: 'Slipway.Start',
    headers: startHeaders,
    body: startBodies,
    answer: startAnswer,
    problems: [...refusedBodies, 'invalid-key', 'unknown-target', 'key-reused'],
  },
  {
    id: 'startRolloutByKey',
    method: 'post',
    path: 'rollouts-by-key',
    summary: 'Start a rollout, for build systems that hold a function key',
    needs: 'function key',
    headers: startHeaders,
    body: startBodies,
    answer: startAnswer,
    problems: [...refusedBodies, 'invalid-key', 'unknown-target', 'key-reused'],
  },
  {
    id: 'listRollouts',
    method: 'get',
    path: 'rollouts',
    summary: 'List rollouts, newest first',
    needs: 'Slipway.Read',
    query: listQuery,
    answer: { status: 200, says: 'Rollouts as they stand.', schema: rolloutList },
    problems: ['invalid-request'],
  },
  {
    id: 'readRollout',
    method: 'get',
    path: 'rollouts/{id}',
    summary: 'Read one rollout: phases, plan, checks, decisions, outcome',
    needs: 'Slipway.Read',
    answer: { status: 200, says: 'The rollout as it stands.', schema: rollout },
    problems: ['unknown-rollout'],
  },
  {
    id: 'cancelRollout',
    method: 'post',
    path: 'rollouts/{id}/cancel',
    summary: 'Cancel a rollout, as long as its swap has not begun',
    needs: 'Slipway.Operate',
    body: { 'application/json': reasonBody },
    isBodyOptional: true,
    answer: { status: 202, says: 'It ends at its next step.', schema: accepted },
    problems: [...refusedBodies, 'unknown-rollout', 'too-late', 'closing-now', 'ended-already'],
  },
  {
    id: 'rollBackRollout',
    method: 'post',
    path: 'rollouts/{id}/roll-back',
    summary: 'Take a rollout back; after its end by a rollout of kind revert',
    needs: 'Slipway.Operate',
    body: { 'application/json': reasonBody },
    isBodyOptional: true,
    answer: { status: 202, says: 'The rollout itself, or the revert that takes it back.', schema: accepted },
    problems: [...refusedBodies, 'unknown-rollout', 'too-early', 'closing-now', 'nothing-to-roll-back', 'no-longer-live', 'unknown-target'],
  },
  ...policyOperations,
  {
    id: 'tryAgain',
    method: 'post',
    path: 'rollouts/{id}/try-again',
    summary: 'Start another rollout of the release that an ended one brought',
    needs: 'Slipway.Start',
    body: { 'application/json': reasonBody },
    isBodyOptional: true,
    answer: { status: 202, says: 'The new rollout, or the attempt that is on its way already.', schema: accepted },
    problems: [...refusedBodies, 'unknown-rollout', 'not-ended', 'no-release-of-its-own', 'unknown-target'],
  },
  {
    id: 'readTraces',
    method: 'get',
    path: 'rollouts/{id}/traces',
    summary: 'Read what a rollout left besides its own record: notices, pushes, requests to swap',
    needs: 'Slipway.Read',
    answer: { status: 200, says: 'Oldest first.', schema: traces },
    problems: ['unknown-rollout'],
  },
  {
    id: 'listPlaces',
    method: 'get',
    path: 'live',
    summary: 'Read what every environment of every app serves, and what is on its way there',
    needs: 'Slipway.Read',
    answer: { status: 200, says: 'Each environment that slipway.yaml names, from Slipway’s own records.', schema: placeList },
    problems: [],
  },
  {
    id: 'readFigures',
    method: 'get',
    path: 'figures',
    summary: 'Read the four figures of delivery: frequency, lead time, failure rate, time to restore',
    needs: 'Slipway.Read',
    query: figuresQuery,
    answer: { status: 200, says: 'The figures, and the changes they are made of.', schema: figures },
    problems: ['invalid-request'],
  },
  {
    id: 'readMe',
    method: 'get',
    path: 'me',
    summary: 'Read who calls, and which roles they have',
    needs: 'Slipway.Read',
    answer: { status: 200, says: 'As the platform says it.', schema: me },
    problems: [],
  },
  {
    id: 'listLanes',
    method: 'get',
    path: 'lanes',
    summary: 'List the lanes that slipway.yaml names, and whose turn it is',
    needs: 'Slipway.Read',
    answer: { status: 200, says: 'Every lane.', schema: laneList },
    problems: [],
  },
  {
    id: 'unblockLane',
    method: 'post',
    path: 'lanes/{app}/{environment}/unblock',
    summary: 'Let a lane move again after needs-attention',
    needs: 'Slipway.Operate',
    body: { 'application/json': unblockBody },
    answer: { status: 200, says: 'The lane, free again.', schema: lane },
    problems: [...refusedBodies, 'unknown-lane', 'lane-not-blocked'],
  },
  {
    id: 'readLedger',
    method: 'get',
    path: 'ledger/{app}/{environment}',
    summary: 'Read the ledger of an app and environment, with its chain verified',
    needs: 'Slipway.Read',
    query: ledgerQuery,
    answer: { status: 200, says: 'Every entry, oldest first, and what the chain is worth.', schema: ledgerView },
    problems: ['invalid-request', 'unknown-lane'],
  },
  {
    id: 'doctor',
    method: 'get',
    path: 'doctor',
    summary: 'Examine a target, and Slipway itself',
    needs: 'Slipway.Read',
    query: examineQuery,
    answer: { status: 200, says: 'What was found; nothing was changed.', schema: examination },
    problems: ['invalid-request', 'unknown-target'],
  },
  {
    id: 'adopt',
    method: 'get',
    path: 'adopt',
    summary: 'Write the part of slipway.yaml for a function app that is there',
    needs: 'Slipway.Operate',
    query: adoptQuery,
    answer: { status: 200, says: 'The text, with what was found as comments; nothing was changed.', schema: adoption },
    problems: ['invalid-request', 'invalid-resource', 'azure-not-allowed', 'target-unreadable'],
  },
  {
    id: 'readOpenApi',
    method: 'get',
    path: 'openapi.json',
    summary: 'This description',
    needs: 'nothing',
    answer: { status: 200, says: 'An OpenAPI 3.1 document.', schema: z.looseObject({ openapi: z.literal('3.1.0') }) },
    problems: [],
  },
];
