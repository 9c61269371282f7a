import { expect, test } from '@jest/globals';
import type { LaneRow } from '../../src/domain/lane';
import { summarizeRollout, viewGate, viewRollout } from '../../src/domain/rollout-view';
import { iso, plan, rollout } from '../mail/world';
import { change } from './service-gates';

test('a rollout is shown with what it goes on from, why it is in a hurry, and who lets it pass, and without them where there is none', () => {
  const override = { by: 'olga', reason: 'the shop is down', at: iso(5) };
  const more = { promotes: 'hello-test-2-0-0-1', hotfix: 'the shop is down', override };
  expect(summarizeRollout({ ...rollout, ...more })).toEqual({ ...summarizeRollout(rollout), ...more });
  for (const name of Object.keys(more)) expect(summarizeRollout(rollout)).not.toHaveProperty(name);
});

test('what a rollout has not is not there, rather than there and nothing', () => {
  const { actor: _actor, ending: _ending, plan: _plan, ask: _ask, intent: _intent, why: _why, reverts: _reverts, ...bare } = rollout;
  const { commit: _commit, buildUrl: _buildUrl, ...release } = rollout.release;
  const view = viewRollout({ ...bare, release });
  expect(view).toStrictEqual(JSON.parse(JSON.stringify(view)));
  expect(Object.keys(view)).toEqual(expect.arrayContaining(['id', 'version', 'phase', 'outcome', 'phases', 'checks', 'lastWriteAt']));
  const buildUrl = 'https://ci.example.com/7';
  expect(viewRollout({ ...bare, release: { ...release, buildUrl } })).toStrictEqual({ ...view, buildUrl });
});

test('a rollout that has every yes is shown with what holds it, as long as it does', () => {
  const held = ['Frozen until noon.'];
  const row = { ...rollout, ask: { ...rollout.ask!, held } };
  expect(summarizeRollout(row)).toMatchObject({ held });
  expect(summarizeRollout(rollout)).not.toHaveProperty('held');
  const ending = { outcome: 'cancelled' as const, at: iso(9), reason: '', serves: '', next: '' };
  expect(summarizeRollout({ ...row, ending })).not.toHaveProperty('held');
});

test('a rollout is shown with whom it waits for, as long as it waits for its turn', () => {
  const lane: LaneRow = {
    v: 1,
    state: 'held',
    holder: 'older',
    epoch: 3,
    queue: [{ rolloutId: rollout.id, admittedAt: rollout.admittedAt }],
  };
  expect(viewRollout({ ...rollout, phase: 'queued' }, lane)).toMatchObject({ turn: { behind: ['older'] } });
  expect(viewRollout({ ...rollout, phase: 'queued' }, { ...lane, queue: [] })).not.toHaveProperty('turn');
  expect(viewRollout(rollout, lane)).not.toHaveProperty('turn');
  expect(viewRollout({ ...rollout, phase: 'queued' })).not.toHaveProperty('turn');
});

test('a gate is shown with whom it asks; one that a service answers with that service, and with nothing of how it is reached', () => {
  const [gate] = plan.gates;
  expect(gate && viewGate(gate)).toEqual({
    ...{ name: 'release', kind: 'signed-link', needed: 1, proof: 'link' },
    approvers: ['ann@example.com', 'ben@example.com'],
  });
  expect(viewGate(change)).toEqual({
    ...{ name: 'change', kind: 'servicenow', needed: 1, proof: 'servicenow' },
    approvers: ['ServiceNow (acme.service-now.com)'],
  });
});
