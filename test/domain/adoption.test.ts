import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import fc from 'fast-check';
import { siteOfResourceId, writeAdoption } from '../../src/domain/adoption';
import type { Finding } from '../../src/domain/traps';

const id = '/subscriptions/0000-1/resourceGroups/rg-shop/providers/Microsoft.Web/sites/shop-production';
const site = { subscription: '0000-1', resourceGroup: 'rg-shop', functionApp: 'shop-production' };
const usual = { subscription: '0000-1', resourceGroup: 'rg-shop' };
const finding: Finding = {
  code: 'keys-in-files',
  weight: 'warns',
  sentence: 'Keys are in files.',
  why: 'A swap resets them.',
  next: 'Move them.',
};

test('the id of an app, or of its slot, names the app; anything else names none', () => {
  expect(siteOfResourceId(id)).toEqual(site);
  expect(siteOfResourceId(` ${id}/slots/staging`)).toEqual(site);
  for (const other of ['', 'shop', id.replace('sites', 'serverfarms'), id.slice(1), `x${id}`, id.replace('shop-', 'shop_')])
    expect(siteOfResourceId(other)).toBeUndefined();
});

test('what is written is YAML that names the app, and only what is unusual about its place', () => {
  const text = writeAdoption({ site, slots: ['staging'], slot: 'staging', findings: [], usual });
  expect(text).not.toMatch(/^#/m);
  expect(parse(text)).toEqual({
    apps: { shop: { environments: { production: { functionApp: 'shop-production', slot: 'staging', policy: 'production' } } } },
  });
  const elsewhere = writeAdoption({
    site,
    slots: ['next', 'blue', 'green'],
    slot: 'next',
    findings: [],
    usual: { subscription: 'x', resourceGroup: 'y' },
  });
  expect(elsewhere).toContain('# Other slots: blue, green.\n');
  expect(parse(elsewhere).apps.shop.environments.production).toMatchObject({
    subscription: '0000-1',
    resourceGroup: 'rg-shop',
    slot: 'next',
  });
});

test('the environment is taken from the name where it says one', () => {
  const of = (functionApp: string) => parse(writeAdoption({ site: { ...site, functionApp }, slots: [], slot: null, findings: [], usual }));
  expect(Object.keys(of('shop-test').apps.shop.environments)).toEqual(['test']);
  expect(Object.keys(of('Shop-Prod').apps.shop.environments)).toEqual(['production']);
  expect(Object.keys(of('bills').apps.bills.environments)).toEqual(['production']);
  expect(of('bills').apps.bills.environments.production.slot).toBe('staging');
  // It says so at its end, as a word of its own.
  expect(Object.keys(of('shop-test-eu').apps['shop-test-eu'].environments)).toEqual(['production']);
  expect(Object.keys(of('contest').apps.contest.environments)).toEqual(['production']);
  expect(Object.keys(of('test').apps.test.environments)).toEqual(['test']);
});

test('findings stand before it as comments, whatever is in their words', () => {
  const text = writeAdoption({ site, slots: ['staging'], slot: 'staging', findings: [finding, { ...finding, weight: 'stops' }], usual });
  const told = ' (keys-in-files): Keys are in files. A swap resets them.\n#   Move them.\n';
  expect(text.startsWith(`# Worth knowing${told}# Stops every rollout${told}apps:\n`)).toBe(true);
  const lines = { ...finding, next: 'Move them:\r\n\u2028keys: too' };
  expect(writeAdoption({ site, slots: [], slot: null, findings: [lines], usual })).toContain('\n#   Move them: keys: too\napps:\n');
  fc.assert(
    fc.property(fc.string(), (sentence) => {
      const written = parse(writeAdoption({ site, slots: ['staging'], slot: 'staging', findings: [{ ...finding, sentence }], usual }));
      expect(Object.keys(written)).toEqual(['apps']);
    }),
  );
});
