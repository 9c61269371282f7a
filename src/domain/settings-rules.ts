import { Ajv2020 } from 'ajv/dist/2020';
import type { BrokenRule } from './broken-rule';
import { channelRules } from './settings-channel-rules';
import { noticeRules } from './settings-notice-rules';
import { calendarRules, hotfixRules } from './settings-calendar-rules';
import { gateRules } from './settings-gate-rules';
import { namedTwice } from './named-twice';
import { at, entriesOf, isRecord, listOf } from './unknown-value';

/** Takes settings of which any part may be wrong or missing: what has no shape is the schema's to tell. */
export function brokenRules(settings: unknown): BrokenRule[] {
  return [
    ...environmentRules(settings),
    ...entriesOf(at(settings, 'policies')).flatMap(([name, policy]) => policyRules(['policies', name], policy)),
    ...channelRules(settings),
    ...noticeRules(settings),
  ];
}

function environmentRules(settings: unknown): BrokenRule[] {
  const policies = entriesOf(at(settings, 'policies')).map(([name]) => name);
  const taken = new Map<string, string>();
  const broken: BrokenRule[] = [];
  for (const [app, value] of entriesOf(at(settings, 'apps')))
    for (const [name, environment] of entriesOf(at(value, 'environments'))) {
      const path = ['apps', app, 'environments', name];
      const policy = at(environment, 'policy');
      if (typeof policy === 'string' && !policies.includes(policy))
        broken.push({
          path: [...path, 'policy'],
          message: `names no policy; ${policies.length > 0 ? `write one of: ${policies.join(', ')}` : 'add it under policies'}`,
        });
      broken.push(...promotionRules(settings, { app: value, name, policy }));
      const functionApp = at(environment, 'functionApp');
      if (typeof functionApp !== 'string') continue;
      const [subscription, group] = ['subscription', 'resourceGroup'].map((key) => at(environment, key) ?? at(at(settings, 'azure'), key));
      const target = JSON.stringify([subscription, group, functionApp]).toLowerCase();
      const other = taken.get(target);
      if (other !== undefined)
        broken.push({
          path: [...path, 'functionApp'],
          message: `is the function app of ${other} already, and two lanes must not lead to one app; write another`,
        });
      taken.set(target, `${app} in ${name}`);
    }
  return broken;
}

/** An environment that a policy names must be one of each app that has the policy; a path to itself is none. */
function promotionRules(settings: unknown, of: { app: unknown; name: string; policy: unknown }): BrokenRule[] {
  if (typeof of.policy !== 'string') return [];
  const policy = at(at(settings, 'policies'), of.policy);
  const known = entriesOf(at(of.app, 'environments')).map(([name]) => name);
  const others = known.filter((name) => name !== of.name).join(', ');
  const requires = at(policy, 'requires');
  const named: [string, unknown][] = [
    ['requires', typeof requires === 'string' ? requires : at(requires, 'environment')],
    ['promote', at(policy, 'promote')],
  ];
  return named.flatMap(([key, environment]) =>
    typeof environment === 'string' && (environment === of.name || !known.includes(environment))
      ? [
          {
            path: ['policies', of.policy as string, key],
            message: `names no other environment of the app that has this policy; ${others ? `write one of: ${others}` : 'add that one to the app, or leave this out'}`,
          },
        ]
      : [],
  );
}

function policyRules(path: string[], policy: unknown): BrokenRule[] {
  const checks = listOf(at(policy, 'checks'));
  const [every, window] = [at(at(policy, 'watch'), 'every'), at(at(policy, 'watch'), 'window')];
  return [
    ...gateRules([...path, 'gates'], listOf(at(policy, 'gates'))),
    ...gateRules([...path, 'revert', 'gates'], listOf(at(at(policy, 'revert'), 'gates'))),
    ...calendarRules([...path, 'calendar'], at(policy, 'calendar')),
    ...hotfixRules([...path, 'hotfix'], policy),
    ...gateRules([...path, 'hotfix', 'gates'], listOf(at(at(policy, 'hotfix'), 'gates'))),
    ...namedTwice([...path, 'checks'], checks, 'check'),
    ...checks.flatMap((check, n) => checkRules([...path, 'checks', n], check)),
    ...(typeof every === 'number' && typeof window === 'number' && window < every
      ? [{ path: [...path, 'watch', 'window'], message: `is shorter than the ${every} s between two samples; write at least that` }]
      : []),
    ...(typeof every === 'number' && typeof window === 'number' && window / every > mostSamples
      ? [{ path: [...path, 'watch', 'window'], message: `holds more than ${mostSamples} samples ${every} s apart; write a shorter one` }]
      : []),
  ];
}

/** A window of samples travels with every batch of a watch. */
const mostSamples = 1000;

/** Headers that would carry a secret; slipway.yaml holds none. */
const secretHeaders = /^(?:authorization|proxy-authorization|cookie|x-functions-key|x-api-key|api-key)$/i;

function checkRules(path: (string | number)[], check: unknown): BrokenRule[] {
  const headers = entriesOf(at(check, 'headers')).filter(([name]) => secretHeaders.test(name));
  const schema = at(at(check, 'expect'), 'schema');
  return [
    ...headers.map(([name]) => ({
      path: [...path, 'headers', name],
      message: 'would hold a secret, and this file holds none; write "functionKey: true" to have the host\'s key sent',
    })),
    ...schemaMistakes(schema).map((message) => ({ path: [...path, 'expect', 'schema'], message })),
  ];
}

/** What keeps a JSON schema from being one, in the words of the schema of schemas: those name places in it, and no values. */
function schemaMistakes(schema: unknown): string[] {
  if (!isRecord(schema)) return [];
  // As the check itself will read it: dialect and id would be looked up.
  const { $schema: _dialect, $id: _id, ...rest } = schema;
  // Its code runs once: making it short takes longer than running it long.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, code: { optimize: false } });
  if (ajv.validateSchema(rest) !== true) {
    const first = ajv.errorsText(ajv.errors, { dataVar: '' }).replace(/,.*/s, '');
    return [`is no JSON schema (draft 2020-12): ${first}; write one that is`];
  }
  try {
    ajv.compile(rest);
    return [];
  } catch {
    return ['is a JSON schema that refers to something it does not hold, or holds no regular expression; write out what it refers to'];
  }
}
