import { describe, expect, test } from '@jest/globals';
import { blockLane, enterLane, freeLane } from '../../src/domain/lane';
import { viewPlace } from '../../src/domain/live-view';
import type { Ending, RolloutRow } from '../../src/domain/rollout';
import { gate, iso, plan, rollout } from '../mail/world';

const place = { app: 'hello', environment: 'production' };

const ended = (id: string, outcome: Ending['outcome'], seconds: number, more: Partial<RolloutRow> = {}): RolloutRow => ({
  ...rollout,
  id,
  phase: 'done',
  brought: { marker: `${id}.aaaaaaaaaaaa`, content: { kind: 'empty' } },
  ending: { outcome, at: iso(seconds), reason: 'It was so.', next: 'Look.', serves: 'Production serves something.' },
  ...more,
});
const goes = (madeAt: string, marker: string | null, says?: string): Partial<RolloutRow> => ({
  plan: { ...plan, madeAt, replaces: { marker, version: null, ...(says === undefined ? {} : { says }) } },
});

describe('what is live', () => {
  test('is unknown where nothing was brought, but for what production said of itself', () => {
    expect(viewPlace(place, [], freeLane)).toEqual({
      ...place,
      live: { kind: 'unknown' },
      running: null,
      standstills: [],
      waiting: 0,
      lane: 'free',
      last: null,
    });
    expect(viewPlace(place, [ended('r1', 'failed', 10, goes(iso(1), null, '1.0.0'))], freeLane)).toMatchObject({
      live: { kind: 'unknown', version: '1.0.0' },
      last: { id: 'r1', outcome: 'failed' },
    });
    expect(viewPlace(place, [ended('r1', 'failed', 10, { plan: { kind: 'unchanged', sentence: 'so' } })], freeLane).live).toEqual({
      kind: 'unknown',
    });
  });

  test('is what was deployed last, whatever ended since without touching it', () => {
    const rows = [
      ended('r1', 'deployed', 10),
      ended('r2', 'deployed', 20, { release: { ...rollout.release, version: '3.0.0' } }),
      ended('r3', 'rolled-back', 30, goes(iso(25), 'r2.aaaaaaaaaaaa')),
      ended('r4', 'cancelled', 40),
    ];
    for (const order of [rows, [...rows].reverse()])
      expect(viewPlace(place, order, freeLane).live).toEqual({
        kind: 'known',
        version: '3.0.0',
        sha256: rollout.release.sha256,
        commit: 'c0ffee1',
        rolloutId: 'r2',
        since: iso(20),
        by: 'ada',
      });
  });

  test('is said to be otherwise where a later rollout found another marker', () => {
    const { commit: _none, ...release } = rollout.release;
    const rows = [ended('r1', 'deployed', 10, { release }), ended('r2', 'failed', 30, goes(iso(25), null))];
    expect(viewPlace(place, rows, freeLane).live).toMatchObject({
      rolloutId: 'r1',
      otherwise: 'When r2 began, production did not carry the marker of r1 any more: somebody else changed it.',
    });
    const { brought: _unknown, ...old } = ended('r1', 'deployed', 10);
    expect(viewPlace(place, [old, rows[1]!], freeLane).live).not.toHaveProperty('otherwise');
    // One that refused to begin read nothing that could contradict.
    const refused = ended('r3', 'failed', 40, { plan: { kind: 'refused', problem: { code: 'c', sentence: 'S.', next: 'N.' } } });
    const live = viewPlace(place, [rows[0]!, refused], freeLane).live;
    expect(live).not.toHaveProperty('otherwise');
    expect(live).not.toHaveProperty('commit');
    // Nor did one that made its plan before that one had ended.
    expect(viewPlace(place, [rows[0]!, ended('r2', 'failed', 30, goes(iso(10), null))], freeLane).live).not.toHaveProperty('otherwise');
  });

  test('is in doubt after a rollout that could not prove it', () => {
    const rows = [ended('r1', 'deployed', 10), ended('r2', 'needs-attention', 20)];
    const lane = blockLane(enterLane(freeLane, { rolloutId: 'r2', admittedAt: iso(0) }, 'queue').lane, 'r2', {
      by: 'r2',
      reason: 'nobody knows',
      at: iso(20),
    });
    expect(viewPlace(place, rows, freeLane)).not.toHaveProperty('blocked');
    expect(viewPlace(place, rows, lane)).toMatchObject({
      live: { kind: 'in-doubt', rolloutId: 'r2', sentence: 'Production serves something.' },
      lane: 'blocked',
      blocked: { reason: 'nobody knows' },
    });
  });
});

describe('what is on its way', () => {
  test('is the holder of the lane, else the oldest that waits', () => {
    const rows = ['r3', 'r2', 'r1'].map((id) => ({ ...rollout, id, admittedAt: iso(Number(id[1])) }));
    for (const order of [rows, [...rows].reverse()])
      expect(viewPlace(place, order, freeLane)).toMatchObject({ running: { id: 'r1' }, waiting: 2 });
    // What has ended waits no more.
    expect(viewPlace(place, [ended('r0', 'deployed', 10), ...rows], freeLane)).toMatchObject({ running: { id: 'r1' }, waiting: 2 });
    const { lane } = enterLane(freeLane, { rolloutId: 'r2', admittedAt: iso(2) }, 'queue');
    expect(viewPlace(place, rows, lane).running?.id).toBe('r2');
  });

  test('says who has not answered, and until when they may', () => {
    const decisions = [{ gate: gate.gate, approver: 'ANN@example.com', answer: 'yes' as const, at: iso(1) }];
    const row = { ...rollout, ask: { ...rollout.ask!, decisions } };
    expect(viewPlace(place, [row], freeLane).running).toEqual({
      id: rollout.id,
      kind: 'deploy',
      version: '2.0.0',
      phase: 'asking',
      phaseSince: iso(0),
      phases: ['staging', 'asking'],
      requestedBy: 'ada',
      waitsFor: [{ gate: 'release', approvers: ['ben@example.com'], proof: 'link' }],
      expiresAt: iso(3600),
    });
    const both = [...decisions, { ...decisions[0]!, approver: 'ben@example.com' }];
    expect(viewPlace(place, [{ ...row, ask: { ...rollout.ask!, decisions: both } }], freeLane).running?.waitsFor).toEqual([]);
  });

  test('that has every yes says what holds it, and waits for nobody', () => {
    const held = { held: ['olga stopped the line: the database moves.'], stoppedLines: ['hello'] };
    const running = viewPlace(place, [{ ...rollout, ask: { ...rollout.ask!, ...held } }], freeLane).running;
    expect(running).toMatchObject({ ...held, waitsFor: [], expiresAt: iso(3600) });
    const calendar = { held: ['Frozen until noon.'] };
    const frozen = viewPlace(place, [{ ...rollout, ask: { ...rollout.ask!, ...calendar } }], freeLane).running;
    expect(frozen).toMatchObject({ ...calendar, waitsFor: [] });
    expect(frozen).not.toHaveProperty('stoppedLines');
  });

  test('waits for nobody where nothing is asked', () => {
    const { ask: _none, ...rest } = rollout;
    const row: RolloutRow = { ...rest, phase: 'proving' };
    expect(viewPlace(place, [row], freeLane).running).toMatchObject({ waitsFor: [], phaseSince: row.admittedAt });
    expect(viewPlace(place, [{ ...row, phase: 'queued', phases: [] }], freeLane).running).not.toHaveProperty('note');
    const { plan: _yet, ...unplanned } = rollout;
    expect(viewPlace(place, [unplanned], freeLane).running).toMatchObject({ waitsFor: [] });
    expect(viewPlace(place, [{ ...row, phase: 'staging' }], freeLane).running?.note).toBe('hello-2.0.0.zip, 41 kB');
  });
});
