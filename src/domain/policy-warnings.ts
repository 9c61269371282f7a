import type { Policy, Settings } from './settings';
import type { BrokenRule } from './broken-rule';

/** Longer than the longest lost answer of Azure Resource Manager: what a swap is given to settle, unless the file says otherwise. */
const usualSettleSeconds = 300;

/** What slipway.yaml may say, and what is worth a second look before it goes to production. */
export function policyWarnings(settings: Settings): BrokenRule[] {
  const environments = Object.entries(settings.apps).flatMap(([, { environments }]) => Object.values(environments));
  const used = new Set(environments.map(({ policy }) => policy));
  return [
    ...(settings.outgoing.loopback
      ? [{ path: ['outgoing', 'loopback'], message: 'lets releases lead to the machine Slipway runs on; leave it out in Azure' }]
      : []),
    ...Object.entries(settings.policies).flatMap(([name, policy]) =>
      used.has(name)
        ? warningsOf(['policies', name], policy)
        : [{ path: ['policies', name], message: 'is the policy of no environment; name it there, or take it out' }],
    ),
  ];
}

function warningsOf(path: string[], policy: Policy): BrokenRule[] {
  const warnings: BrokenRule[] = [];
  const warn = (isSo: boolean, part: string[], message: string) => {
    if (isSo) warnings.push({ path: [...path, ...part], message });
  };
  warn(policy.checks.length === 0, [], 'has no checks: nothing is proven before the swap, nor watched after it');
  warn(policy.gates.length === 0, [], 'has no gates: nobody is asked before the swap');
  warn(policy.watch.for === 0, ['watch', 'for'], 'is nothing: a release that breaks after the swap is not swapped back');
  warn(
    policy.swap.settle < usualSettleSeconds,
    ['swap', 'settle'],
    'is shorter than five minutes, and an answer of Azure Resource Manager can be lost for that long; right on a laptop',
  );
  return warnings;
}
