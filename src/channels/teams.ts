import { plainText } from '../domain/escape-html';
import { cutText, richestThatFits } from '../domain/fit-text';
import type { NoticeModel } from '../domain/notice';
import { cardOf, type Tone } from '../domain/notice-card';

/** Body of a POST to a Workflows webhook: one Adaptive Card. learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors */
export interface TeamsMessage {
  type: 'message';
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive'; contentUrl: null; content: AdaptiveCard }];
}

interface AdaptiveCard {
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  type: 'AdaptiveCard';
  version: '1.4';
  /** What a reader that shows no cards says. */
  fallbackText: string;
  msteams: { width: 'Full' };
  body: CardElement[];
  actions: { type: 'Action.OpenUrl'; title: string; url: string }[];
}

/** Runs of plain text: unlike a TextBlock, in which what people wrote would be read as Markdown. */
interface RichText {
  type: 'RichTextBlock';
  spacing?: 'None' | 'Small';
  inlines: { type: 'TextRun'; text: string; weight?: 'Bolder'; size?: 'Large' | 'Small'; isSubtle?: true }[];
}
type CardElement = RichText | { type: 'Container'; style: CardStyle; bleed: true; items: RichText[] };
type CardStyle = 'attention' | 'warning' | 'good' | 'accent' | 'emphasis';

/** Teams takes about 28 KB; what lies between that and this was seen to get lost. */
const mostBytes = 20_000;

const styles: Record<Tone, CardStyle> = { red: 'attention', amber: 'warning', green: 'good', blue: 'accent', grey: 'emphasis' };

/** A notice as Teams shows it; red where it must stick out. */
export function renderTeams(model: NoticeModel, noticeId: string, publicUrl: string): TeamsMessage {
  const card = cardOf(model, noticeId, publicUrl);
  const content = richestThatFits(mostBytes, (longest, most): AdaptiveCard => {
    const run = (text: string): { type: 'TextRun'; text: string } => ({ type: 'TextRun', text: cutText(plainText(text), longest) });
    const title: RichText = {
      type: 'RichTextBlock',
      inlines: [{ ...run(`${card.glyph} ${card.title}`), weight: 'Bolder', size: 'Large' }],
    };
    return {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
      fallbackText: cutText(plainText(`${card.title}. ${card.lead}`), longest),
      msteams: { width: 'Full' },
      body: [
        { type: 'Container', style: styles[card.tone], bleed: true, items: [title] },
        { type: 'RichTextBlock', inlines: [{ ...run(card.lead), weight: 'Bolder' }] },
        ...(card.line === '' ? [] : [{ type: 'RichTextBlock' as const, inlines: [run(card.line)] }]),
        ...card.facts.slice(0, most).map(({ name, value }): RichText => ({
          type: 'RichTextBlock',
          spacing: 'Small',
          inlines: [{ ...run(`${name}: `), isSubtle: true }, run(value)],
        })),
        ...card.lists.flatMap((list): RichText[] => [
          { type: 'RichTextBlock', inlines: [{ ...run(list.title), weight: 'Bolder' }] },
          ...list.items.slice(0, most).map((item): RichText => ({ type: 'RichTextBlock', spacing: 'None', inlines: [run(`• ${item}`)] })),
        ]),
        { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: card.foot, size: 'Small', isSubtle: true }] },
      ],
      actions: card.url === '' ? [] : [{ type: 'Action.OpenUrl', title: 'Everything about it', url: card.url }],
    };
  });
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }] };
}
