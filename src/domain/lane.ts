/** The turn at one environment of one app. Row `lane`, partition `<app>.<environment>`. */
export interface LaneRow {
  v: 1;
  state: 'free' | 'held' | 'blocked';
  holder: string | null;
  holderAdmittedAt?: string;
  /** Rises with every change of hands; an activity that carries an older one touches nothing. */
  epoch: number;
  /** Oldest admission first. */
  queue: Waiting[];
  /** Why a person has to look before the lane moves again. */
  blocked?: { by: string; reason: string; at: string };
}

export interface Waiting {
  rolloutId: string;
  admittedAt: string;
}

export const freeLane: LaneRow = { v: 1, state: 'free', holder: null, epoch: 0, queue: [] };

/** A lane as the API shows it. */
export const viewLane = (app: string, environment: string, { state, holder, queue, blocked }: LaneRow) => ({
  app,
  environment,
  state,
  holder,
  queue,
  ...(blocked === undefined ? {} : { blocked }),
});

export type LaneView = ReturnType<typeof viewLane>;

export type LaneAnswer =
  | { kind: 'holding'; epoch: number }
  | { kind: 'waiting'; behind: string | null; blocked: boolean }
  | { kind: 'refused'; holder: string; blocked: boolean };

const isOlder = (a: Waiting, b: Waiting): boolean =>
  a.admittedAt < b.admittedAt || (a.admittedAt === b.admittedAt && a.rolloutId < b.rolloutId);

/**
 * Takes the lane if it is free and nobody older waits, else waits in the order of admission. With
 * `supersede`, the holder and everybody older who waits is asked to give way (`superseded`); with `refuse`, a newcomer that finds the
 * lane taken is turned away.
 */
export function enterLane(
  lane: LaneRow,
  me: Waiting,
  onNewer: 'queue' | 'supersede' | 'refuse',
): { lane: LaneRow; answer: LaneAnswer; superseded: string[] } {
  if (lane.holder === me.rolloutId && lane.state === 'held')
    return { lane, answer: { kind: 'holding', epoch: lane.epoch }, superseded: [] };
  const others = lane.queue.filter((one) => one.rolloutId !== me.rolloutId);
  const waits = others.length < lane.queue.length;
  const older = others.filter((one) => isOlder(one, me));
  if (lane.state === 'free' && older.length === 0) {
    const epoch = lane.epoch + 1;
    return {
      lane: { v: 1, state: 'held', holder: me.rolloutId, holderAdmittedAt: me.admittedAt, epoch, queue: others },
      answer: { kind: 'holding', epoch },
      superseded: [],
    };
  }
  if (onNewer === 'refuse' && !waits && lane.holder !== null)
    return { lane, answer: { kind: 'refused', holder: lane.holder, blocked: lane.state === 'blocked' }, superseded: [] };
  const queue = [...others, me].sort((a, b) => (isOlder(a, b) ? -1 : 1));
  const holder = lane.state === 'held' && lane.holder !== null ? [{ rolloutId: lane.holder, admittedAt: lane.holderAdmittedAt ?? '' }] : [];
  const giveWay = [...holder.filter((one) => isOlder(one, me)), ...older].map((one) => one.rolloutId);
  const superseded = onNewer === 'supersede' ? giveWay : [];
  const behind = older.at(-1)?.rolloutId ?? lane.holder;
  return { lane: { ...lane, queue }, answer: { kind: 'waiting', behind, blocked: lane.state === 'blocked' }, superseded };
}

/** Behind whom one waits for its turn, whoever has the lane first; undefined for one that does not wait for another. */
export function turnOf({ state, holder, queue }: LaneRow, rolloutId: string): { behind: string[]; says: string } | undefined {
  const place = queue.findIndex((one) => one.rolloutId === rolloutId);
  if (place < 0) return undefined;
  const [first, ...others] = [...(holder === null ? [] : [holder]), ...queue.slice(0, place).map((one) => one.rolloutId)];
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const says =
    state === 'blocked'
      ? `waits for somebody to unblock the lane, which ${first} left blocked`
      : `waits for its turn behind ${first}${more}`;
  return { behind: [first, ...others], says };
}

/** Gives the lane up, or the place in its queue. A blocked lane stays blocked. */
export function leaveLane(lane: LaneRow, rolloutId: string): LaneRow {
  const queue = lane.queue.filter((one) => one.rolloutId !== rolloutId);
  return lane.state === 'held' && lane.holder === rolloutId
    ? { v: 1, state: 'free', holder: null, epoch: lane.epoch, queue }
    : { ...lane, queue };
}

/** Stops the lane after a rollout that nobody can vouch for. The epoch rises, so that whatever of it still runs touches nothing. */
export function blockLane(lane: LaneRow, rolloutId: string, why: { by: string; reason: string; at: string }): LaneRow {
  const left = leaveLane(lane, rolloutId);
  if (lane.holder !== rolloutId || lane.state !== 'held') return left;
  return { ...left, state: 'blocked', holder: rolloutId, epoch: lane.epoch + 1, blocked: why };
}

/** Frees a blocked lane: a person looked and gave a reason. */
export function unblock(lane: LaneRow): LaneRow {
  if (lane.state !== 'blocked') return lane;
  return { v: 1, state: 'free', holder: null, epoch: lane.epoch + 1, queue: lane.queue };
}

/** A blocked lane waits for a person, who may take days. */
const slowestLookSeconds = 3600;

/**
 * How long until a rollout that waits for its turn looks again by itself; whoever gives the lane up or unblocks it wakes whoever is first, and the watchdog
 * wakes them where that is lost. Before it may be an ask of days, and every look is a turn that reads the history of all turns before it: so after a tenth of
 * what was waited, within bounds. A rollout that shows no sign of life for longer than the slowest is taken for lost.
 */
export const nextLaneLookSeconds = (waitedSeconds: number, isBlocked: boolean): number =>
  isBlocked ? slowestLookSeconds : Math.min(Math.max(300, Math.ceil(waitedSeconds / 10)), slowestLookSeconds);
