import type { ActivityName, Catalogue } from '../../src/activities/catalogue';
import { createTellPeople } from '../../src/activities/tell-people';
import { changeRow } from '../../src/azure/rows';
import { deployed } from '../../src/domain/endings';
import type { Expected } from '../../src/domain/judge-swap';
import type { LaneRow } from '../../src/domain/lane';
import type { NoticeRow } from '../../src/domain/notice';
import type { DecisionRecord, RolloutRow } from '../../src/domain/rollout';
import { releaseSettingsKey, rolloutKey, sourceKey } from '../../src/domain/tables';
import { ann, iso, plan, rollout, rolloutId } from '../mail/world';
import { bringChange, bringJira, bringRequest, bringServiceNow, correlation, policyOf } from './contract-services';
import { older, policy, type Effects, type Given, type World } from './contract-world';

export interface Case<Input = object> {
  /** Where an activity has more than one. */
  what?: string;
  given?: Given;
  arrange?: (world: World) => Promise<void>;
  input: Omit<Input, 'rolloutId'> | ((world: World) => Promise<Omit<Input, 'rolloutId'>>);
  /** What a run answers that finds the effect done, or begun; the first run's own answer unless given. */
  again?: object;
  /** What one answers that came while another had begun, and can't tell what becomes of that. */
  between?: object;
  /** An effect that is made at most once, and so not at all where a run broke off before it; all others are made whatever breaks off. */
  atMostOnce?: (effects: Effects) => number;
  /** What of the answer must be the same; all of it unless given. */
  same?: (answer: Record<string, unknown>) => unknown;
  /** A list in a row that has an entry for each run. */
  grows?: string;
}

const stagedIn = ({ slots: { staging } }: World): Expected => ({ marker: staging.marker, content: staging.content });
const inPhase = (phase: RolloutRow['phase']): Given => ({ row: { phase } });
const ask = rollout.ask ?? fail();
const yes: DecisionRecord = { gate: 'release', approver: ann, answer: 'yes', at: iso(30) };
const yesThere: DecisionRecord = { gate: 'change', approver: 'cora@example.com', answer: 'yes', at: iso(30), service: 'servicenow' };
const granted = { ...ask, state: 'granted' as const, decisions: [yes] };
const heldByOlder: LaneRow = { v: 1, state: 'held', holder: older, holderAdmittedAt: iso(-900), epoch: 2, queue: [] };

const askFirst = { ask: 'Request approval', successful: 'Complete', unsuccessful: 'Fail', cancel: 'Cancel' };
const filled = { customfield_10050: { value: 'Low' }, customfield_10051: 'Swap back.' };

function fail(): never {
  throw new Error('the rollout above has it');
}

/** Tells people, and answers the notice that goes to a gate's service. */
async function noticeTold({ rows, ports, call }: World, moment: 'success' | 'ended', channel: string): Promise<{ noticeId: string }> {
  await createTellPeople({ ...ports, rows })({ rolloutId, moment }, call);
  const notices = await rows.list<NoticeRow>(rolloutId, 'notice-');
  return { noticeId: notices.find(({ value }) => value.channel === channel)?.value.id ?? '' };
}

const bring = (world: World, row: string, value: object) =>
  world.rows.write([{ kind: 'insert', partition: rolloutId, row, value }]).then(() => undefined);

/** Making it was begun, and nobody heard the end of that: it is there, so often. */
async function bringUnheard(world: World, times: number): Promise<void> {
  const records = await bringServiceNow(world, { attempt: times, attemptedAt: iso(-600) });
  const columns = { type: 'emergency', short_description: 'x', assignment_group: 'a', correlation_id: correlation };
  for (let n = 0; n < times; n += 1) records.create(columns, 'slipway');
}

/** A change beside the link, in the plan and in today's policy. */
async function bringChangeToPolicy(world: World, isApproved: boolean): Promise<void> {
  await bringChange(world, isApproved);
  const both = { ...policy, gates: [...policy.gates, policyOf('servicenow')] };
  world.ports.settings = { ...world.ports.settings, policies: { careful: both } };
  await changeRow<RolloutRow>(world.rows, rolloutId, rolloutKey, (row) =>
    row.plan?.kind === 'go' ? { value: { ...row, plan: { ...row.plan, policy: both, gates: both.gates } } } : undefined,
  );
}

/** One or more for each activity of the catalogue; the type refuses a name that is missing. */
export const cases: { [Name in ActivityName]: Case<Catalogue[Name]['input']>[] } = {
  beginRollout: [{ given: { row: { phase: 'queued', starter: null } }, input: { starter: 'mine' } }],
  enterPhase: [{ given: inPhase('planning'), input: { phase: 'announcing', note: 'planned' } }],
  keepPackage: [
    { given: inPhase('queued'), arrange: (world) => bring(world, sourceKey, { v: 1, url: 'https://b.example/?sig=1' }), input: {} },
  ],
  openRound: [{ input: { round: 9 } }],
  lookAtLane: [
    { what: 'free', given: { ...inPhase('queued'), lane: { ...heldByOlder, state: 'free', holder: null } }, input: { round: 9 } },
    { what: 'held by one that gives way', given: { ...inPhase('queued'), lane: heldByOlder }, input: { round: 9 } },
  ],
  readLive: [{ given: inPhase('planning'), input: {} }],
  recordPlan: [{ given: { ...inPhase('planning'), without: ['plan'] }, input: { plan: { kind: 'unchanged', sentence: 'It is there.' } } }],
  tellPeople: [
    { what: 'a moment', given: inPhase('announcing'), input: { moment: 'start' } },
    { what: 'an ask', input: { moment: 'waiting', gate: 'release' } },
    { what: 'a reminder', input: { moment: 'reminder', gate: 'release', number: 1 } },
  ],
  checkTarget: [{ given: inPhase('planning'), input: {} }],
  switchOffTriggers: [{ given: inPhase('staging'), input: { epoch: 3 } }],
  writeMarker: [
    {
      given: inPhase('staging'),
      arrange: (world) => bring(world, releaseSettingsKey, { v: 1, values: { COLOUR: 'red' } }),
      input: { epoch: 3 },
      again: { changed: false },
    },
  ],
  pushPackage: [
    {
      given: inPhase('staging'),
      input: { epoch: 3, push: 1 },
      again: { kind: 'unknown', code: 'pushed-before' },
      atMostOnce: ({ pushes }) => pushes.length,
    },
  ],
  lookAtDeployment: [{ given: inPhase('staging'), input: { round: 9, push: 1 } }],
  proveStaging: [
    {
      given: { row: { phase: 'staging', release: { ...rollout.release, functions: [{ name: 'greet', trigger: 'queue' }] } } },
      input: { round: 9, push: 1 },
    },
  ],
  syncTriggers: [{ given: inPhase('staging'), input: { epoch: 3 } }],
  runCheck: [
    {
      given: inPhase('proving'),
      input: { check: 0, slot: 'staging' },
      grows: 'tries',
    },
  ],
  openAsk: [
    { what: 'by a link', given: { without: ['ask'] }, input: {} },
    { what: 'in a service', given: { without: ['ask'], row: { plan: { ...plan, gates: [policyOf('servicenow')] } } }, input: {} },
  ],
  startPromotion: [
    {
      given: { row: { phase: 'done', ending: { outcome: 'deployed', at: '2026-11-23T11:00:00.000Z', reason: '', next: '', serves: '' } } },
      input: { environment: 'production' },
    },
  ],
  escalateGate: [{ input: { gate: 'release' } }],
  fileRequest: [
    {
      arrange: async (world) => {
        await bringServiceNow(world);
      },
      input: { gate: 'change' },
      between: { kind: 'unknown' },
      atMostOnce: (effects) => (effects as { changes?: unknown[] }).changes?.length ?? 0,
    },
    { what: 'whose making got no answer', arrange: (world) => bringUnheard(world, 1), input: { gate: 'change' } },
    { what: 'that was made twice', arrange: (world) => bringUnheard(world, 2), input: { gate: 'change' } },
    {
      what: 'that nobody was asked about yet',
      async arrange(world) {
        await bringChange(world, false, { isAsked: false });
      },
      input: { gate: 'change' },
    },
    {
      what: 'in Jira',
      arrange: async (world) => {
        await bringJira(world, {}, { policy: { requestType: '18', transitions: askFirst, fields: filled } });
      },
      input: { gate: 'request' },
      between: { kind: 'unknown' },
      atMostOnce: (effects) => (effects as { requests?: unknown[] }).requests?.length ?? 0,
    },
  ],
  lookAtRequest: [
    { what: 'approved', arrange: (world) => bringChange(world, true), input: { gate: 'change' }, again: { isChanged: false } },
    { what: 'waiting', arrange: (world) => bringChange(world, false), input: { gate: 'change' }, again: { isChanged: false } },
    {
      what: 'approved in Jira',
      arrange: async (world) => {
        await bringRequest(world, true);
      },
      input: { gate: 'request' },
      again: { isChanged: false },
    },
    {
      what: 'taken back',
      given: { row: { ask: { ...ask, decisions: [yesThere] } } },
      arrange: (world) => bringChange(world, false),
      input: { gate: 'change' },
      again: { isChanged: false },
    },
  ],
  beginRequests: [
    { given: inPhase('swapping'), arrange: (world) => bringChange(world, true), input: {} },
    {
      what: 'in Jira',
      given: inPhase('swapping'),
      arrange: async (world) => {
        await bringRequest(world, true);
      },
      input: {},
    },
  ],
  lookAtAsk: [
    { what: 'granted', given: { row: { ask: { ...ask, decisions: [yes] } } }, input: { round: 9 } },
    { what: 'rejected', given: { row: { ask: { ...ask, decisions: [{ ...yes, answer: 'no' }] } } }, input: { round: 9 } },
    { what: 'waiting', input: { round: 9 } },
    { what: 'waiting for a service', arrange: (world) => bringChange(world, false), input: { round: 9 } },
    {
      what: 'granted by a link and a service',
      given: { row: { ask: { ...ask, decisions: [yes, yesThere] } } },
      arrange: (world) => bringChange(world, true),
      input: { round: 9 },
    },
    {
      what: 'taken back in a service',
      given: { row: { ask: { ...ask, withdrawn: [{ ...yesThere, withdrawnAt: iso(50) }] } } },
      arrange: (world) => bringChange(world, false),
      input: { round: 9 },
    },
  ],
  grantSwap: [
    {
      what: 'granted by a link and a service',
      given: { row: { ask: { ...granted, decisions: [yes, yesThere] } } },
      arrange: (world) => bringChangeToPolicy(world, true),
      input: async (world) => ({ epoch: 3, staged: stagedIn(world) }),
    },
    {
      what: 'taken back in a service',
      given: { row: { ask: { ...granted, decisions: [yes, yesThere] } } },
      arrange: (world) => bringChangeToPolicy(world, false),
      input: async (world) => ({ epoch: 3, staged: stagedIn(world) }),
    },
    { what: 'granted', given: { row: { ask: granted } }, input: async (world) => ({ epoch: 3, staged: stagedIn(world), note: 'asked' }) },
    {
      what: 'standing lost',
      given: {
        row: { ask: { ...granted, decisions: [{ ...yes, approver: 'gone@example.com' }] } },
        gate: { approvers: [{ address: 'gone@example.com', mailNumber: 1, wrongCodes: 0 }] },
      },
      input: async (world) => ({ epoch: 3, staged: stagedIn(world) }),
    },
  ],
  postSwap: [
    {
      given: inPhase('swapping'),
      input: async ({ slots }) => ({ epoch: 3, attempt: 1, basis: structuredClone(slots) }),
      again: { kind: 'unknown', code: 'posted-before' },
      atMostOnce: ({ swapPosts }) => swapPosts,
    },
  ],
  lookAtSlots: [{ given: inPhase('swapping'), input: { round: 9 } }],
  sampleProduction: [
    {
      given: inPhase('watching'),
      // A run that comes later has less time left to look.
      same: ({ kind }) => kind,
      async input(world) {
        // As after the swap.
        Object.assign(world.slots.production, stagedIn(world));
        return { leftMs: 10_000, samples: [], expected: stagedIn(world), round: 9 };
      },
    },
  ],
  closeRollout: [
    {
      given: {
        ...inPhase('watching'),
        lane: {
          v: 1,
          state: 'held',
          holder: rolloutId,
          holderAdmittedAt: iso(-90),
          epoch: 3,
          queue: [{ rolloutId: older, admittedAt: iso(-900) }],
        },
      },
      arrange: (world) => bring(world, sourceKey, { v: 1, url: 'https://b.example/?sig=1' }),
      input: { ending: deployed('2.0.0', true, true), by: 'story', note: 'watched' },
    },
  ],
  terminateStory: [{ input: {} }],
  sendNotice: [
    {
      what: 'closing a request',
      given: {
        row: {
          phase: 'telling',
          ask: {
            ...granted,
            requests: [{ gate: 'change', service: 'servicenow', number: 'CHG0030001', url: 'http://127.0.0.1/', says: '' }],
          },
          ending: { outcome: 'deployed', at: iso(40), reason: 'It is there.', next: '', serves: '' },
        },
      },
      arrange: (world) => bringChange(world, true),
      input: (world) => noticeTold(world, 'success', 'gate:change'),
    },
    {
      what: 'cancelling a request that nobody heard of',
      given: {
        row: { phase: 'telling', ask, ending: { outcome: 'cancelled', at: iso(40), reason: 'It was cancelled.', next: '', serves: '' } },
      },
      arrange: (world) => bringUnheard(world, 2),
      input: (world) => noticeTold(world, 'ended', 'gate:change'),
    },
    {
      what: 'closing a request in Jira',
      given: {
        row: {
          phase: 'telling',
          ask: { ...granted, requests: [{ gate: 'request', service: 'jira', number: 'MC-1', url: 'http://127.0.0.1/', says: '' }] },
          ending: { outcome: 'deployed', at: iso(40), reason: 'It is there.', next: '', serves: '' },
        },
      },
      arrange: async (world) => {
        await bringRequest(world, true);
      },
      input: (world) => noticeTold(world, 'success', 'gate:request'),
    },
    {
      given: inPhase('announcing'),
      async input({ rows, ports, call }) {
        await createTellPeople({ ...ports, rows })({ rolloutId, moment: 'start' }, call);
        const [notice] = await rows.list<NoticeRow>(rolloutId, 'notice-');
        return { noticeId: notice?.value.id ?? '' };
      },
    },
  ],
};
