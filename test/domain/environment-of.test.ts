import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { environmentOf, settingsSchema } from '../../src/domain/settings';

const settings = settingsSchema.parse({
  azure: { subscription: 's', resourceGroup: 'g' },
  people: { team: ['team@example.com'] },
  apps: {
    hello: {
      environments: {
        test: { functionApp: 'hello-test', policy: 'quick', subscription: 's2', resourceGroup: 'g2', slot: 'next' },
        production: { functionApp: 'hello-production', policy: 'careful' },
      },
    },
  },
  policies: { quick: { expiry: '1h' }, careful: {} },
});

const inherited = Object.getOwnPropertyNames(Object.prototype);
const name = fc.oneof(fc.constantFrom('hello', 'test', 'production', ...inherited), fc.string());

describe('what slipway.yaml says of an environment', () => {
  it('is found for what it names, and for no inherited or other name', () => {
    fc.assert(
      fc.property(name, name, (app, environment) => {
        const isNamed = app === 'hello' && ['test', 'production'].includes(environment);
        expect(environmentOf(settings, app, environment) !== undefined).toBe(isNamed);
      }),
      { numRuns: 1000 },
    );
  });

  it('is nothing where its policy is an inherited name', () => {
    for (const policy of inherited) {
      const { hello } = structuredClone(settings.apps);
      const production = hello?.environments['production'];
      if (!hello || !production) throw new Error('the settings lack what they were read from');
      production.policy = policy;
      expect(environmentOf({ ...settings, apps: { hello } }, 'hello', 'production')).toBeUndefined();
    }
  });

  it('takes from the environment what it says itself, and the rest from what holds for all', () => {
    expect(environmentOf(settings, 'hello', 'test')).toMatchObject({
      target: { subscription: 's2', resourceGroup: 'g2', functionApp: 'hello-test', slot: 'next' },
      policy: { expiry: 3600 },
    });
    expect(environmentOf(settings, 'hello', 'production')).toMatchObject({
      target: { subscription: 's', resourceGroup: 'g', functionApp: 'hello-production', slot: 'staging' },
      policy: { expiry: 86_400 },
    });
  });
});
