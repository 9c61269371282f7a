import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  approversOf,
  askedBy,
  gateProblem,
  isAnsweredThere,
  madeThere,
  type Askers,
  type LinkGatePolicy,
  type ServiceGateRow,
} from '../../src/domain/gate';
import { proofs } from '../../src/domain/proof';
import { digest, gate as linkRow, iso, rolloutId } from '../mail/world';
import { change } from './service-gates';

const people = ['ann@example.com', 'bob@example.com', 'cid@example.com'];
const gate: fc.Arbitrary<LinkGatePolicy> = fc
  .record({
    approvers: fc.subarray(people, { minLength: 1 }),
    needed: fc.integer({ min: 1, max: 3 }),
    notRequester: fc.boolean(),
    proof: fc.constantFrom(...proofs),
  })
  .map((some) => ({ ...some, needed: Math.min(some.needed, some.approvers.length), name: 'release', kind: 'signed-link' }));
const anyone = fc.constantFrom(...people, ...people.map((name) => name.toUpperCase()), 'a robot');
const askers: fc.Arbitrary<Askers> = fc.record(
  { requester: fc.record({ name: anyone, verified: fc.boolean(), via: fc.constant('http') }), actor: anyone },
  { requiredKeys: ['requester'] },
);

describe('who may answer a gate', () => {
  it('are its approvers, without those who asked where policy says so, however their names are written', () => {
    fc.assert(
      fc.property(gate, askers, (any, asked) => {
        const names = [asked.requester.name, asked.actor].map((name) => name?.toLowerCase());
        expect(approversOf(any, asked)).toEqual(any.approvers.filter((one) => !any.notRequester || !names.includes(one)));
      }),
    );
  });

  it('are those of the second list too once it is asked, each once', () => {
    fc.assert(
      fc.property(gate, askers, fc.subarray(people, { minLength: 1 }), (some, asked, to) => {
        const any = { ...some, notRequester: false, escalate: { to, after: 60 } };
        expect(approversOf(any, asked)).toEqual(any.approvers);
        expect(new Set(approversOf(any, asked, true))).toEqual(new Set([...any.approvers, ...to]));
      }),
    );
  });

  it('are enough unless policy keeps out whoever asked', () => {
    fc.assert(
      fc.property(gate, askers, (any, asked) => {
        if (!any.notRequester) expect(gateProblem(any, asked)).toBeUndefined();
      }),
    );
  });

  it('are enough only when it is sure who asked, and as many are left as must say yes', () => {
    fc.assert(
      fc.property(gate, askers, (some, asked) => {
        const any = { ...some, notRequester: true };
        const code =
          !asked.requester.verified && any.proof !== 'entra'
            ? 'requester-not-verified'
            : approversOf(any, asked).length < any.needed
              ? 'too-few-approvers'
              : undefined;
        const said = expect.stringMatching(/^[A-Z].* .*\.$/);
        expect(gateProblem(any, asked)).toEqual(code && { code, sentence: said, next: said });
        // A link can be exchanged for a sign-in, which shows who answers.
        if (code === 'requester-not-verified')
          expect(gateProblem(any, asked)?.next).toContain(', or let policy say proof: entra at this gate, or');
      }),
    );
  });

  it('are never too few where a group is asked as well: how many it has, only Entra knows', () => {
    const board = { id: '5B2C0C1E-0000-4000-8000-00000000B0A2', mail: 'board@example.com' };
    fc.assert(
      fc.property(gate, askers, (some, asked) => {
        const any: LinkGatePolicy = { ...some, notRequester: true, proof: 'entra', groups: [board] };
        expect(gateProblem(any, asked)).toBeUndefined();
        expect(askedBy(any, asked, false).map(({ address, group }) => group ?? address)).toEqual([
          ...approversOf(any, asked),
          board.id.toLowerCase(),
        ]);
      }),
    );
  });

  it('keep the mail that they have, and get the first one where they are new', () => {
    const known = { address: 'ANN@example.com', mailNumber: 3, wrongCodes: 2 };
    const any: LinkGatePolicy = {
      ...{ name: 'release', kind: 'signed-link', proof: 'link', notRequester: false, needed: 1 },
      approvers: ['ann@example.com', 'bob@example.com'],
    };
    expect(askedBy(any, { requester: { name: 'zoe', verified: true, via: 'http' } }, false, [known])).toEqual([
      { address: 'ann@example.com', mailNumber: 3, wrongCodes: 2 },
      { address: 'bob@example.com', mailNumber: 1, wrongCodes: 0 },
    ]);
  });

  it('are the service’s own affair where a service answers, as long as it is sure who asked', () => {
    fc.assert(
      fc.property(askers, fc.boolean(), (asked, notRequester) => {
        const problem = gateProblem({ ...change, notRequester }, asked);
        expect(problem?.code).toBe(notRequester && !asked.requester.verified ? 'requester-not-verified' : undefined);
        // There is no proof to choose at such a gate.
        if (problem) expect(problem.next).toBe('Ask for the rollout signed in with Microsoft Entra, or do without notRequester.');
      }),
    );
  });
});

describe('the questions that were put in services', () => {
  const request = (correlation: string, attempt: number) => ({ correlation, attempt });
  const row: ServiceGateRow = {
    ...{ v: 1, gate: 'change', kind: 'servicenow', policy: change, rolloutId, proof: 'link', needed: 1, approvers: [], keyId: 'k2' },
    ...{ digest, openedAt: iso(0), expiresAt: iso(3600), request: request('now', 1) },
  };

  it('are told from earlier ones, which stand no more, and from those of which nothing was ever begun', () => {
    const earlier = [
      { policy: change, request: request('first', 2) },
      { policy: change, request: request('never-begun', 0) },
    ];
    const told = (some: Parameters<typeof madeThere>[0]) =>
      madeThere(some).map(({ request: { correlation }, policy, stands }) => [correlation, policy === change, stands]);
    expect(told({ ...row, earlier })).toEqual([
      ['first', true, false],
      ['now', true, true],
    ]);
    expect(told({ ...row, isRetired: true })).toEqual([['now', true, false]]);
    expect(told({ ...row, request: request('now', 0) })).toEqual([]);
    expect(told({ ...linkRow, earlier })).toEqual([['first', true, false]]);
    expect(told(linkRow)).toEqual([]);
  });

  it('are answered there unless a link is, or today’s policy lacks the gate', () => {
    expect([row, { ...row, isRetired: true as const }, linkRow].map(isAnsweredThere)).toEqual([true, false, false]);
  });
});
