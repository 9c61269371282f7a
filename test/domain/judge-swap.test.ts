import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeSwap, mayPostSwap, stillOurs } from '../../src/domain/judge-swap';
import { holdsTheSame, type Content, type SlotState, type Slots } from '../../src/domain/live';
import { atRest, content, looks, slot, slots, times } from './generated';

/** Times of the pool sort as texts. */
const isNewer = (basis: Slots, now: Slots): boolean => (now.production.swapStatus?.at ?? '') > (basis.production.swapStatus?.at ?? '');
const isUnreadable = (state: SlotState): boolean => state.content.kind === 'unreadable';
const isExactly = (a: SlotState, b: SlotState): boolean =>
  a.marker === b.marker && !isUnreadable(a) && JSON.stringify(a.content) === JSON.stringify(b.content);

const properties = (look: (basis: Slots, now: Slots, sight: ReturnType<typeof judgeSwap>) => void) =>
  fc.assert(
    fc.property(looks, ([basis, now]) => look(basis, now, judgeSwap(basis, now, 'staging'))),
    { numRuns: 3000 },
  );

describe('judging a swap, whatever both slots show', () => {
  it('waits while an operation is under way in either', () => {
    properties((_basis, now, sight) => {
      expect(sight === 'in-progress').toBe(now.production.operationInProgress || now.staging.operationInProgress);
    });
  });

  it('is done when production holds exactly what staging held, and it is not what it held itself; and only then', () => {
    properties((basis, now, sight) => {
      if (sight === 'in-progress') return;
      const isDone = isExactly(now.production, basis.staging) && !isExactly(basis.staging, basis.production);
      expect(sight === 'done').toBe(isDone);
    });
  });

  it('is never done, as before, or reverted with content that can not be read', () => {
    properties((_basis, now, sight) => {
      if (isUnreadable(now.production)) expect(sight).not.toBe('done');
      if (isUnreadable(now.production) || isUnreadable(now.staging)) expect(['before', 'reverted']).not.toContain(sight);
    });
  });

  it('lets another POST be thought of only when both slots are exactly as before, at rest, and no swap took place since', () => {
    properties((basis, now, sight) => {
      if (sight !== 'before') return;
      expect(isExactly(now.production, basis.production) && isExactly(now.staging, basis.staging)).toBe(true);
      expect(now.production.operationInProgress || now.staging.operationInProgress).toBe(false);
      expect(isNewer(basis, now)).toBe(false);
    });
  });

  it('took itself back only when both slots are exactly as before and a swap took place since', () => {
    properties((basis, now, sight) => {
      if (sight !== 'reverted') return;
      expect(isExactly(now.production, basis.production) && isExactly(now.staging, basis.staging)).toBe(true);
      expect(isNewer(basis, now)).toBe(true);
    });
  });

  it('is done without proof only by our marker, unreadable content, and a newer swap that names our slot', () => {
    properties((basis, now, sight) => {
      if (sight !== 'done-unproven') return;
      expect(now.production.marker).toBe(basis.staging.marker);
      expect(basis.staging.marker).not.toBe(basis.production.marker);
      expect(isUnreadable(now.production) || isUnreadable(basis.staging)).toBe(true);
      expect(isNewer(basis, now)).toBe(true);
      expect(now.production.swapStatus?.source.toLowerCase()).toBe('staging');
    });
  });

  it('names no strange state where something could not be read and nothing else speaks against it', () => {
    properties((basis, now, sight) => {
      if (sight !== 'neither') return;
      const asBefore = now.production.marker === basis.production.marker && now.staging.marker === basis.staging.marker;
      const isRead = ![now, basis].some(({ production, staging }) => isUnreadable(production) || isUnreadable(staging));
      expect(asBefore && !isRead).toBe(false);
    });
  });
});

describe('judging a swap that Azure carries out', () => {
  /** What a swap does: content and markers change places, and production says when. */
  const swapped = (now: Slots, at: string): Slots => ({
    production: {
      ...now.production,
      marker: now.staging.marker,
      content: now.staging.content,
      swapStatus: { at, source: 'staging', destination: 'Production' },
    },
    staging: { ...now.staging, marker: now.production.marker, content: now.production.content },
  });
  const fresh = slots.map((any): Slots => {
    const { production, staging } = atRest(any);
    return {
      production: { ...production, swapStatus: null },
      staging: { ...staging, marker: 'ours-9.cccccccccccc', content: { kind: 'read', deploymentId: 'd9', message: 'ours-9.1' } },
    };
  });

  it('sees once as done, twice as taken back if it could be read, and neither ever as a reason to post again', () => {
    fc.assert(
      fc.property(fresh, fc.boolean(), fc.boolean(), (basis, hidesProduction, hidesStaging) => {
        const hide = ({ production, staging }: Slots): Slots => ({
          production: hidesProduction ? unread(production) : production,
          staging: hidesStaging ? unread(staging) : staging,
        });
        const once = swapped(basis, times[0]);
        const twice = swapped(once, times[1]);
        expect(judgeSwap(basis, hide(once), 'STAGING')).toBe(hidesProduction ? 'done-unproven' : 'done');
        const isRead = !isUnreadable(basis.production) && !hidesProduction && !hidesStaging;
        expect(judgeSwap(basis, hide(twice), 'staging')).toBe(isRead ? 'reverted' : 'could-not-tell');
      }),
    );
  });

  it('sees nothing new as before', () => {
    fc.assert(
      fc.property(fresh, (basis) => {
        expect(judgeSwap(basis, basis, 'staging')).toBe(isUnreadable(basis.production) ? 'could-not-tell' : 'before');
      }),
    );
  });

  it('can not tell by our marker alone: without a newer swap, or with one of another slot', () => {
    const at = (source: string, time: string) => ({ at: time, source, destination: 'Production' });
    const basis: Slots = { production: state('old', 'd1', at('staging', times[1])), staging: state('new', 'd2', null) };
    const arrived = (source: string, time: string): Slots => ({
      production: { ...unread(basis.staging), swapStatus: at(source, time) },
      staging: basis.production,
    });
    expect(judgeSwap(basis, arrived('staging', times[1]), 'staging')).toBe('could-not-tell');
    expect(judgeSwap(basis, arrived('staging', times[0]), 'staging')).toBe('could-not-tell');
    expect(judgeSwap(basis, arrived('other', times[2]), 'staging')).toBe('could-not-tell');
    expect(judgeSwap(basis, arrived('Staging', times[2]), 'staging')).toBe('done-unproven');
  });

  it('finds nothing strange in what could not be read before and can now', () => {
    const basis: Slots = { production: unread(state('old', 'd1', null)), staging: state('new', 'd2', null) };
    expect(judgeSwap(basis, { ...basis, production: state('old', 'd1', null) }, 'staging')).toBe('could-not-tell');
  });

  it('is done by marker and swap alone where staging could not be read before, as before an undo', () => {
    const at = { at: times[1], source: 'staging', destination: 'Production' };
    const basis: Slots = { production: state('new', 'd2', null), staging: unread(state('old', 'd1', null)) };
    const now = { production: state('old', 'd1', at), staging: basis.production };
    expect(judgeSwap(basis, now, 'staging')).toBe('done-unproven');
    expect(judgeSwap(basis, { ...now, production: { ...now.production, swapStatus: null } }, 'staging')).toBe('could-not-tell');
  });

  it('knows a strange marker in staging though production can not be read', () => {
    const basis: Slots = { production: state('old', 'd1', null), staging: state('new', 'd2', null) };
    const now: Slots = { production: unread(basis.production), staging: state('strange', 'd2', null) };
    expect(judgeSwap(basis, now, 'staging')).toBe('neither');
    expect(mayPostSwap(basis, now, 'staging')).toBe('changed');
  });

  it('knows a stranger’s content under our marker, and a stranger’s push to either slot', () => {
    const basis: Slots = { production: state('old', 'd1', null), staging: state('new', 'd2', null) };
    const strange = state('new', 'd7', null);
    expect(judgeSwap(basis, { production: strange, staging: basis.production }, 'staging')).toBe('neither');
    expect(judgeSwap(basis, { production: state('old', 'd7', null), staging: basis.staging }, 'staging')).toBe('neither');
    expect(judgeSwap(basis, { production: basis.production, staging: strange }, 'staging')).toBe('neither');
    expect(judgeSwap(basis, { production: unread(state('strange', 'd7', null)), staging: basis.staging }, 'staging')).toBe('neither');
  });
});

const unread = (state: SlotState): SlotState => ({ ...state, content: { kind: 'unreadable' } });

function state(marker: string, deploymentId: string, swapStatus: SlotState['swapStatus']): SlotState {
  const read: Content = { kind: 'read', deploymentId, message: `${marker}.1` };
  return { marker, content: read, swapStatus, operationInProgress: false, running: true, hostName: 'hello.azurewebsites.net' };
}

describe('whether a swap may be posted', () => {
  it('is yes only while both markers are as before, nothing is under way, no swap is seen, and staging is what it was', () => {
    fc.assert(
      fc.property(looks, ([basis, now]) => {
        const sight = judgeSwap(basis, now, 'staging');
        if (mayPostSwap(basis, now, 'staging') !== 'yes') return;
        expect([now.production.marker, now.staging.marker]).toEqual([basis.production.marker, basis.staging.marker]);
        expect(['before', 'could-not-tell']).toContain(sight);
        if (!isUnreadable(basis.staging)) expect(isExactly(now.staging, basis.staging)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('is no after a swap that arrived, also where an undo’s old release could never be read and the swap’s time lags', () => {
    const basis: Slots = { production: state('new', 'd2', null), staging: unread(state('old', 'd1', null)) };
    const swappedBack: Slots = { production: unread(state('old', 'd1', null)), staging: basis.production };
    expect(judgeSwap(basis, swappedBack, 'staging')).toBe('could-not-tell');
    expect(mayPostSwap(basis, swappedBack, 'staging')).toBe('changed');
    expect(mayPostSwap(basis, basis, 'staging')).toBe('yes');
  });

  it('waits for slots that can not be read, or are being changed, and gives up where something else is there', () => {
    const basis: Slots = { production: state('old', 'd1', null), staging: state('new', 'd2', null) };
    expect(mayPostSwap(basis, basis, 'staging')).toBe('yes');
    expect(mayPostSwap(basis, { ...basis, production: unread(basis.production) }, 'staging')).toBe('yes');
    expect(mayPostSwap(basis, { ...basis, staging: unread(basis.staging) }, 'staging')).toBe('unreadable');
    expect(mayPostSwap(basis, { ...basis, staging: { ...basis.staging, operationInProgress: true } }, 'staging')).toBe('unreadable');
    expect(mayPostSwap(basis, { ...basis, staging: state('new', 'd7', null) }, 'staging')).toBe('changed');
    const elsewhere: Slots = { ...basis, production: unread(basis.production), staging: state('new', 'd7', null) };
    expect(mayPostSwap(basis, elsewhere, 'staging')).toBe('changed');
  });
});

describe('whether production is still ours', () => {
  it('says ours only of the very marker and content expected', () => {
    fc.assert(
      fc.property(slot, slot, (expected, production) => {
        const sight = stillOurs(expected, production);
        expect(sight === 'ours').toBe(isExactly(production, expected));
        expect(sight === 'ours').toBe(holdsTheSame(production, expected));
      }),
      { numRuns: 1000 },
    );
  });

  it('can not tell by content that can not be read, on either side; another marker is proof enough', () => {
    fc.assert(
      fc.property(slot, content, (expected, other) => {
        const unreadable: Content = { kind: 'unreadable' };
        expect(stillOurs(expected, { ...expected, content: unreadable })).toBe('could-not-tell');
        expect(stillOurs({ ...expected, content: unreadable }, { ...expected, content: other })).toBe('could-not-tell');
        expect(stillOurs(expected, { ...expected, marker: 'a stranger’s', content: other })).toBe('not-ours');
      }),
    );
  });
});
