import { afterEach, describe, expect, test } from '@jest/globals';
import { changeRow } from '../../src/azure/rows';
import type { GateRow } from '../../src/domain/gate';
import { gateKey, rolloutKey } from '../../src/domain/tables';
import { decideHandler, readQuestionsHandler } from '../../src/triggers/decisions.http';
import { call } from '../front-door/ports';
import { ann, ben, gate, iso, rollout, rolloutId, world, type World } from '../mail/world';

/** POST /api/rollouts/{id}/decisions, with what App Service authentication writes. */

const board = '5b2c0c1e-0000-4000-8000-00000000b0a2';
const claims = (...pairs: [string, string][]) => ({
  'x-ms-client-principal': Buffer.from(
    JSON.stringify({ auth_typ: 'aad', role_typ: 'roles', claims: pairs.map(([typ, val]) => ({ typ, val })) }),
  ).toString('base64'),
});
const as = (address: string, ...groups: string[]) =>
  claims(['preferred_username', address], ...groups.map((id): [string, string] => ['groups', id]));

async function open(
  changes: Partial<GateRow> = {},
): Promise<World & { post: (json: object, headers?: object) => ReturnType<typeof call> }> {
  process.env['WEBSITE_AUTH_ENABLED'] = 'True';
  const at = world();
  await at.put({}, { proof: 'entra', ...changes });
  const handler = decideHandler(at.ports as never, () => at.instances);
  return { ...at, post: (json, headers = as(ann)) => call(handler, { json, headers: { ...headers }, params: { id: rolloutId } }) };
}
const change = ({ ports }: World, more: object) => changeRow(ports.rows, rolloutId, rolloutKey, (row) => ({ value: { ...row, ...more } }));

afterEach(() => {
  delete process.env['WEBSITE_AUTH_ENABLED'];
});

describe('a decision over the API', () => {
  test('is taken of an approver who is signed in, and wakes the story', async () => {
    const at = await open();
    expect(await at.post({ answer: 'yes' })).toMatchObject({
      status: 200,
      body: { id: rolloutId, decision: { gate: 'release', approver: ann, answer: 'yes', at: iso(60) } },
    });
    expect((await at.row()).ask?.decisions).toHaveLength(1);
    expect(at.woken).toHaveLength(1);
    expect(await at.post({ answer: 'yes' })).toMatchObject({ status: 409, body: { type: 'https://slipway.dev/problems/decided-already' } });
  });

  test('counts at a gate with a link as well', async () => {
    const at = await open({ proof: 'link' });
    expect((await at.post({ answer: 'yes' })).status).toBe(200);
  });

  test('of a member of the group that is asked stands under the member’s own name', async () => {
    const at = await open({
      approvers: [{ address: 'board@example.com', group: board, mailNumber: 1, wrongCodes: 0 }],
      notRequester: true,
    });
    expect((await at.post({ answer: 'yes' })).status).toBe(403);
    expect(await at.post({ answer: 'yes' }, as('cid@example.com', board))).toMatchObject({
      body: { decision: { approver: 'cid@example.com', group: board } },
    });
    expect((await at.post({ answer: 'no', comment: 'why' }, as('cid@example.com', board))).status).toBe(409);
    expect(await at.post({ answer: 'yes' }, as(rollout.requester.name, board))).toMatchObject({
      status: 403,
      body: { type: 'https://slipway.dev/problems/asked-for-it' },
    });
  });

  test('is never believed where the platform signs nobody in', async () => {
    const at = await open();
    process.env['WEBSITE_AUTH_ENABLED'] = 'False';
    expect(await at.post({ answer: 'yes' })).toMatchObject({
      status: 403,
      body: { type: 'https://slipway.dev/problems/principal-not-believed' },
    });
    expect((await at.row()).ask?.decisions).toEqual([]);
  });

  test.each([
    ['of somebody whom nobody asks', { answer: 'yes' }, as('eve@example.com', board), 403],
    ['at a gate that does not ask', { answer: 'yes', gate: 'security' }, as(ann), 403],
    ['that is a no without a reason', { answer: 'no', comment: ' ' }, as(ann), 400],
    ['that is neither yes nor no', { answer: 'perhaps' }, as(ann), 400],
    ['of nobody', { answer: 'yes' }, {}, 401],
  ])('%s is refused', async (_what, body, headers, status) => {
    const at = await open();
    delete process.env['SLIPWAY_LOCAL_OPERATOR'];
    expect((await at.post(body, headers)).status).toBe(status);
    expect((await at.row()).ask?.decisions).toEqual([]);
  });

  test('names the gate where two ask the same person', async () => {
    const at = await open();
    await at.ports.rows.write([{ kind: 'insert', partition: rolloutId, row: gateKey('security'), value: { ...gate, gate: 'security' } }]);
    expect(await at.post({ answer: 'yes' })).toMatchObject({ status: 422, body: { detail: expect.stringContaining('release, security') } });
    expect((await at.post({ answer: 'yes', gate: 'security' })).body).toMatchObject({ decision: { gate: 'security' } });
  });

  test('comes too late, and says what happened instead', async () => {
    const at = await open();
    await change(at, { ending: { outcome: 'expired', at: iso(90), reason: 'Too few answered.', next: 'Ask.', serves: '' } });
    expect((await at.post({ answer: 'yes' }, as(ben))).status).toBe(409);
    await change(at, { ending: undefined, ask: { ...rollout.ask!, state: 'expired' } });
    expect(await at.post({ answer: 'yes' }, as(ben))).toMatchObject({
      status: 409,
      body: { type: 'https://slipway.dev/problems/asks-nobody' },
    });
    const handler = decideHandler(at.ports as never, () => at.instances);
    for (const id of ['none', '../x'])
      expect((await call(handler, { json: { answer: 'yes' }, headers: as(ann), params: { id } })).status).toBe(404);
  });
});

describe('the questions of a rollout', () => {
  const security = { ...gate, gate: 'security', approvers: [{ address: 'board@example.com', group: board, mailNumber: 1, wrongCodes: 0 }] };

  test('are those that whoever is signed in may answer just now, gate by gate', async () => {
    const at = await open();
    await at.ports.rows.write([
      { kind: 'insert', partition: rolloutId, row: gateKey('security'), value: { ...security, notRequester: true } },
    ]);
    const asked = async (headers: object, id = rolloutId) =>
      call(readQuestionsHandler(at.ports as never), { headers: { ...headers }, params: { id } });
    const questionsTo = async (headers: object) => (await asked(headers)).body['questions'];
    expect(await questionsTo(as(ann))).toEqual([{ gate: 'release', approver: ann, expiresAt: gate.expiresAt }]);
    expect(await questionsTo(as('cid@example.com', board))).toEqual([
      { gate: 'security', approver: 'cid@example.com', group: board, expiresAt: gate.expiresAt },
    ]);
    expect(await questionsTo(as(ann, board))).toHaveLength(2);
    expect(await questionsTo(as(rollout.requester.name, board))).toEqual([]);
    expect(await questionsTo(as('eve@example.com'))).toEqual([]);
    await at.post({ answer: 'yes', gate: 'release' });
    expect(await questionsTo(as(ann, board))).toMatchObject([{ gate: 'security', approver: ann }]);
    await change(at, { ask: { ...rollout.ask!, state: 'expired' } });
    expect(await questionsTo(as(ann, board))).toEqual([]);
    for (const id of ['none', '../x']) expect((await asked(as(ann), id)).status).toBe(404);
    delete process.env['SLIPWAY_LOCAL_OPERATOR'];
    expect((await asked({})).status).toBe(401);
  });
});
