import type { MessageDesk } from '../message-desk';
import { jsonObject, type Answer, type Asked } from '../servers';

/** Power Automate's form of an error. */
const refuse = (status: number, code: string, message: string): Answer => ({ status, body: { error: { code, message } } });

/** learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors: a message has at most about 28 KB. */
const mostBytes = 28 * 1024;

/** Elements a card of ours may have; a newer Teams knows more. */
const elements = ['TextBlock', 'RichTextBlock', 'Container', 'FactSet', 'ColumnSet', 'Image', 'ActionSet', 'Table'];

/** The trigger "When a Teams webhook request is received" of a Workflows flow that posts the card to a channel. `search` holds the signature. */
export function teamsRoute(desk: MessageDesk, search: string): (asked: Asked) => Promise<Answer> {
  return async (asked) => {
    const answer = (it: Answer): Answer => desk.noted('teams', it);
    if (asked.url.search !== search)
      return answer(refuse(401, 'DirectApiAuthorizationRequired', 'The request must be authenticated only by Shared Access scheme.'));
    const fault = desk.faulty('teams', {
      tooMany: refuse(429, 'WorkflowTriggerRequestsThrottled', 'The number of requests exceeded the limit.'),
      down: refuse(503, 'ServiceUnavailable', 'The service is unavailable.'),
      refused: refuse(404, 'WorkflowNotFound', 'The workflow could not be found.'),
    });
    if (fault) return answer(fault);
    if ((await asked.body()).length > mostBytes)
      return answer(refuse(413, 'RequestEntityTooLarge', 'The request is larger than a message of Teams.'));
    const body = await jsonObject(asked);
    if (!body || !isCardMessage(body))
      return answer(
        refuse(
          400,
          'TriggerInputSchemaMismatch',
          "The input body for trigger 'manual' of type 'Request' did not match its schema definition.",
        ),
      );
    desk.accept('teams', { body });
    return answer({ status: 202 });
  };
}

function isCardMessage({ type, attachments }: Record<string, unknown>): boolean {
  if (type !== 'message' || !Array.isArray(attachments) || attachments.length === 0) return false;
  return (attachments as { contentType?: unknown; content?: unknown }[]).every(
    ({ contentType, content }) => contentType === 'application/vnd.microsoft.card.adaptive' && isCard(content),
  );
}

/** adaptivecards.io/schemas/adaptive-card.json; Teams shows up to version 1.5, and of a webhook's actions only those that open an address. */
function isCard(content: unknown): boolean {
  const { type, version, body, actions } = (content ?? {}) as Record<string, unknown>;
  const isVersion = typeof version === 'string' && /^1\.[0-5]$/.test(version);
  const opens = (action: { type?: unknown; url?: unknown } | null): boolean =>
    action?.type === 'Action.OpenUrl' && typeof action.url === 'string' && URL.canParse(action.url);
  return (
    type === 'AdaptiveCard' &&
    isVersion &&
    Array.isArray(body) &&
    body.every(isElement) &&
    (!Array.isArray(actions) || actions.every(opens))
  );
}

function isElement(element: unknown): boolean {
  const { type, items, inlines } = (element ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string' || !elements.includes(type)) return false;
  if (type === 'Container') return Array.isArray(items) && items.every(isElement);
  if (type !== 'RichTextBlock') return true;
  return (
    Array.isArray(inlines) &&
    inlines.every((run: { type?: unknown; text?: unknown } | null) => run?.type === 'TextRun' && typeof run.text === 'string')
  );
}
