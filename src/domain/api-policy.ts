import type { Operation } from './api';
import { decisionBody, lineBody, overrideBody, planQuery, promoteBody, refusedBodies } from './api-requests';
import { decided, foreseen, lineChanged, lineStops } from './api-policy-shapes';
import { accepted } from './api-shapes';

/** What people ask of a rollout's gates and calendar, and of the line. */
export const policyOperations: readonly Operation[] = [
  {
    id: 'decide',
    method: 'post',
    path: 'rollouts/{id}/decisions',
    summary: 'Say yes or no at a gate, signed in as its approver or as a member of its group',
    needs: 'a sign-in',
    body: { 'application/json': decisionBody },
    answer: { status: 200, says: 'The decision as it stands.', schema: decided },
    problems: [
      ...refusedBodies,
      ...(['unknown-rollout', 'not-an-approver', 'which-gate', 'asked-for-it', 'decided-already', 'ended-already', 'asks-nobody'] as const),
    ],
  },
  {
    id: 'overrideCalendar',
    method: 'post',
    path: 'rollouts/{id}/override',
    summary: 'Let a rollout pass windows and freezes, for a reason that is announced',
    needs: 'Slipway.Operate',
    body: { 'application/json': overrideBody },
    answer: { status: 202, says: 'It waits for no window and no freeze any more.', schema: accepted },
    problems: [...refusedBodies, 'unknown-rollout', 'ended-already', 'too-late-to-override', 'nothing-to-override'],
  },
  {
    id: 'promoteRollout',
    method: 'post',
    path: 'rollouts/{id}/promote',
    summary: 'Take what a rollout deployed on to another environment; nothing is built again',
    needs: 'Slipway.Start',
    body: { 'application/json': promoteBody },
    isBodyOptional: true,
    answer: { status: 202, says: 'The rollout in the next environment.', schema: accepted },
    problems: [...refusedBodies, 'unknown-rollout', 'nothing-to-promote', 'promote-where', 'unknown-target'],
  },
  {
    id: 'readLine',
    method: 'get',
    path: 'line',
    summary: 'Read which stops of the line stand',
    needs: 'Slipway.Read',
    answer: { status: 200, says: 'The stops that stand.', schema: lineStops },
    problems: [],
  },
  {
    id: 'stopLine',
    method: 'post',
    path: 'line/stop',
    summary: 'Stop the line of one app, or of all: nothing swaps until it is started again',
    needs: 'Slipway.Operate',
    body: { 'application/json': lineBody },
    answer: { status: 200, says: 'It stands.', schema: lineChanged },
    problems: [...refusedBodies, 'unknown-app'],
  },
  {
    id: 'startLine',
    method: 'post',
    path: 'line/start',
    summary: 'Start the line of one app, or of all, again',
    needs: 'Slipway.Operate',
    body: { 'application/json': lineBody },
    answer: { status: 200, says: 'It moves.', schema: lineChanged },
    problems: [...refusedBodies, 'unknown-app'],
  },
  {
    id: 'plan',
    method: 'get',
    path: 'plan',
    summary: 'Tell what would happen to a release, now or at another time, and why',
    needs: 'Slipway.Read',
    query: planQuery,
    answer: { status: 200, says: 'What is foreseen; nothing was changed.', schema: foreseen },
    problems: ['invalid-request', 'unknown-target'],
  },
];
