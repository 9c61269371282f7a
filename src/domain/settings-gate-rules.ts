import type { BrokenRule } from './broken-rule';
import { namedTwice } from './named-twice';
import { gateKeys } from './settings-gates';
import { at, entriesOf, isRecord, listOf, textsOf } from './unknown-value';

type Path = (string | number)[];

/** What places of gates say of each other. */
export function gateRules(path: Path, gates: unknown[]): BrokenRule[] {
  return [...namedTwice(path, gates, 'gate'), ...gates.flatMap((gate, n) => rulesOf([...path, n], gate))];
}

function rulesOf(path: Path, gate: unknown): BrokenRule[] {
  switch (at(gate, 'kind')) {
    case 'servicenow':
      return fieldRules(path, gate, { own: ownColumns, others: 'columns' });
    case 'jira':
      return fieldRules(path, gate, { own: /^(?:summary|description)$/, others: 'fields' });
    default:
      return linkRules(path, gate);
  }
}

/** Columns that Slipway itself writes, or that say what was decided. */
const ownColumns =
  /^(?:type|state|approval|assignment_group|short_description|description|correlation_id|correlation_display|work_notes|comments|close_code|close_notes|number|sys_.*)$/;

function fieldRules(path: Path, gate: unknown, { own, others }: { own: RegExp; others: string }): BrokenRule[] {
  return entriesOf(at(gate, 'fields'))
    .filter(([name]) => own.test(name))
    .map(([name]) => ({
      path: [...path, 'fields', name],
      message: `is what Slipway itself writes; write other ${others}, or leave it out`,
    }));
}

/** Who meant another kind, as its keys or a misspelt `kind` tell, is told of that, and not of approvers. */
const isSignedLink = (gate: Record<string, unknown>): boolean =>
  [undefined, 'signed-link'].includes(gate['kind'] as string | undefined) &&
  !Object.keys(gate).some((key) => !gateKeys['signed-link'].includes(key) && [...gateKeys.servicenow, ...gateKeys.jira].includes(key));

/** Of a gate that people answer by a link, or signed in. */
function linkRules(path: Path, gate: unknown): BrokenRule[] {
  if (!isRecord(gate)) return [];
  const approvers = textsOf(listOf(at(gate, 'approvers'))).map((one) => one.toLowerCase());
  const more = textsOf(listOf(at(at(gate, 'escalate'), 'to'))).map((one) => one.toLowerCase());
  const [groups, needed] = [listOf(at(gate, 'groups')), at(gate, 'needed')];
  const twice = approvers.findIndex((one, n) => approvers.indexOf(one) !== n);
  const asked = more.findIndex((one) => approvers.includes(one));
  const all = new Set([...approvers, ...more]).size;
  const broken: [boolean, Path, string][] = [
    [
      isSignedLink(gate) && listOf(at(gate, 'approvers')).length === 0 && more.length === 0 && groups.length === 0,
      ['approvers'],
      'names nobody; write addresses here, or groups with "proof: entra"',
    ],
    [
      Number.isInteger(needed) && all > 0 && groups.length === 0 && Number(needed) > all,
      ['needed'],
      `asks for ${Number(needed)} approvers, and ${all} ${all === 1 ? 'is' : 'are'} named; write at most ${all}`,
    ],
    [twice >= 0, ['approvers', twice], 'is there twice; write each approver once'],
    [asked >= 0, ['escalate', 'to', asked], 'is asked from the beginning already; write somebody else'],
    [groups.length > 0 && at(gate, 'proof') !== 'entra', ['groups'], 'can answer signed in alone; write "proof: entra" at this gate'],
  ];
  return broken.flatMap(([isBroken, place, message]) => (isBroken ? [{ path: [...path, ...place], message }] : []));
}
