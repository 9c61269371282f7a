import type { Problem } from './problem';

/** What Azure did not let Slipway's identity do: an action as ARM names it, and the resource it was asked on. */
export interface Refusal {
  action: string;
  scope: string;
}

const role = 'infra/modules/target-role.bicep';

/** ARM's own words of a 403 `AuthorizationFailed`; undefined where they say something else. */
export function refusalIn(text: string): Refusal | undefined {
  const [, action, scope] = /perform action '([^']+)' over scope '([^']+)'/i.exec(text) ?? [];
  return action === undefined || scope === undefined ? undefined : { action, scope };
}

/** What SCM asks for and does not say: the right to publish to the site or slot (Microsoft Learn, Kudu service overview). */
export const publishRefusal = (siteId: string): Refusal => ({
  action: `Microsoft.Web/sites/${/\/slots\//i.test(siteId) ? 'slots/' : ''}publish/action`,
  scope: siteId,
});

export const notAllowed = ({ action, scope }: Refusal): Problem => ({
  code: 'azure-not-allowed',
  sentence: `Azure does not let Slipway's identity do "${action}" on ${scope}.`,
  next: `Grant it the role of ${role} there: az deployment group create --resource-group <group> --template-file ${role}. A new grant takes some minutes to hold.`,
});
