import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { approversOf, gateProblem, type Askers, type LinkGatePolicy } from '../../src/domain/gate';
import { proofs } from '../../src/domain/proof';

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
      }),
    );
  });
});
