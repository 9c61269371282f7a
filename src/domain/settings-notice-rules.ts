import type { BrokenRule } from './broken-rule';
import { audiences as allAudiences } from './settings-channels';
import { isClosing } from './notice-model';
import { moments, type Moment } from './notice';
import { hears } from './recipients';
import { at, entriesOf, listOf, textsOf } from './unknown-value';

/**
 * An audience that is to hear of a moment has somebody in it; and what goes to production is always announced, and always told how it ended.
 * Production is whatever an environment of that name rolls out by, and every policy with `production: true`.
 */
export function noticeRules(settings: unknown): BrokenRule[] {
  const forProduction = productionPolicies(settings);
  return entriesOf(at(settings, 'policies')).flatMap(([name, policy]) =>
    moments.flatMap((moment) => {
      const heardBy = at(at(policy, 'notices'), moment);
      if (!Array.isArray(heardBy)) return [];
      const path = ['policies', name, 'notices', moment];
      const audiences = textsOf(heardBy);
      if (audiences.some((audience) => listOf(at(at(settings, 'people'), audience)).some((entry) => canHear(settings, entry, moment))))
        return [];
      // What has no shape is the schema's to tell.
      if (audiences.some((audience) => !isAudience(audience)) || audiences.length < heardBy.length) return [];
      const mustBeHeard = isClosing(moment) || (moment === 'start' && forProduction.has(name));
      if (audiences.length > 0)
        return mustBeHeard
          ? [{ path, message: `would be told to nobody; write addresses or channels for ${audiences.join(' or ')} under people` }]
          : [];
      if (!forProduction.has(name)) return [];
      if (moment === 'start') return [{ path, message: 'would announce nothing, and production is always announced; write an audience' }];
      return isClosing(moment)
        ? [{ path, message: 'would be told to nobody, and production always says how it ended; write an audience' }]
        : [];
    }),
  );
}

function productionPolicies(settings: unknown): Set<unknown> {
  const named = entriesOf(at(settings, 'apps')).flatMap(([, app]) => {
    const policy = at(at(at(app, 'environments'), 'production'), 'policy');
    return policy === undefined ? [] : [policy];
  });
  const saidSo = entriesOf(at(settings, 'policies')).flatMap(([name, policy]) => (at(policy, 'production') === true ? [name] : []));
  return new Set([...named, ...saidSo]);
}

const isAudience = (name: string): boolean => (allAudiences as readonly string[]).includes(name);

const canHear = (settings: unknown, entry: unknown, moment: Moment): boolean =>
  typeof entry === 'string' && (entry.includes('@') || hears(at(at(at(settings, 'channels'), entry), 'kind'), moment));
