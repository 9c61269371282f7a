import type { Ports } from '../azure/ports';
import { readRollout } from '../azure/rollout-rows';
import { stillOurs, type Expected } from '../domain/judge-swap';
import { isWatchCheck, judgeWatch, recentSamples, type Sample, type WatchRule } from '../domain/judge-watch';
import { sayContent, type SlotState } from '../domain/live';
import type { Policy, Target } from '../domain/settings';
import type { Check, Verdict } from '../domain/verdict';
import type { Activity } from './activity';
import { openRound } from './open-round';
import { keyReader, readProving, tryCheck, askedVersion, type CheckPorts, type Trying } from './run-check';

interface Input {
  rolloutId: string;
  /** What is left of the policy's time. */
  leftMs: number;
  /** Carried over from the batch before: a window may span two. */
  samples: Sample[];
  expected: Expected;
  round: number;
}

interface Output {
  kind: 'fine' | 'health-breach' | 'state-breach' | 'asked';
  /** For so long production was really looked at: time that a machine slept through, or Slipway was off, is none of it. */
  watchedMs: number;
  samples: Sample[];
  seen?: string;
}

/**
 * Well inside what an activity may take, and long enough that a batch's own cost does not show. Each batch is a turn that reads the history of all before it: a
 * watch of hours has longer ones, of which there are 480 at most.
 */
const batchMs = (watchSeconds: number): number => Math.min(Math.max(60_000, watchSeconds * (1000 / 60)), 180_000);

/**
 * One batch of watching: samples production's checks at the policy's pace for a minute, or a few where the watch takes hours, then
 * reads whether production still holds what was swapped in. Comes back early on a breach, or when somebody wants something of the rollout. Only GET and HEAD are
 * sent: a smoke test that writes is made once in staging, not every few seconds in production.
 */
export function createSampleProduction(ports: CheckPorts): Activity<Input, Output> {
  return async ({ rolloutId, leftMs, samples: carried, expected, round }) => {
    const { clock } = ports;
    const { row, plan, target } = await readProving(ports, rolloutId);
    // The write shows, too, that the rollout is alive.
    await openRound(ports, rolloutId, round);
    const { watch } = plan.policy;
    const rule = ruleOf(watch);
    const checks = plan.policy.checks.filter(isWatchCheck);
    const base = ports.appControl.slotUrl(plan.live.production.hostName);
    const key = keyReader(ports, target, 'production');
    const look = { outgoing: ports.outgoing, base, version: askedVersion(row.release), key, rule };

    let samples = carried;
    let watchedMs = 0;
    const endMs = clock.now() + Math.min(leftMs, batchMs(watch.for));
    while (clock.now() < endMs) {
      const atMs = clock.now();
      if (await isAsked(ports, rolloutId)) return { kind: 'asked', samples, watchedMs };
      const { verdict, seen } = await lookOnce(checks, look);
      if (checks.length > 0) samples = recentSamples([...samples, { atMs, verdict }], rule, clock.now());
      if (judgeWatch(samples, rule, clock.now()) === 'breach')
        return { ...nameBreach(await readState(ports, target, expected), samples, seen), watchedMs };
      const lookedMs = clock.now() - atMs;
      const restMs = Math.max(0, Math.min(atMs + watch.every * 1000, endMs) - clock.now());
      await clock.sleep(restMs);
      const lateMs = clock.now() - atMs - lookedMs - restMs;
      watchedMs += within(lookedMs, longestLookMs(rule)) + restMs + within(lateMs, lateTimerMs);
    }
    const state = await readState(ports, target, expected);
    if (state.kind === 'not-ours') return { kind: 'state-breach', samples, watchedMs, seen: state.seen };
    if (await isAsked(ports, rolloutId)) return { kind: 'asked', samples, watchedMs };
    return { kind: 'fine', samples, watchedMs, ...('seen' in state ? { seen: state.seen } : {}) };
  };
}

/** Only a window that samples cover is judged: one longer than half the watch would let a short watch pass whatever it saw. */
const ruleOf = (watch: Policy['watch']): WatchRule => ({
  windowSeconds: Math.max(watch.every, Math.min(watch.window, watch.for / 2)),
  failing: watch.failing,
  everySeconds: watch.every,
});

async function isAsked(ports: Pick<Ports, 'rows'>, rolloutId: string): Promise<boolean> {
  const { intent, ending } = await readRollout(ports, rolloutId);
  return intent !== undefined || ending !== undefined;
}

/** A timer that is late by more was not waited for: the machine slept, or its clock was set. */
const lateTimerMs = 1000;
const within = (ms: number, mostMs: number): number => Math.min(Math.max(0, ms), mostMs);

/** A try that hangs longer than half the window would leave the window without data. */
const longestLookMs = (rule: WatchRule): number => Math.max(rule.everySeconds, rule.windowSeconds / 2) * 1000;

/** All checks at once; one that fails makes the look fail. */
async function lookOnce(
  checks: Check[],
  { rule, ...rest }: Omit<Trying, 'timeoutMs'> & { rule: WatchRule },
): Promise<{ verdict: Verdict; seen: string }> {
  const mostMs = longestLookMs(rule);
  const results = await Promise.all(
    checks.map(async (check) => ({
      name: check.name,
      ...(await tryCheck(check, { ...rest, timeoutMs: Math.min(check.timeoutSeconds * 1000, mostMs) })),
    })),
  );
  const worst = results.find(({ verdict }) => verdict === 'unhealthy') ?? results.find(({ verdict }) => verdict === 'inconclusive');
  return worst ? { verdict: worst.verdict, seen: `check "${worst.name}": ${worst.seen}` } : { verdict: 'healthy', seen: '' };
}

/** Where production holds something else by now, that is what is wrong, and not the release's health: what answers is not the release. */
function nameBreach(state: Awaited<ReturnType<typeof readState>>, samples: Sample[], seen: string): Omit<Output, 'watchedMs'> {
  return state.kind === 'not-ours'
    ? { kind: 'state-breach', samples, seen: state.seen }
    : { kind: 'health-breach', samples, seen: sayBreach(samples, seen) };
}

function sayBreach(samples: Sample[], seen: string): string {
  const failing = samples.filter(({ verdict }) => verdict !== 'healthy').length;
  return `${failing} of the last ${samples.length} samples of production failed${seen && `; the last: ${seen}`}`;
}

async function readState(
  ports: Pick<Ports, 'appControl'>,
  target: Target,
  expected: Expected,
): Promise<{ kind: 'ours' } | { kind: 'not-ours' | 'could-not-tell'; seen: string }> {
  let production: SlotState;
  try {
    ({ production } = await ports.appControl.readSlots(target));
  } catch (error) {
    // Not to be able to look is no reason to take production back; the next batch looks again.
    return { kind: 'could-not-tell', seen: error instanceof Error ? error.message : 'the slots could not be read' };
  }
  const kind = stillOurs(expected, production);
  if (kind === 'ours') return { kind };
  if (kind === 'could-not-tell') return { kind, seen: "production's content could not be read" };
  const { marker, content } = production;
  return {
    kind,
    seen: `production holds marker ${marker ?? 'none'} and ${sayContent(content)}`,
  };
}
