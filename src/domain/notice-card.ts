import type { Moment, NoticeModel } from './notice';
import { checksInShort, foremostFacts, isAlarm } from './notice-model';
import { sayTime } from './say';

export type Tone = 'red' | 'amber' | 'green' | 'blue' | 'grey';

export const tones: Record<Moment, { glyph: string; tone: Tone }> = {
  start: { glyph: '◐', tone: 'blue' },
  waiting: { glyph: '◔', tone: 'amber' },
  reminder: { glyph: '◔', tone: 'amber' },
  success: { glyph: '✓', tone: 'green' },
  failure: { glyph: '✗', tone: 'red' },
  'rolled-back': { glyph: '↩', tone: 'red' },
  'needs-attention': { glyph: '‼', tone: 'red' },
  ended: { glyph: '·', tone: 'grey' },
};

/** What a card in a chat shows, in the order of reading; every channel draws it in its own form. */
export interface NoticeCard {
  glyph: string;
  tone: Tone;
  title: string;
  /** What a woken person wants to know comes first: what is served now. */
  lead: string;
  line: string;
  facts: { name: string; value: string }[];
  lists: { title: string; items: string[] }[];
  /** Where everything about it stands; '' where it has no page. */
  url: string;
  foot: string;
}

/** `publicUrl` has no slash at its end. */
export function cardOf(model: NoticeModel, noticeId: string, publicUrl: string): NoticeCard {
  const alarm = isAlarm(model.moment);
  const isForemost = ({ name }: { name: string }) => foremostFacts.includes(name);
  const [lead, line] = alarm && model.serves !== '' ? [model.serves, model.sentence] : [model.sentence, model.serves];
  const did = { title: 'What Slipway did', items: model.did };
  const next = { title: alarm ? 'What is left to do' : 'What to do next', items: model.next };
  return {
    ...tones[model.moment],
    title: model.headline,
    lead,
    line,
    facts: [
      ...model.facts.filter(isForemost),
      ...(model.checks.length === 0 ? [] : [{ name: 'Checks', value: checksInShort(model.checks) }]),
      ...model.facts.filter((fact) => !isForemost(fact)),
    ],
    lists: (alarm ? [did, next] : [next, did]).filter(({ items }) => items.length > 0),
    url: model.statusPath === '' ? '' : `${publicUrl}${model.statusPath}`,
    foot: [
      ...(model.ledgerHead === undefined ? [] : [`Ledger head ${model.ledgerHead}`]),
      `Notice ${noticeId}, written ${sayTime(model.at)} by Slipway`,
    ].join(' · '),
  };
}
