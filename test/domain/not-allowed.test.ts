import { expect, test } from '@jest/globals';
import { failed, fault, namingRefusal, needsAttention, rejected } from '../../src/domain/endings';
import { notAllowed, publishRefusal, refusalIn } from '../../src/domain/not-allowed';

const site = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/hello';
const refusal = { action: 'Microsoft.Web/sites/read', scope: site };

test('the action and the scope are read out of what ARM says', () => {
  const said = `The client 'c' with object id 'o' does not have authorization to perform action '${refusal.action}' over scope '${site}' or the scope is invalid.`;
  expect(refusalIn(said)).toEqual(refusal);
  expect(refusalIn('The access token is missing.')).toBeUndefined();
});

test('SCM asks for the right to publish, of a slot under its own name', () => {
  expect(publishRefusal(site).action).toBe('Microsoft.Web/sites/publish/action');
  expect(publishRefusal(`${site}/slots/staging`)).toEqual({
    action: 'Microsoft.Web/sites/slots/publish/action',
    scope: `${site}/slots/staging`,
  });
});

test('a fault that was a refusal ends naming the action, before and after the swap', () => {
  const before = failed(fault('planning'));
  expect(namingRefusal(before, refusal)).toMatchObject({ outcome: 'failed', code: 'azure-not-allowed' });
  expect(namingRefusal(before, refusal).reason).toContain(refusal.action);
  const after = namingRefusal(needsAttention('undo-failed', 'The undo failed.'), refusal);
  expect(after).toMatchObject({ outcome: 'needs-attention', code: 'undo-failed' });
  expect(after.reason).toContain(refusal.action);
  expect(after.next).toContain(notAllowed(refusal).next);
});

test('what was no fault, or no refusal, ends as it would have', () => {
  expect(namingRefusal(rejected(null), refusal)).toEqual(rejected(null));
  const fault_ = failed(fault('planning'));
  expect(namingRefusal(fault_, undefined)).toEqual(fault_);
});
