import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgePreflight, type TargetFacts } from '../../src/domain/preflight';
import { findTraps, trapCodes } from '../../src/domain/traps';
import { fitTarget } from '../target-facts';

const fine: TargetFacts = { ...fitTarget, os: 'windows', taskHub: 'own' };
const names = { app: 'hello', slot: 'staging', resourceGroup: 'rg', settings: [] };
const judge = (changes: Partial<TargetFacts>, settings: string[] = []) =>
  judgePreflight({ ...fine, ...changes }, { app: 'hello', slot: 'staging', resourceGroup: 'rg', settings });
const codes = (changes: Partial<TargetFacts>): string[] => judge(changes).problems.map(({ code }) => code);

/** What stands in the way of a target that has its slot, one by one. */
const obstacles: [string, Partial<TargetFacts>][] = [
  ['production-stopped', { productionRunning: false }],
  ['slot-stopped', { slotRunning: false }],
  ['operation-in-progress', { operationInProgress: true }],
  ['shared-host-id', { sharesHostId: true }],
  ['shared-task-hub', { taskHub: 'shared' }],
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
        expect(codes({ ...changes, planTier: 'FlexConsumption', slotExists })).toEqual(['plan-without-slots']);
        expect(codes({ ...changes, slotExists: false })).toEqual(['slot-missing']);
      }),
    );
  });

  it('names app, slot, plan and settings, and says what to do', () => {
    expect(judge({ planTier: 'FlexConsumption' }).problems[0]?.sentence).toContain(
      'hello runs on a FlexConsumption plan, which has no deployment slots.',
    );
    expect(judge({ slotExists: false }).problems[0]).toMatchObject({
      sentence: expect.stringContaining('hello has no slot named staging.'),
      next: expect.stringContaining('az functionapp deployment slot create --resource-group rg --name hello --slot staging'),
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
      warnings: [expect.stringContaining('only one of production and staging: ORDERS_DB, STRIPE.')],
    });
  });

  it('lets a careless warm-up pass with a warning, and settings that travel in silence', () => {
    expect(judge({ warmUpAcceptsAnyStatus: true, travelling: ['COLOUR'] })).toEqual({
      problems: [],
      warnings: [expect.stringContaining('WEBSITE_SWAP_WARMUP_PING_STATUSES')],
    });
  });

  const warnings: [string, Partial<TargetFacts>][] = [
    ['warm-up-accepts-any', { warmUpAcceptsAnyStatus: true }],
    ['sticky-in-one-slot', { stickyButMissing: ['ORDERS_DB'] }],
    ['connection-travels', { connectionsTravel: ['AzureWebJobsStorage'] }],
    ['triggers-live-in-staging', { liveInStaging: ['greet'] }],
    ['keys-in-files', { keysInFiles: true }],
    ['package-url-expires', { packageUrlExpires: true }],
    ['sign-in-stops-preview', { signInOn: true }],
    ['passwords-open-scm', { passwordsOpenScm: true }],
  ];

  it('warns of each trap that stops nothing, and stops for none of them', () => {
    fc.assert(
      fc.property(fc.subarray(warnings), (some) => {
        const facts = Object.assign({ ...fine }, ...some.map(([, changes]) => changes)) as TargetFacts;
        const found = findTraps(facts, names);
        expect(found.map(({ code }) => code)).toEqual(some.map(([code]) => code));
        expect(found.every(({ weight }) => weight === 'warns')).toBe(true);
        expect(judgePreflight(facts, names)).toEqual({ problems: [], warnings: found.map(({ sentence, why }) => `${sentence} ${why}`) });
      }),
    );
  });

  it('stops where orchestrations would share a hub that no setting names, and not where there are none', () => {
    expect(codes({ taskHub: 'none', isDurable: true })).toEqual(['default-task-hub']);
    expect(codes({ taskHub: 'none' })).toEqual([]);
    const both = judgePreflight({ ...fine, taskHub: 'none', isDurable: true, keysInFiles: true }, names);
    expect([both.problems.map(({ code }) => code), both.warnings.length]).toEqual([['default-task-hub'], 1]);
  });

  it('minds an address of a package where it is pushed, and what reads it where it is fetched', () => {
    const byUrl = { planTier: 'Dynamic', os: 'linux' } as const;
    const urls = { runsFromUrl: true, packageUrlSticky: true, packageReaderMissing: ['production', 'staging'] } as const;
    const spoiled = { ...urls, packageReaderMissing: [...urls.packageReaderMissing] };
    expect(codes({ ...byUrl, runsFromUrl: true })).toEqual([]);
    expect(codes({ ...byUrl, ...spoiled })).toEqual(['package-reader-missing', 'package-url-sticky']);
    expect(codes(spoiled)).toEqual(['runs-from-url']);
    expect(codes({ planTier: 'Dynamic', ...spoiled })).toEqual(['runs-from-url']);
    const expiring = findTraps({ ...fine, ...byUrl, packageUrlExpires: true }, names);
    expect(expiring).toMatchObject([{ code: 'package-url-expires', next: expect.stringContaining('a rollout replaces it') }]);
  });

  const nextOf = (changes: Partial<TargetFacts>, of: Partial<typeof names> = {}): string =>
    findTraps({ ...fine, ...changes }, { ...names, ...of }).find(({ next }) => next)?.next ?? '';
  const set = 'az functionapp config appsettings set --resource-group rg --name hello';

  it('mends what is wrong in the slot alone there, with a slot setting that stays', () => {
    const inSlot = `${set} --slot staging --slot-settings `;
    expect(nextOf({ sharesHostId: true })).toContain(`${inSlot}AzureFunctionsWebHost__hostid=hello-s`);
    expect(nextOf({ taskHub: 'shared' })).toContain(`${inSlot}TASK_HUB_NAME=staging`);
    expect(nextOf({ taskHub: 'none', isDurable: true })).toContain(`${inSlot}TASK_HUB_NAME=staging`);
    expect(nextOf({ liveInStaging: ['greet', 'tidy-up'] })).toContain(
      `${inSlot}AzureWebJobs.greet.Disabled=true AzureWebJobs.tidy-up.Disabled=true`,
    );
    expect(nextOf({ stickyButMissing: ['A'] })).toContain(`${inSlot}<name>=<value>`);
  });

  it('gives the slot a host id that the runtime takes: at most 32 characters', () => {
    const [, id] = /hostid=(\S+)$/.exec(nextOf({ sharesHostId: true }, { app: 'an-app-whose-name-is-longer-than-a-host-id' })) ?? [];
    expect(id).toBe('an-app-whose-name-is-longer-t-s');
  });

  it.each<[string, Partial<TargetFacts>]>([
    ['WEBSITE_SWAP_WARMUP_PING_PATH=/api/health WEBSITE_SWAP_WARMUP_PING_STATUSES=200', { warmUpAcceptsAnyStatus: true }],
    ['AzureWebJobsSecretStorageType=Blob', { keysInFiles: true }],
    ['<name>=<value>', { connectionsTravel: ['A'] }],
  ])('mends in both slots what would travel: %s', (settings, changes) => {
    expect(nextOf(changes)).toContain(`${set} --slot staging --slot-settings ${settings}; ${set} --slot-settings ${settings}`);
  });

  it('names everything that is meant', () => {
    const said = (changes: Partial<TargetFacts>) => findTraps({ ...fine, ...changes }, names)[0]?.sentence;
    expect(said({ connectionsTravel: ['A', 'B'] })).toContain(': A, B.');
    expect(said({ liveInStaging: ['greet', 'tidy-up'] })).toContain(': greet, tidy-up.');
  });

  it('gives an identity to the slots that lack one', () => {
    const lacking = (...packageReaderMissing: TargetFacts['packageReaderMissing']) =>
      findTraps({ ...fine, planTier: 'Dynamic', os: 'linux', packageReaderMissing }, names)[0]!;
    const assign = 'az functionapp identity assign --resource-group rg --name hello';
    expect(lacking('production').sentence).toBe('No managed identity fetches the package of hello.');
    expect(lacking('production').next).toMatch(new RegExp(`^${assign} \\(--identities`));
    expect(lacking('staging').next).toMatch(new RegExp(`^${assign} --slot staging \\(--identities`));
    expect(lacking('production', 'staging').sentence).toBe('No managed identity fetches the package of hello and slot staging of hello.');
    expect(lacking('production', 'staging').next).toContain(`${assign}; ${assign} --slot staging (`);
  });

  it('asks nothing of a package’s address that expires where it is pushed to the slot, but to push it', () => {
    expect(nextOf({ packageUrlExpires: true })).toContain(`${set} --settings WEBSITE_RUN_FROM_PACKAGE=1`);
  });

  it('asks for no hub where the app has one of its own, or has no orchestrations', () => {
    expect(codes({ taskHub: 'own', isDurable: true })).toEqual([]);
  });

  it('says of every trap what it is, why it hurts and what mends it, in whole sentences, by a name of its own', () => {
    const everything: Partial<TargetFacts>[] = [
      ...[...obstacles, ...warnings].map(([, changes]) => changes),
      ...[{ slotExists: false }, { planTier: 'Free' }, { planTier: 'FlexConsumption' }, { onContainerApps: true }, { runsImage: true }],
      ...[{ isDurable: true, taskHub: 'none' as const }, { preparedForSwap: true }],
      ...(['production', 'staging'] as const).map((each) => ({
        ...{ planTier: 'Dynamic', os: 'linux' as const, packageReaderMissing: [each], packageUrlSticky: true },
      })),
    ];
    const found = everything.flatMap((changes) => findTraps({ ...fine, ...changes }, names));
    const onLinux = findTraps({ ...fine, os: 'linux' }, { ...names, settings: ['AzureWebJobs.send-mail.Disabled'] });
    const all = [...found, ...onLinux];
    expect([...new Set(all.map(({ code }) => code))].sort()).toEqual([...trapCodes].sort());
    expect(new Set(trapCodes).size).toBe(trapCodes.length);
    expect(trapCodes.length).toBeGreaterThanOrEqual(10);
    for (const { sentence, why, next } of all) {
      for (const text of [sentence, why, next]) expect(text).toMatch(/^[A-Z“ha].{5,}/);
      for (const text of [sentence, why]) expect(text).toMatch(/[.)]$/);
    }
  });
});
