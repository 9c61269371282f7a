import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgePreflight, type TargetFacts } from '../../src/domain/preflight';

const fine: TargetFacts = {
  slotExists: true,
  planTier: 'ElasticPremium',
  os: 'windows',
  planHasSlots: true,
  productionRunning: true,
  slotRunning: true,
  preparedForSwap: false,
  operationInProgress: false,
  sharesHostId: false,
  stickyButMissing: [],
  travelling: [],
  warmUpAcceptsAnyStatus: false,
  runsFromUrl: false,
};
const judge = (changes: Partial<TargetFacts>, settings: string[] = []) =>
  judgePreflight({ ...fine, ...changes }, { app: 'hello', slot: 'staging', settings });
const codes = (changes: Partial<TargetFacts>): string[] => judge(changes).problems.map(({ code }) => code);

/** What stands in the way of a target that has its slot, one by one. */
const obstacles: [string, Partial<TargetFacts>][] = [
  ['production-stopped', { productionRunning: false }],
  ['slot-stopped', { slotRunning: false }],
  ['operation-in-progress', { operationInProgress: true }],
  ['shared-host-id', { sharesHostId: true }],
  ['runs-from-url', { runsFromUrl: true }],
];

describe('the preflight', () => {
  it('finds nothing in a target that is in order', () => {
    expect(judge({})).toEqual({ problems: [], warnings: [] });
  });

  it('tells everything that stands in the way at once, and nothing else', () => {
    fc.assert(
      fc.property(fc.subarray(obstacles), (some) => {
        expect(codes(Object.assign({}, ...some.map(([, changes]) => changes)))).toEqual(some.map(([code]) => code));
      }),
    );
  });

  it('tells of a plan without slots, or a slot that is missing, that alone: the rest follows from it', () => {
    fc.assert(
      fc.property(fc.subarray(obstacles), fc.boolean(), (some, slotExists) => {
        const changes = Object.assign({}, ...some.map(([, each]) => each)) as Partial<TargetFacts>;
        expect(codes({ ...changes, planHasSlots: false, slotExists })).toEqual(['plan-without-slots']);
        expect(codes({ ...changes, slotExists: false })).toEqual(['slot-missing']);
      }),
    );
  });

  it('names app, slot, plan and settings, and says what to do', () => {
    expect(judge({ planHasSlots: false, planTier: 'FlexConsumption' }).problems[0]?.sentence).toBe(
      'hello runs on a FlexConsumption plan, which has no deployment slots.',
    );
    expect(judge({ slotExists: false }).problems[0]).toMatchObject({
      sentence: 'hello has no slot named staging.',
      next: 'Create the slot staging, or name the right one in slipway.yaml.',
    });
  });

  it('refuses names of settings that a Linux plan does not take, and names them all', () => {
    const settings = ['ORDERS_DB', 'AzureWebJobs.send-mail.Disabled', 'Logging:Level', 'AzureWebJobs.greet.Disabled'];
    expect(judge({ os: 'linux' }, settings).problems).toEqual([
      {
        code: 'setting-name-refused',
        sentence: expect.stringContaining('has to write: AzureWebJobs.send-mail.Disabled, Logging:Level.'),
        next: expect.any(String),
      },
    ]);
    expect(judge({}, settings).problems).toEqual([]);
  });

  it('names an open preview as such, not as an operation', () => {
    expect(codes({ preparedForSwap: true })).toEqual(['prepared-for-swap']);
    expect(codes({ preparedForSwap: true, operationInProgress: true })).toEqual(['prepared-for-swap']);
  });

  it('lets slot settings of one slot pass with a warning that names them', () => {
    expect(judge({ stickyButMissing: ['ORDERS_DB', 'STRIPE'] })).toEqual({
      problems: [],
      warnings: [expect.stringContaining('only one of production and staging, and stay there: ORDERS_DB, STRIPE.')],
    });
  });

  it('lets a careless warm-up pass with a warning, and settings that travel in silence', () => {
    expect(judge({ warmUpAcceptsAnyStatus: true, travelling: ['COLOUR'] })).toEqual({
      problems: [],
      warnings: [expect.stringContaining('WEBSITE_SWAP_WARMUP_PING_STATUSES')],
    });
  });
});
