import { buildNotice } from '../../src/domain/notice-model';
import { channelOfGate, gateOfChannel, mailsOfRollout, recipientsOf } from '../../src/domain/recipients';
import { plan, rollout } from '../mail/world';
import { change } from './service-gates';

const settings = {
  people: {
    team: ['ann@example.com', 'room'],
    testers: ['Ann@Example.com', 'room', 'gone', 'constructor'],
    'on-call': ['phones', 'night'],
  },
  channels: {
    room: { kind: 'slack' as const, url: 'ROOM_URL' },
    phones: { kind: 'sms' as const, from: '+18005551234', to: ['+491511234567', '+491511234568'] },
    night: { kind: 'pagerduty' as const, routingKey: 'KEY', region: 'us' as const },
  },
};

describe('recipients', () => {
  it('are addresses by mail and channels by name, each once; a channel that is gone is nobody', () => {
    expect(recipientsOf(settings, ['team', 'testers', 'stakeholders'], 'start')).toEqual([
      { channel: 'mail', recipient: 'Ann@Example.com' },
      { channel: 'room', recipient: 'room' },
    ]);
    expect(recipientsOf(settings, [], 'start')).toEqual([]);
  });

  it('of a channel of phones are its numbers; an incident service hears of what fails and of what was deployed', () => {
    const channels = (moment: 'start' | 'failure' | 'success') =>
      recipientsOf(settings, ['on-call'], moment).map(({ channel, recipient }) => `${channel} ${recipient}`);
    const phones = ['phones +491511234567', 'phones +491511234568'];
    expect(channels('start')).toEqual(phones);
    expect(channels('failure')).toEqual([...phones, 'night night']);
    expect(channels('success')).toEqual([...phones, 'night night']);
  });
});

describe('a gate’s request that hears how it ended', () => {
  it('is told from every channel, and by its gate', () => {
    expect(gateOfChannel(channelOfGate('change'))).toBe('change');
    expect(Object.keys(settings.channels).concat('mail').map(gateOfChannel)).toEqual(Array(4).fill(undefined));
  });
});

describe('the mails of a rollout that goes well', () => {
  it('are those to approvers, and to whoever hears by mail; a service that answers is sent none', () => {
    const { notices } = plan.policy;
    const told = { ...notices, start: ['team' as const], waiting: [], success: ['team' as const, 'on-call' as const] };
    expect(mailsOfRollout(settings, { gates: plan.gates, notices: told })).toBe(4);
    expect(mailsOfRollout(settings, { gates: [...plan.gates, change], notices: told })).toBe(4);
    expect(mailsOfRollout(settings, { gates: [change], notices: told })).toBe(2);
  });
});

describe('what those hear who only want to know', () => {
  it.each([
    ['waiting', 'Waiting: hello 2.0.0 to production', /, and it waits for a yes or no\.$/],
    ['reminder', 'Still waiting: hello 2.0.0 to production', /, and it still waits for a yes or no\.$/],
  ] as const)('%s', (moment, headline, sentence) => {
    const model = buildNotice(moment, rollout, rollout.admittedAt);
    expect(model.headline).toBe(headline);
    expect(model.sentence).toMatch(sentence);
    expect(model.next).toEqual(['There is nothing to do now: you hear how it ends.']);
  });
});
