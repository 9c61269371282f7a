import fc from 'fast-check';
import { mailBudgetOf, takeMailTurn, type MailHour } from '../../src/domain/mail-budget';
import { buildNotice, noticeId } from '../../src/domain/notice-model';
import { fallbackNotices } from '../../src/domain/fall-back';
import { noticeRow } from '../../src/domain/notice-row';
import { settingsShape } from '../../src/domain/settings';
import { brokenRules } from '../../src/domain/settings-rules';
import { settingsWarnings } from '../../src/domain/settings-warnings';
import { iso, rollout } from '../mail/world';

describe('a budget of mails', () => {
  it('is what settings say, and else what the domain of the sender allows', () => {
    expect(mailBudgetOf({}, 'slipway@0123.azurecomm.net')).toEqual({ perHour: 10, keptForFailures: 3 });
    expect(mailBudgetOf({}, 'slipway@example.com')).toEqual({ perHour: 100, keptForFailures: 30 });
    expect(mailBudgetOf({ perHour: 20, keptForFailures: 5 }, 's@x.azurecomm.net')).toEqual({ perHour: 20, keptForFailures: 5 });
    expect(mailBudgetOf({}, 'slipway@0123.azurecomm.net.example.com')).toEqual({ perHour: 100, keptForFailures: 30 });
    expect(mailBudgetOf({ perHour: 2, keptForFailures: 9 }, 's@example.com')).toEqual({ perHour: 2, keptForFailures: 1 });
  });

  it('is never overdrawn within any hour, keeps its part for failures, and names a time at which there is room', () => {
    const mails = fc.array(fc.record({ pauseSeconds: fc.nat(900), isFailure: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(mails, fc.integer({ min: 1, max: 6 }), fc.nat(5), (coming, perHour, kept) => {
        const budget = mailBudgetOf({ perHour, keptForFailures: kept }, '');
        const sent: { at: number; isFailure: boolean }[] = [];
        let hour: MailHour = { v: 1, sends: [] };
        let now = 1_000_000;
        coming.forEach(({ pauseSeconds, isFailure }, n) => {
          now += pauseSeconds;
          const turn = takeMailTurn(hour, budget, { id: `mail-${n}`, isFailure }, now * 1000);
          const inHour = sent.filter(({ at }) => at > now - 3600).length;
          if (turn.kind === 'go') {
            sent.push({ at: now, isFailure });
            hour = turn.hour;
            expect(inHour + 1).toBeLessThanOrEqual(isFailure ? perHour : perHour - budget.keptForFailures);
            expect(takeMailTurn(hour, budget, { id: `mail-${n}`, isFailure }, now * 1000).kind).toBe('go');
          } else {
            expect(takeMailTurn(hour, budget, { id: `mail-${n}`, isFailure }, (now + turn.afterSeconds) * 1000).kind).toBe('go');
            expect(takeMailTurn(hour, budget, { id: `mail-${n}`, isFailure }, (now + turn.afterSeconds - 1) * 1000).kind).toBe('later');
          }
        });
      }),
    );
  });
});

const settings = (mail: object, notices: object = {}) =>
  settingsShape.parse({
    azure: { subscription: 's', resourceGroup: 'g' },
    people: { team: ['a@example.com', 'b@example.com', 'room'] },
    channels: { room: { kind: 'slack', url: 'ROOM_URL' } },
    apps: {},
    mail,
    policies: {
      careful: {
        notices: { 'rolled-back': ['team'], ...notices },
        gates: [{ name: 'g', kind: 'signed-link', approvers: ['c@example.com'] }],
      },
    },
  });

test('a mail is known by the beginning of its notice’s id, so that the row of an hour stays small', () => {
  const id = '0123456789abc-and-much-more';
  const turn = takeMailTurn({ v: 1, sends: [] }, { perHour: 1, keptForFailures: 0 }, { id, isFailure: false }, 1_000_000);
  expect(turn).toEqual({ kind: 'go', hour: { v: 1, sends: [['0123456789abc', 1000]] } });
});

describe('settings of it', () => {
  it('warn where one rollout sends more than an hour has room for', () => {
    expect(settingsWarnings(settings({}))).toEqual([]);
    expect(settingsWarnings(settings({ perHour: 10 }))).toEqual([]);
    expect(settingsWarnings(settings({ perHour: 7, keptForFailures: 2 }))).toEqual([]);
    expect(settingsWarnings(settings({ perHour: 6, keptForFailures: 2 }))).toEqual([
      {
        path: ['policies', 'careful'],
        message: 'sends 5 mails for one rollout, and an hour has room for 4; name fewer people, or a channel',
      },
    ]);
    // Where nothing is said of it, the sender's domain decides, which these settings do not name.
    const many = { ...settings({}), people: { team: Array.from({ length: 200 }, (_, n) => `p${n}@example.com`) } };
    expect(settingsWarnings({ ...many, channels: {} })).toEqual([]);
  });

  it('say nothing of channels where an ending is told to nobody at all', () => {
    const nobody = { start: [], success: [], failure: [], 'rolled-back': [], 'needs-attention': [], ended: [], waiting: [], reminder: [] };
    expect(settingsWarnings(settings({}, nobody))).toEqual([]);
  });

  it('refuse to keep everything for failures, and a fallback that is nobody', () => {
    const said = (one: object) => brokenRules(one).map(({ path, message }) => `${path.slice(-2).join('.')} ${message}`);
    expect(said(settings({ perHour: 3, keptForFailures: 3 }))).toEqual([
      'mail.keptForFailures leaves nothing of 3 mails an hour for anything else; write less than that',
    ]);
    expect(said(settings({}, { fallback: ['room', 'on-call'] }))).toEqual([]);
    expect(said(settings({}, { fallback: ['rom'] }))).toEqual([
      'fallback.0 names nobody; write one of: room, team, testers, stakeholders, on-call',
    ]);
  });
});

describe('what goes out instead', () => {
  const model = buildNotice('failure', rollout, iso(1));
  const to = (channel: string, recipient: string) => noticeRow('n-1', { channel, recipient }, model);
  const instead = (fallback: string[], notice = to('mail', 'a@example.com')) =>
    fallbackNotices(settings({}), fallback, notice, model, '429').map(({ channel, recipient }) => `${channel} ${recipient}`);

  it('goes neither to whom it could not be brought nor over the channel that failed, and of a resolution nothing does', () => {
    expect(instead(['team'])).toEqual(['mail b@example.com', 'room room']);
    expect(instead(['team', 'room'], to('room', 'room'))).toEqual(['mail a@example.com', 'mail b@example.com']);
    expect(instead(['on-call'])).toEqual([]);
    expect(instead(['team'], to('mail', 'A@Example.com'))).toEqual(['mail b@example.com', 'room room']);
    expect(instead(['team'], { ...to('mail', 'a@example.com'), resolves: 'x' })).toEqual([]);
    expect(instead(['team'], { ...to('mail', 'a@example.com'), insteadOf: 'x' })).toEqual([]);
  });

  it('says instead of what, under the id of the notice that who gets it has anyway', () => {
    const lost = to('mail', 'a@example.com');
    const [first] = fallbackNotices(settings({}), ['team'], lost, model, '429');
    expect(first?.model.facts.at(-1)).toEqual({ name: 'Instead of', value: 'mail to a@example.com, which was given up: 429' });
    expect(first).toMatchObject({ insteadOf: 'n-1', id: noticeId(rollout.id, 'failure', 'mail', 'b@example.com', 0) });
  });

  it('is one notice for each ask that was given up: every approver of a gate is asked alike', () => {
    const ask = { gate: 'release' } as NonNullable<typeof model.ask>;
    const idOf = (id: string) => {
      const lost = { ...to('mail', 'a@example.com'), id, model: { ...model, ask } };
      return fallbackNotices(settings({}), ['team'], lost, model, '429')[0]?.id;
    };
    expect(new Set([idOf('n-1'), idOf('n-2'), noticeId(rollout.id, 'failure', 'mail', 'b@example.com', 0)]).size).toBe(3);
  });
});
