import type { MessageDesk } from '../message-desk';
import type { Answer, Asked } from '../servers';
import { chimeRoute } from './chime';
import { slackRoute } from './slack';
import { teamsRoute } from './teams';

/** Paths and queries of the rooms' incoming webhooks; each holds its secret, as the services' own do. */
export interface ChatPaths {
  slack: string;
  teams: string;
  chime: string;
}

const teamsPath = '/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke';
const chimePath = '/incomingwebhooks/00000000-0000-0000-0000-000000000001';

export const chatPaths = (secret: (name: string) => string): ChatPaths => ({
  slack: `/services/T00000001/B00000001/${secret('slack-webhook').slice(0, 24)}`,
  teams: `${teamsPath}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${secret('teams-webhook')}`,
  chime: `${chimePath}?token=${secret('chime-webhook')}`,
});

/** Chats that take what is posted to an incoming webhook: all of them on one port. */
export function chatRoutes(desk: MessageDesk, paths: ChatPaths): (asked: Asked) => Promise<Answer> {
  const slack = slackRoute(desk, paths.slack);
  const teams = teamsRoute(desk, new URL(paths.teams, 'http://chat').search);
  const chime = chimeRoute(desk, new URL(paths.chime, 'http://chat').searchParams.get('token') ?? '');
  return (asked) => {
    if (asked.url.pathname === teamsPath) return teams(asked);
    return asked.url.pathname === chimePath ? chime(asked) : slack(asked);
  };
}
