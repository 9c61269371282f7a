import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { approversOf, type Askers } from '../../src/domain/gate';
import { stillOurs } from '../../src/domain/judge-swap';
import { holdsTheSame, isKnown, provesContent } from '../../src/domain/live';
import { planRollout, policyHash, type LiveReading, type PlanRequest } from '../../src/domain/plan';
import { markerOf } from '../../src/domain/release';
import { settingsSchema, type GatePolicy, type Policy } from '../../src/domain/settings';
import type { Hosting } from '../../src/domain/way';
import { digest, slot, slots } from './generated';

const now = '2026-11-23T10:00:00.000Z';
const askers = { requester: { name: 'Ann@Example.com', verified: true, via: 'http' as const } };
const gateOf = (name: string) => ({ name, kind: 'signed-link', approvers: ['ann@example.com'] });

function policyOf(written: object): Policy {
  const settings = settingsSchema.parse({
    azure: { subscription: 's', resourceGroup: 'g' },
    people: { team: ['team@example.com'] },
    apps: {},
    policies: { careful: written },
  });
  const policy = settings.policies['careful'];
  if (!policy) throw new Error('no policy was read');
  return policy;
}

const policy = fc
  .record({
    gates: fc.subarray(['release', 'security']).map((names) => names.map(gateOf)),
    revert: fc.subarray(['on-call']).map((names) => ({ gates: names.map(gateOf) })),
    combine: fc.constantFrom('all', 'any'),
    checks: fc.subarray([{ name: 'health', path: '/api/health' }]),
  })
  .map(policyOf);

const request: fc.Arbitrary<PlanRequest> = fc.record(
  {
    rolloutId: fc.constantFrom('new-2', 'later-3'),
    app: fc.constant('hello'),
    environment: fc.constant('production'),
    kind: fc.constantFrom('deploy', 'revert'),
    release: fc.record({
      version: fc.string({ minLength: 1 }),
      sha256: fc.constantFrom('', digest('a'), digest('b'), digest('c')),
      functions: fc.constant([]),
      settingNames: fc.constant([]),
    }),
    askers: fc.constant(askers),
    reverts: fc.record({
      rolloutId: fc.constant('new-2'),
      version: fc.constant('2.0.0'),
      brought: fc.option(slot, { nil: undefined }),
      replaced: fc.option(slot, { nil: undefined }),
    }),
  },
  { requiredKeys: ['rolloutId', 'app', 'environment', 'kind', 'release', 'askers'] },
);
const premium: Hosting = { planTier: 'ElasticPremium', os: 'linux', onContainerApps: false, runsImage: false };
const hostings: readonly Hosting[] = [premium, { ...premium, planTier: 'Dynamic' }];
const live: fc.Arbitrary<LiveReading> = fc.record({
  hosting: fc.constantFrom(...hostings),
  slots,
  liveVersion: fc.option(fc.constantFrom('1.0.0', '2.0.0')),
  sameSettings: fc.boolean(),
  packageKept: fc.boolean(),
  stops: fc.constant([]),
  deployed: fc.constant([]),
});

const planned = (look: (asked: PlanRequest, seen: LiveReading, said: Policy, plan: ReturnType<typeof planRollout>) => void) =>
  fc.assert(
    fc.property(request, live, policy, (asked, seen, said) => look(asked, seen, said, planRollout(asked, seen, said, now))),
    { numRuns: 2000 },
  );

const wayOf = ({ hosting }: LiveReading): string => (hosting?.planTier === 'Dynamic' ? 'package-url' : 'zip-push');
const names = (gates: readonly GatePolicy[]): string[] => gates.map(({ name }) => name);

describe('a plan, whatever was asked and is live', () => {
  it('is always made, and the same from the same', () => {
    planned((asked, seen, said, plan) => {
      expect(['unchanged', 'refused', 'go']).toContain(plan.kind);
      expect(planRollout(asked, seen, said, now)).toEqual(plan);
    });
  });

  it('changes nothing only when marker and content proof say that production serves the package, and with these settings', () => {
    planned(({ kind, release, reverts }, { slots: { production }, sameSettings }, _said, plan) => {
      const isLive = ['old-1', 'new-2'].some(
        (id) => production.marker === markerOf(id, release.sha256) && provesContent(production.content, id, release.sha256),
      );
      const isTakenBack =
        reverts?.brought !== undefined &&
        reverts.replaced !== undefined &&
        stillOurs(reverts.brought, production) !== 'ours' &&
        holdsTheSame(production, reverts.replaced);
      expect(plan.kind === 'unchanged').toBe(kind === 'deploy' ? isLive && sameSettings : isTakenBack);
    });
  });

  it('never refuses a deploy, and pushes its package under the policy’s gates', () => {
    planned(({ kind }, seen, said, plan) => {
      if (kind !== 'deploy') return;
      expect(plan.kind).not.toBe('refused');
      if (plan.kind === 'go') expect([plan.way, names(plan.gates)]).toEqual([wayOf(seen), names(said.gates)]);
    });
  });

  it('takes back only what production provably holds, from a slot that provably holds what was, or from a kept package', () => {
    planned(({ kind, reverts, release }, seen, said, plan) => {
      if (kind !== 'revert') return;
      const {
        slots: { production, staging },
        packageKept,
      } = seen;
      const isOurs = reverts?.brought !== undefined && stillOurs(reverts.brought, production) === 'ours';
      // Two slots without a deployment look alike, and prove nothing.
      const isThere = reverts?.replaced !== undefined && isKnown(reverts.replaced.content) && holdsTheSame(staging, reverts.replaced);
      const isKept = reverts?.replaced !== undefined && packageKept && release.sha256 !== '';
      expect(plan.kind === 'go').toBe(isOurs && (isThere || isKept));
      if (plan.kind === 'go')
        expect([plan.way, names(plan.gates)]).toEqual([isThere ? 'already-there' : wayOf(seen), names(said.revert.gates)]);
    });
  });

  it('never takes back by content that can not be read, or that is not there', () => {
    planned(({ kind }, seen, _said, plan) => {
      if (kind !== 'revert' || plan.kind !== 'go') return;
      expect(seen.slots.production.content.kind).not.toBe('unreadable');
      if (plan.way === 'already-there') expect(isKnown(seen.slots.staging.content)).toBe(true);
    });
  });

  it('freezes policy and slots as they stood', () => {
    planned((_asked, seen, said, plan) => {
      if (plan.kind !== 'go') return;
      expect(plan).toMatchObject({ policy: said, policyHash: policyHash(said), live: seen.slots, combine: said.combine, madeAt: now });
      expect(plan.replaces).toEqual({ marker: seen.slots.production.marker, version: seen.liveVersion });
      expect(plan.adopts).toBe(seen.slots.production.marker === null);
    });
  });

  it('says what to do next when it refuses', () => {
    planned((_asked, _seen, _said, plan) => {
      if (plan.kind === 'refused') expect([plan.problem.sentence, plan.problem.next].every((text) => /^[A-Z].*\.$/s.test(text))).toBe(true);
    });
  });
});

describe('a plan', () => {
  const careful = policyOf({ gates: [gateOf('release'), gateOf('security')], checks: [{ name: 'health', path: '/' }], watch: { for: 90 } });
  const deploy: PlanRequest = {
    rolloutId: 'new-2',
    app: 'hello',
    environment: 'production',
    kind: 'deploy',
    release: { version: '2.0.0', sha256: digest('b'), functions: [], settingNames: [] },
    askers,
  };
  const holding = (id: string, letter: string) => ({
    marker: markerOf(id, digest(letter)),
    content: { kind: 'read' as const, deploymentId: id, message: `${id}.1` },
    swapStatus: null,
    operationInProgress: false,
    running: true,
    hostName: 'hello.azurewebsites.net',
  });
  const seen = (production: string, staging: string): LiveReading => ({
    hosting: premium,
    slots: { production: holding(`r-${production}`, production), staging: holding(`r-${staging}`, staging) },
    liveVersion: '1.0.0',
    sameSettings: true,
    packageKept: false,
    stops: [],
    deployed: [],
  });
  const sentence = (plan: ReturnType<typeof planRollout>): string => (plan.kind === 'refused' ? plan.problem.sentence : plan.sentence);

  it('says in a sentence what will happen', () => {
    expect(sentence(planRollout(deploy, seen('a', 'c'), careful, now))).toBe(
      '2.0.0 to production: push the package to staging, 1 check, release and security must say yes, swap, watch for 90 s.',
    );
    expect(sentence(planRollout(deploy, seen('a', 'c'), { ...careful, combine: 'any' }, now))).toContain(
      'release or security must say yes',
    );
    expect(sentence(planRollout(deploy, seen('a', 'c'), { ...careful, gates: [] }, now))).toContain('no gate asks anybody');
    expect(sentence(planRollout(deploy, seen('a', 'c'), { ...careful, checks: [] }, now))).toContain(', 0 checks, ');
  });

  it('says everything that a swap would wait for', () => {
    const stops = ['Ann', 'Bob'].map((by) => ({ app: 'hello', by, at: now, reason: 'we look' }));
    expect(sentence(planRollout(deploy, { ...seen('a', 'c'), stops }, careful, now))).toMatch(
      / No swap may be now, and it would wait until somebody starts the line again: Ann stopped the line of hello at [^.]+: we look\. Bob .+\.$/,
    );
  });

  it('is refused as a hotfix where policy has no lane for hotfixes, and says both ways out', () => {
    expect(planRollout({ ...deploy, hotfix: 'the shop is down' }, seen('a', 'c'), careful, now)).toEqual({
      kind: 'refused',
      problem: {
        code: 'no-hotfix-lane',
        sentence: 'It was asked for as a hotfix, and the policy of production has no lane for hotfixes.',
        next: 'Ask for it without hotfix, or write hotfix into the policy in slipway.yaml.',
      },
    });
  });

  it('says when Slipway takes production over', () => {
    const unmarked = seen('a', 'c');
    unmarked.slots.production.marker = null;
    expect(planRollout(deploy, unmarked, careful, now)).toMatchObject({ kind: 'go', adopts: true });
    const replaces = (reading: LiveReading) => {
      const plan = planRollout(deploy, reading, careful, now);
      return plan.kind === 'go' && plan.replaces;
    };
    expect(replaces({ ...unmarked, liveSays: '1.0.0' })).toMatchObject({ says: '1.0.0' });
    expect(replaces(unmarked)).not.toHaveProperty('says');
    expect(sentence(planRollout(deploy, unmarked, careful, now))).toContain('production carries no marker');
  });

  describe('of a gate that whoever asks must not answer', () => {
    const gated = (more: object) => policyOf({ gates: [{ ...gateOf('release'), notRequester: true, ...more }] });
    const planOf = (said: Policy, by: Askers) => planRollout({ ...deploy, askers: by }, seen('a', 'c'), said, now);

    it.each([
      ['requester-not-verified', gated({ approvers: ['bob@example.com'] }), { requester: { ...askers.requester, verified: false } }],
      ['too-few-approvers', gated({}), askers],
      ['too-few-approvers', gated({ approvers: ['ann@example.com', 'bob@example.com'], needed: 2 }), askers],
      ['too-few-approvers', gated({ approvers: ['bob@example.com'] }), { ...askers, actor: 'BOB@example.com' }],
    ])('is refused as %s', (code, said, by) => {
      expect(planOf(said, by)).toMatchObject({ kind: 'refused', problem: { code } });
    });

    it('goes ahead where enough others are left, or policy does not mind', () => {
      expect(planOf(gated({ approvers: ['ann@example.com', 'bob@example.com'] }), askers)).toMatchObject({ kind: 'go' });
      expect(planOf(policyOf({ gates: [gateOf('release')] }), askers)).toMatchObject({ kind: 'go' });
    });

    it('leaves out whoever asks, verified or claimed, however the address is written', () => {
      const [gate] = gated({ approvers: ['ann@example.com', 'bob@example.com', 'cy@example.com'] }).gates;
      if (gate?.kind !== 'signed-link') throw new Error('no gate was read');
      expect(approversOf(gate, { ...askers, actor: 'Bob@example.com' })).toEqual(['cy@example.com']);
      expect(approversOf({ ...gate, notRequester: false }, askers)).toHaveLength(3);
    });
  });

  it('pushes, as 0.1.0 did, where a history of that version says nothing of plan and system', () => {
    const { hosting: _, ...before } = seen('a', 'c');
    expect(planRollout(deploy, before, careful, now)).toMatchObject({ kind: 'go', way: 'zip-push' });
  });

  it.each([
    ['plan-without-slots', { ...premium, planTier: 'FlexConsumption' }],
    ['plan-without-slots', { ...premium, onContainerApps: true }],
    ['runs-an-image', { ...premium, runsImage: true }],
  ])('is refused as %s where no way leads to a slot, whatever is asked', (code, hosting) => {
    for (const kind of ['deploy', 'revert'] as const)
      expect(planRollout({ ...deploy, kind }, { ...seen('a', 'c'), hosting }, careful, now)).toMatchObject({
        kind: 'refused',
        // What is so, and why it can't be done.
        problem: { code, sentence: expect.stringMatching(/^.+\. .+\.$/) },
      });
  });

  it('is unchanged when another rollout of the same package is live', () => {
    expect(planRollout(deploy, seen('b', 'c'), careful, now)).toEqual({
      kind: 'unchanged',
      sentence: 'Production of hello serves this package already: marker and content proof of r-b say so.',
    });
  });

  it('goes ahead with the same package where it brings other settings', () => {
    expect(planRollout(deploy, { ...seen('b', 'c'), sameSettings: false }, careful, now)).toMatchObject({ kind: 'go', way: 'zip-push' });
  });

  it('is refused until the same package was deployed where policy wants it first', () => {
    const wants = policyOf({ requires: { environment: 'test', within: '7d' } });
    const before = { rolloutId: 'r-t', environment: 'test', at: '2026-11-20T10:00:00.000Z' };
    expect(planRollout(deploy, seen('a', 'c'), wants, now)).toMatchObject({ kind: 'refused', problem: { code: 'not-deployed-before' } });
    expect(planRollout(deploy, { ...seen('a', 'c'), deployed: [before] }, wants, now)).toMatchObject({ kind: 'go' });
  });

  describe('of a revert', () => {
    const revert = (replaced: string | undefined, sha256 = digest('a')): PlanRequest => ({
      ...deploy,
      kind: 'revert',
      release: { ...deploy.release, version: '1.0.0', sha256 },
      reverts: {
        rolloutId: 'r-b',
        version: '2.0.0',
        brought: holding('r-b', 'b'),
        replaced: replaced === undefined ? undefined : holding(`r-${replaced}`, replaced),
      },
    });

    it('uses what staging still holds, else the kept package', () => {
      expect(planRollout(revert('a', ''), seen('b', 'a'), careful, now)).toMatchObject({ kind: 'go', way: 'already-there' });
      expect(planRollout(revert('a'), { ...seen('b', 'c'), packageKept: true }, careful, now)).toMatchObject({
        kind: 'go',
        way: 'zip-push',
      });
      expect(sentence(planRollout(revert('a'), seen('b', 'a'), careful, now))).toContain('use what staging still holds');
    });

    it.each([
      ['revert-not-kept', revert('a', ''), { ...seen('b', 'c'), packageKept: true }],
      ['revert-not-kept', revert('a'), seen('b', 'c')],
      ['revert-overtaken', revert('a'), seen('c', 'a')],
      ['revert-unknown', revert(undefined), seen('b', 'a')],
      ['revert-unknown', { ...deploy, kind: 'revert' as const }, seen('b', 'a')],
    ])('is refused as %s', (code, asked, reading) => {
      expect(planRollout(asked, reading, careful, now)).toMatchObject({ kind: 'refused', problem: { code } });
    });

    it('names the rollout that it would take back, where one is known', () => {
      expect(sentence(planRollout(revert(undefined), seen('b', 'a'), careful, now))).toBe(
        'Nothing is known of what r-b brought to production.',
      );
      expect(sentence(planRollout({ ...deploy, kind: 'revert' }, seen('b', 'a'), careful, now))).toBe(
        'Nothing is known of what the rollout to be taken back brought to production.',
      );
    });

    it('is unchanged where production holds again what it held before', () => {
      expect(planRollout(revert('a'), seen('a', 'c'), careful, now)).toEqual({
        kind: 'unchanged',
        sentence: 'Production of hello holds what it held before r-b already: that rollout was taken back.',
      });
    });

    it('says why nothing is there to be brought back, and what to do instead', () => {
      expect(planRollout(revert('a'), seen('b', 'c'), careful, now)).toMatchObject({
        problem: {
          sentence: expect.stringContaining('no package of it is kept'),
          next: 'Start a rollout of the version you want, with its package.',
        },
      });
    });
  });

  it('knows a policy by its hash, whatever the order of its keys', () => {
    const turned = Object.fromEntries(Object.entries(careful).reverse()) as Policy;
    expect(policyHash(turned)).toBe(policyHash(careful));
    expect(policyHash({ ...careful, combine: 'any' })).not.toBe(policyHash(careful));
  });
});
