import type { Platform } from '../platform';
import type { Servers } from '../servers';
import type { ItsmAddresses, ItsmPeople } from '../types';
import { openItsmDesk, type ItsmDesk } from './desk';
import { changeManager as jiraManager, slipwayUser } from './jira-model';
import { jiraPeople } from './jira-records';
import { jiraRoutes } from './jira-routes';
import { moveByHand } from './servicenow-records';
import { serviceNowRoutes } from './servicenow-routes';

/** Services that approve changes. People see what is asked on pages of the inbox. */
export async function openItsm(platform: Platform, servers: Servers, inboxUrl: string): Promise<ItsmAddresses> {
  const { serviceNow: records, secret } = platform;
  const desk = openItsmDesk(platform);
  const login = { user: 'slipway', password: secret('servicenow-password') };
  const pageOf = (sysId: string): string => `${inboxUrl}/changes/${records.changes.get(sysId)?.number ?? ''}`;
  const serviceNow = await servers.listen('servicenow', serviceNowRoutes({ desk, records, login, pageOf }), { tls: false });
  const jira = await openJiraSite(platform, servers, { desk, inboxUrl });
  return { servicenow: { url: serviceNow.url, login: `${login.user}:${login.password}` }, jira };
}

async function openJiraSite(
  platform: Platform,
  servers: Servers,
  { desk, inboxUrl }: { desk: ItsmDesk; inboxUrl: string },
): Promise<ItsmAddresses['jira']> {
  const { jira: records, secret, faults } = platform;
  const tokenOf = (emailAddress: string): string => secret(jiraToken(emailAddress));
  const lag = (): number => {
    const lags = faults.strike('jira-search-lags');
    return lags ? (lags.afterMs ?? 60_000) : 0;
  };
  const site = { desk, records, tokenOf, pageOf: (key: string) => `${inboxUrl}/requests/${key}`, searchLagMs: lag };
  const { url } = await servers.listen('jira', jiraRoutes(site), { tls: false, maxBodyBytes: 1024 * 1024 });
  return { url, login: `${slipwayUser.emailAddress}:${tokenOf(slipwayUser.emailAddress)}` };
}

const jiraToken = (emailAddress: string): string => `jira-token-${emailAddress}`;

/** Whoever runs changes in ServiceNow, and may move them. */
const changeManager = { user: 'chris.change', name: 'Chris Change', email: 'chris@example.com' };

export function itsmPeople({ serviceNow, jira, secret }: Platform): ItsmPeople {
  return {
    servicenow: {
      answer: (number, state, options) => serviceNow.answer(number, state, options),
      hide: (number) => serviceNow.hide(number),
      changes: () =>
        serviceNow.changes.all().map(({ number, columns, workNotes }) => ({ number, columns, notes: workNotes.map(({ text }) => text) })),
      move: (number, state, note = '') => moveByHand(serviceNow, number, state, changeManager, note),
    },
    jira: { ...jiraPeople(jira, jiraManager), loginOf: (emailAddress) => `${emailAddress}:${secret(jiraToken(emailAddress))}` },
  };
}
