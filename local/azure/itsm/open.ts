import type { Platform } from '../platform';
import type { Servers } from '../servers';
import type { ItsmAddresses, ItsmPeople } from '../types';
import { openItsmDesk } from './desk';
import { moveByHand } from './servicenow-records';
import { serviceNowRoutes } from './servicenow-routes';

/** Services that approve changes. People see what is asked on pages of the inbox. */
export async function openItsm(platform: Platform, servers: Servers, inboxUrl: string): Promise<ItsmAddresses> {
  const { serviceNow: records, secret } = platform;
  const desk = openItsmDesk(platform);
  const login = { user: 'slipway', password: secret('servicenow-password') };
  const pageOf = (sysId: string): string => `${inboxUrl}/changes/${records.changes.get(sysId)?.number ?? ''}`;
  const serviceNow = await servers.listen('servicenow', serviceNowRoutes({ desk, records, login, pageOf }), { tls: false });
  return { servicenow: { url: serviceNow.url, login: `${login.user}:${login.password}` } };
}

/** Whoever runs changes in ServiceNow, and may move them. */
const changeManager = { user: 'chris.change', name: 'Chris Change', email: 'chris@example.com' };

export function itsmPeople({ serviceNow }: Platform): ItsmPeople {
  return {
    servicenow: {
      answer: (number, state, options) => serviceNow.answer(number, state, options),
      changes: () =>
        serviceNow.changes.all().map(({ number, columns, workNotes }) => ({ number, columns, notes: workNotes.map(({ text }) => text) })),
      move: (number, state, note = '') => moveByHand(serviceNow, number, state, changeManager, note),
    },
  };
}
