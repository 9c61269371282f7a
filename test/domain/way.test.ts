import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseWay, type Hosting } from '../../src/domain/way';

const tiers = ['Dynamic', 'ElasticPremium', 'Standard', 'PremiumV3', 'FlexConsumption', 'Free', 'Shared', 'Basic', 'PremiumV4', ''];
const hosting: fc.Arbitrary<Hosting> = fc.record({
  planTier: fc.constantFrom(...tiers),
  os: fc.constantFrom('windows', 'linux'),
  onContainerApps: fc.boolean(),
  runsImage: fc.boolean(),
});

describe('the way to a slot', () => {
  it('is one of those that there are, or a refusal that says why and what can be done', () => {
    fc.assert(
      fc.property(hosting, (each) => {
        const way = chooseWay(each, 'hello');
        expect(way.why).toMatch(/^[A-Z].*\.$/s);
        if (way.kind === 'none')
          expect([way.sentence, way.next]).toEqual([expect.stringMatching(/^hello .*\.$/), expect.stringMatching(/\.$/)]);
        const hasSlots = !each.onContainerApps && !['FlexConsumption', 'Free', 'Shared', 'Basic'].includes(each.planTier);
        expect(way.kind === 'none').toBe(!hasSlots || each.runsImage);
      }),
    );
  });

  it.each([
    [{ planTier: 'Dynamic', os: 'windows' }, 'zip-push'],
    [{ planTier: 'Dynamic', os: 'linux' }, 'package-url'],
    [{ planTier: 'ElasticPremium', os: 'linux' }, 'zip-push'],
    [{ planTier: 'PremiumV3', os: 'linux' }, 'zip-push'],
    [{ planTier: 'flexconsumption', os: 'linux' }, 'none'],
  ] as const)('on %j is %s', (part, kind) => {
    expect(chooseWay({ onContainerApps: false, runsImage: false, ...part }, 'hello').kind).toBe(kind);
  });

  it('is another advice for each kind of plan without slots', () => {
    const none = { planTier: 'Basic', os: 'linux', onContainerApps: false, runsImage: false } as const;
    const said = [none, { ...none, planTier: 'FlexConsumption' }, { ...none, onContainerApps: true }].map((each) =>
      chooseWay(each, 'hello'),
    );
    expect(new Set(said.map((way) => (way.kind === 'none' ? way.next : ''))).size).toBe(3);
  });
});
