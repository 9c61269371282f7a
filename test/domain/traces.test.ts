import { expect, test } from '@jest/globals';
import { noticeRow } from '../../src/domain/notice-row';
import { buildNotice } from '../../src/domain/notice-model';
import { viewTraces } from '../../src/domain/traces';
import { iso, rollout } from '../mail/world';

test('traces name who was told and whether it arrived, in order, and hold no text of a notice', () => {
  const notice = (id: string, at: string) =>
    noticeRow(id, { channel: 'mail', recipient: 'team@example.com' }, buildNotice('start', rollout, at));
  const sent = { ...notice('n1', iso(5)), state: 'sent' as const, attempts: 1, settledAt: iso(6) };
  const traces = viewTraces({
    notices: [sent, notice('n3', iso(1)), notice('n2', iso(1)), notice('n2', iso(1)), notice('n0', iso(4))],
    pushes: [{ push: 1, at: iso(2) }],
    swaps: [{ attempt: 1, at: iso(3) }],
  });
  expect(traces.notices.map(({ id }) => id)).toEqual(['n2', 'n2', 'n3', 'n0', 'n1']);
  expect(traces.notices.at(-1)).toEqual({
    id: 'n1',
    moment: 'start',
    channel: 'mail',
    recipient: 'team@example.com',
    state: 'sent',
    attempts: 1,
    at: iso(5),
    settledAt: iso(6),
  });
  expect(traces.notices[0]).not.toHaveProperty('settledAt');
  expect([traces.pushes, traces.swaps]).toEqual([[{ push: 1, at: iso(2) }], [{ attempt: 1, at: iso(3) }]]);
});
