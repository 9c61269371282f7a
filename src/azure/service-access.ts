import { loginForm, loginPattern, type ServiceGatePolicy, type ServiceKind } from '../domain/service-gate';
import type { GatePolicy, Settings } from '../domain/settings';

/** What is needed to reach the services that gates of slipway.yaml are answered in. */
export interface Services {
  /** Secrets, by the app setting that holds them. */
  logins: Readonly<Record<string, string>>;
  /** Where a kind of service is reached instead of at the address that slipway.yaml names. */
  endpoints: Readonly<Partial<Record<ServiceKind, string>>>;
}

type Need = (name: string, form: RegExp, what: string) => string;

/** `need` answers an app setting's value and notes where it is missing or not of its form. */
export function servicesOf(settings: Pick<Settings, 'policies'>, need: Need, endpoints: Services['endpoints']): Services {
  const logins = serviceGatesOf(settings).map((gate) => [gate.login, need(gate.login, loginPattern, whatOf(gate))] as const);
  return { logins: Object.fromEntries(logins), endpoints };
}

/** One of each login. */
export function serviceGatesOf({ policies }: Pick<Settings, 'policies'>): ServiceGatePolicy[] {
  const all = Object.values(policies).flatMap(({ gates, revert, hotfix }): GatePolicy[] => [
    ...gates,
    ...revert.gates,
    ...(hotfix?.gates ?? []),
  ]);
  const found = all.flatMap((gate) => (gate.kind === 'signed-link' ? [] : [gate]));
  return [...new Map(found.map((gate) => [gate.login, gate])).values()];
}

const whatOf = (gate: ServiceGatePolicy): string => `the login of gate ${gate.name}, as ${loginForm(gate)}`;
