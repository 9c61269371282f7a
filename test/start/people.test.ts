import { readFileSync } from 'node:fs';
import path from 'node:path';
import { peopleOf } from '../../local/start/people';

test('whoever a gate asks can sign in on the laptop, once, and nobody where the file can’t be read', () => {
  const laptop = readFileSync(path.join(__dirname, '../../examples/slipway.yaml'), 'utf8');
  expect(peopleOf(laptop).map(({ address }) => address)).toEqual(['approver@example.com']);
  const more = laptop.replace(
    'approvers: [approver@example.com]',
    'approvers: [Approver@example.com, ann@example.com]\n        escalate: { to: [boss@example.com] }',
  );
  expect(peopleOf(more).map(({ address }) => address)).toEqual(['approver@example.com', 'ann@example.com', 'boss@example.com']);
  expect(peopleOf('apps: 1')).toEqual([]);
});
