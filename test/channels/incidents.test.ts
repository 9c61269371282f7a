import { describe, expect, test } from '@jest/globals';
import { openIncidents } from '../../src/azure/incident-rows';
import type { ChannelAccess } from '../../src/azure/channel-access';
import type { OutgoingRequest } from '../../src/azure/outgoing';
import { createSendNotice } from '../../src/activities/send-notice';
import { createTellPeople } from '../../src/activities/tell-people';
import type { Moment, NoticeRow } from '../../src/domain/notice';
import type { Ending } from '../../src/domain/rollout';
import { Readable } from 'node:stream';
import { iso, rolloutId, settings, world, type World } from '../mail/world';

/** Which incidents are opened and resolved, by what is posted to PagerDuty. */
const channels = { night: { kind: 'pagerduty' as const, routingKey: 'KEY', region: 'us' as const } };
const access: Record<string, ChannelAccess> = {
  night: { kind: 'pagerduty', endpoint: 'https://events.pagerduty.com', routingKey: 'x'.repeat(32) },
};
const place = { app: 'hello', environment: 'production' };

function pagerWorld(statuses: number[] = []) {
  const at = world();
  const posted: Record<string, unknown>[] = [];
  const people = { ...settings.people, 'on-call': ['night'] };
  Object.assign(at.ports, {
    settings: { ...settings, people, channels },
    channels: access,
    outgoing: {
      refusalOf: () => undefined,
      open: (_url: URL, { body }: OutgoingRequest) => {
        const statusCode = statuses.shift() ?? 202;
        if (statusCode === 202) posted.push(JSON.parse(body ?? '{}') as Record<string, unknown>);
        return Promise.resolve(Object.assign(Readable.from([]), { statusCode, headers: {} }));
      },
    },
  });
  return { at, posted };
}

const ended = (outcome: Ending['outcome'], more: Partial<Ending> = {}) => ({
  ending: { outcome, at: iso(0), reason: 'So it was.', next: 'Look.', serves: 'hello serves 1.0.0.', ...more },
});

async function tell(at: World, moment: Moment): Promise<NoticeRow[]> {
  await createTellPeople(at.ports)({ rolloutId, moment }, { instances: at.instances });
  return (await at.notices()).filter(({ channel, state }) => channel === 'night' && state === 'to-send');
}
const send = (at: World, { id }: NoticeRow) => createSendNotice(at.ports)({ rolloutId, noticeId: id }, { instances: at.instances });
const opens = (notices: NoticeRow[]) => notices.find(({ resolves }) => resolves === undefined) as NoticeRow;
const closes = (notices: NoticeRow[]) => notices.find(({ resolves }) => resolves !== undefined);

describe('an incident', () => {
  test('of a rollout that was taken back is opened and, as the release before provably serves again, resolved after it', async () => {
    const { at, posted } = pagerWorld([503]);
    await at.put(ended('rolled-back'));
    const notices = await tell(at, 'rolled-back');
    expect(notices).toHaveLength(2);
    const closing = closes(notices) as NoticeRow;
    expect(await send(at, closing)).toEqual({ kind: 'again', afterSeconds: 10 });
    expect((await send(at, opens(notices))).kind).toBe('again');
    await send(at, opens(notices));
    expect(await openIncidents(at.ports, place)).toMatchObject([{ channel: 'night', rolloutId }]);
    await send(at, closing);
    expect(posted.map((event) => [event['event_action'], event['dedup_key']])).toEqual([
      ['trigger', rolloutId],
      ['resolve', rolloutId],
    ]);
    expect(posted[0]?.['payload']).toMatchObject({ severity: 'error' });
    expect(await openIncidents(at.ports, place)).toEqual([]);
  });

  test('stays open where the content could not be proven, or nobody can say what serves; the next deployed resolves it', async () => {
    for (const [moment, ending] of [
      ['rolled-back', ended('rolled-back', { isUnproven: true })],
      ['needs-attention', ended('needs-attention')],
    ] as const) {
      const { at, posted } = pagerWorld();
      await at.put(ending);
      const notices = await tell(at, moment);
      expect(notices).toHaveLength(1);
      await send(at, opens(notices));
      const later = await tell(at, 'success');
      expect(closes(later)).toMatchObject({ resolves: rolloutId });
      for (const notice of later) await send(at, notice);
      expect(posted.map((event) => event['event_action'])).toEqual(['trigger', 'resolve']);
      expect(await openIncidents(at.ports, place)).toEqual([]);
      expect(await tell(at, 'success')).toEqual([]);
    }
  });
});
