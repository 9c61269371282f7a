import type { Target } from './settings';
import type { Finding } from './traps';

export type SiteName = Omit<Target, 'slot'>;

export interface Adoption {
  resource: string;
  /** The app's part of slipway.yaml, with the findings as comments. */
  yaml: string;
  slot: string | null;
  findings: Finding[];
}

/** The function app that an ARM id names, also by a slot's id or one with a query; undefined where it names none. */
export function siteOfResourceId(id: string): SiteName | undefined {
  const form =
    /^\/subscriptions\/([0-9a-z-]{1,64})\/resourceGroups\/([\w.()-]{1,90})\/providers\/Microsoft\.Web\/sites\/([a-z0-9-]{1,60})(?:\/.*)?$/i;
  const [, subscription, resourceGroup, functionApp] = form.exec(id.trim()) ?? [];
  if (subscription === undefined || resourceGroup === undefined || functionApp === undefined) return undefined;
  return { subscription, resourceGroup, functionApp };
}

/** The part of slipway.yaml that names an app, as text: comments can't be kept in a tree of values. */
export function writeAdoption(found: {
  site: SiteName;
  slots: readonly string[];
  slot: string | null;
  findings: readonly Finding[];
  /** Where slipway.yaml looks for apps that say nothing else. */
  usual: { subscription: string; resourceGroup: string };
}): string {
  const { site, slots, slot, findings, usual } = found;
  const environment = /(?:^|-)(test|staging|production|prod)$/i.exec(site.functionApp)?.[1]?.toLowerCase() ?? 'production';
  const app = site.functionApp.toLowerCase().replace(/-(?:test|staging|production|prod)$/, '');
  const others = slots.filter((name) => name !== slot);
  return [
    ...findings.flatMap(({ weight, code, sentence, why, next }) => [
      ...comment(`${weight === 'stops' ? 'Stops every rollout' : 'Worth knowing'} (${code}): ${sentence} ${why}`),
      ...comment(`  ${next}`),
    ]),
    ...(others.length > 0 ? comment(`Other slots: ${others.join(', ')}.`) : []),
    'apps:',
    `  ${app}:`,
    '    environments:',
    `      ${environment === 'prod' ? 'production' : environment}:`,
    ...(site.subscription === usual.subscription ? [] : [`        subscription: ${site.subscription}`]),
    ...(site.resourceGroup === usual.resourceGroup ? [] : [`        resourceGroup: ${site.resourceGroup}`]),
    `        functionApp: ${site.functionApp}`,
    `        slot: ${slot ?? 'staging # to be created'}`,
    '        policy: production # one of the policies in slipway.yaml',
    '',
  ].join('\n');
}

/** Text from Azure can't end a comment: it is one line. */
const comment = (text: string): string[] => [`# ${text.replace(/[\r\n\u0085\u2028\u2029]+/g, ' ')}`];
