import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { app } from '@azure/functions';
import type * as z from 'zod';
import { operations } from '../../src/domain/api';
import type { figures, ledgerView, lane, place, rollout, rolloutSummary, traces } from '../../src/domain/api-shapes';
import type { Figures } from '../../src/domain/figures';
import type { LaneView } from '../../src/domain/lane';
import type { LedgerView } from '../../src/domain/ledger-view';
import type { PlaceView } from '../../src/domain/live-view';
import type { RolloutTraces } from '../../src/domain/traces';
import { openApiDocument } from '../../src/domain/openapi';
import type { RolloutSummary, RolloutView } from '../../src/domain/rollout-view';
import { registerEverything } from '../../src/registrations';
import { openApiHandler } from '../../src/triggers/openapi.http';
import { statusOf } from '../../src/triggers/problem-json';
import { call, frontDoorPorts } from './ports';

const root = path.join(__dirname, '../..');
const committed = JSON.parse(readFileSync(path.join(root, 'openapi.json'), 'utf8')) as Record<string, unknown>;

/** `true` only where what is answered fits the shape and has no member more: it does not compile otherwise. */
type Described<Answered, Shape extends z.ZodType> = [Answered] extends [z.output<Shape>]
  ? [keyof Answered] extends [keyof z.output<Shape>]
    ? true
    : never
  : never;

test('what is answered fits what is described', () => {
  const described: [
    Described<RolloutView, typeof rollout>,
    Described<RolloutSummary, typeof rolloutSummary>,
    Described<LaneView, typeof lane>,
    Described<LedgerView, typeof ledgerView>,
    Described<PlaceView, typeof place>,
    Described<RolloutTraces, typeof traces>,
    Described<Figures, typeof figures>,
  ] = [true, true, true, true, true, true, true];
  expect(described).not.toContain(false);
});

test('openapi.json is fresh (npm run openapi writes it anew), and is what is served', async () => {
  expect(committed).toEqual(JSON.parse(JSON.stringify(openApiDocument(statusOf))));
  const served = await call(openApiHandler(), {});
  expect([served.status, served.body]).toEqual([200, committed]);
});

test('every route is described, as it is registered; the pages are none of the API', () => {
  const registered = jest.spyOn(app, 'http').mockReturnValue(undefined);
  registerEverything(frontDoorPorts().ports);
  const routes = registered.mock.calls.map(([id, { methods = [], route = '' }]) => ({ id, route, methods: methods.map(String) }));
  registered.mockRestore();
  expect(routes.filter(({ id }) => !['approval', 'page', 'pageBelow'].includes(id)).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
    operations
      .map(({ id, path: route, method }) => ({ id, route: `api/${route}`, methods: [method.toUpperCase()] }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
});

describe('the linter', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'slipway-openapi-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  const lint = (file: string) => spawnSync(process.execPath, [path.join(root, 'scripts/lint-openapi.mjs'), file], { encoding: 'utf8' });

  it('finds nothing', () => {
    const { status, stdout, stderr } = lint(path.join(root, 'openapi.json'));
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  it.each([
    ['a security scheme that is not there', 'security', [{ nothing: [] }], /nothing/],
    ['an answer that is not described', 'responses', { 200: {} }, /description/],
    ['a reference that leads nowhere', 'responses', { 200: { $ref: '#/nowhere' } }, /no-unresolved-refs/],
  ])('would find %s', (_what, member, value, said) => {
    const broken = structuredClone(committed) as { paths: Record<string, { get: Record<string, unknown> }> };
    broken.paths['/api/lanes']!.get[member] = value;
    const file = path.join(scratch, `${member}.json`);
    writeFileSync(file, JSON.stringify(broken));
    const { status, stderr, stdout } = lint(file);
    expect([status, stdout + stderr]).toEqual([1, expect.stringMatching(said)]);
  });
});
