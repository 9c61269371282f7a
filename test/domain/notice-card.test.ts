import { isAlarm, buildNotice } from '../../src/domain/notice-model';
import { moments } from '../../src/domain/notice';
import { cardOf, tones } from '../../src/domain/notice-card';
import { rollout } from '../mail/world';

const ending = { outcome: 'failed', at: rollout.admittedAt, reason: 'It broke.', next: 'Mend it.', serves: 'hello serves 1.0.0.' } as const;

describe('a card', () => {
  it('of a failure says first what is served, and what Slipway did before what is left to do', () => {
    const card = cardOf(
      { ...buildNotice('failure', { ...rollout, ending }, rollout.admittedAt), ledgerHead: 'seal-1' },
      'id-1',
      'https://slipway.example',
    );
    expect([card.lead, card.line]).toEqual(['hello serves 1.0.0.', 'It broke.']);
    expect(card.lists.map(({ title }) => title)).toEqual(['What Slipway did', 'What is left to do']);
    expect(card.url).toBe(`https://slipway.example/dashboard/rollouts/${rollout.id}`);
    expect(card.foot).toMatch(/^Ledger head seal-1 · Notice id-1, written /);
    expect(card.facts.map(({ name }) => name).slice(0, 3)).toEqual(['Asked by', 'Checks', 'Live before']);
    expect(card.facts).toContainEqual({ name: 'Checks', value: '1 of 1 healthy' });
  });

  it('of anything else says first what happened; what was not checked or has no page is not there', () => {
    const model = { ...buildNotice('start', { ...rollout, checks: [] }, rollout.admittedAt), statusPath: '', did: [] };
    const card = cardOf(model, 'id-1', 'https://slipway.example');
    expect(card.lead).toBe(model.sentence);
    expect(card.url).toBe('');
    expect(card.lists.map(({ title }) => title)).toEqual(['What to do next']);
    expect(card.facts).toEqual(model.facts);
    expect(card.foot).toMatch(/^Notice id-1, written /);
    expect(cardOf({ ...model, moment: 'failure', serves: '' }, 'i', 'u').lead).toBe(model.sentence);
  });

  it('is red exactly when it must stick out', () => {
    for (const moment of moments) expect([moment, tones[moment].tone === 'red']).toEqual([moment, isAlarm(moment)]);
  });
});
