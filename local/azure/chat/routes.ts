import type { MessageDesk } from '../message-desk';
import type { Answer, Asked } from '../servers';
import { slackRoute } from './slack';

/** Paths of the rooms' incoming webhooks; each holds its secret, as the services' own do. */
export interface ChatPaths {
  slack: string;
}

export const chatPaths = (secret: (name: string) => string): ChatPaths => ({
  slack: `/services/T00000001/B00000001/${secret('slack-webhook').slice(0, 24)}`,
});

/** Chats that take what is posted to an incoming webhook: all of them on one port. */
export function chatRoutes(desk: MessageDesk, paths: ChatPaths): (asked: Asked) => Promise<Answer> {
  return slackRoute(desk, paths.slack);
}
