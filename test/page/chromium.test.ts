import { expect, test } from '@jest/globals';
import { findChromium } from '../../scripts/chromium';

test('CHROMIUM names the browser, and one that can not be run is refused', () => {
  expect(findChromium({ CHROMIUM: process.execPath })).toBe(process.execPath);
  expect(() => findChromium({ CHROMIUM: '/nowhere/chromium' })).toThrow(/^CHROMIUM names \/nowhere\/chromium, which can't be run\. Name /);
});

test('where there is none, the sentence says where was looked and what to do', () => {
  expect(() => findChromium({}, 'aix')).toThrow(/^There is no Chromium on this machine: .*apt-get install chromium.*CHROMIUM\.$/);
});
