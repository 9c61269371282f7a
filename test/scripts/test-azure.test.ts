import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { planSuites } from '../../scripts/azure-suites';

const skipped = [
  'Skipped: rows. Set SLIPWAY_TEST_STORAGE (a storage account, where a table is made and deleted again).',
  'Skipped: app control and package push. Set SLIPWAY_TEST_SLOT (the resource id of a slot of a function app made for this: it is written to, pushed to and swapped into production).',
  'Skipped: mail. Set SLIPWAY_TEST_MAIL_ENDPOINT (the https endpoint of a Communication Services resource), SLIPWAY_TEST_MAIL_SENDER (a sender of a mail domain connected to it), SLIPWAY_TEST_MAIL_TO (who gets one mail).',
];

const run = (more: Record<string, string>) => {
  const script = path.join(__dirname, '../../dist/scripts/test-azure.js');
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SLIPWAY_TEST_'));
  const { status, stdout } = spawnSync(process.execPath, [script], {
    env: { ...Object.fromEntries(inherited), ...more },
    encoding: 'utf8',
  });
  return { status, lines: stdout.trim().split('\n') };
};

test('without its variables it says what was skipped and what to set, and fails nothing', () => {
  expect(run({})).toEqual({ status: 0, lines: [...skipped, 'Nothing was run against a subscription.'] });
});

test('a variable that holds something else is no reason to skip: it fails, and nothing is run', () => {
  const { status, lines } = run({ SLIPWAY_TEST_STORAGE: 'https://account' });
  expect(status).toBe(1);
  expect(lines.at(-1)).toBe(
    'SLIPWAY_TEST_STORAGE is not of its form: it names a storage account, where a table is made and deleted again.',
  );
});

test('a suite runs where all its variables are set; no mail goes out without a recipient', () => {
  const mail = { SLIPWAY_TEST_MAIL_ENDPOINT: 'https://x.communication.azure.com', SLIPWAY_TEST_MAIL_SENDER: 'slipway@example.com' };
  const slot = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/hello/slots/staging';
  expect(planSuites({ SLIPWAY_TEST_STORAGE: 'account1', SLIPWAY_TEST_SLOT: slot, ...mail })).toEqual({
    files: ['test/azure/rows.azure.test.ts', 'test/azure/app.azure.test.ts'],
    skipped: ['Skipped: mail. Set SLIPWAY_TEST_MAIL_TO (who gets one mail).'],
    mistakes: [],
  });
  expect(planSuites({ ...mail, SLIPWAY_TEST_MAIL_TO: 'ann@example.com' }).files).toEqual(['test/mail/mail.azure.test.ts']);
});
