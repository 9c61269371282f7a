import type { MailMessage } from '../azure/mail';
import { escapeHtml, oneLine, plainText } from '../domain/escape-html';
import type { Moment, NoticeModel } from '../domain/notice';
import { tones, type Tone } from '../domain/notice-card';
import { checksInShort, foremostFacts, isAlarm } from '../domain/notice-model';
import { sayTime } from '../domain/say';

export interface MailDetails {
  to: string;
  noticeId: string;
  /** Without a slash at its end. */
  publicUrl: string;
  /** For an ask: where the button leads, and the code for typing. Both are secrets until answered: they go into the mail alone. */
  link?: string;
  code?: string;
}

type Part =
  | { kind: 'lead'; text: string }
  | { kind: 'line'; text: string }
  | { kind: 'facts'; title: string; facts: readonly { name: string; value: string }[] }
  | { kind: 'list'; title: string; items: readonly string[] }
  | { kind: 'button'; text: string; url: string }
  | { kind: 'code'; text: string; code: string }
  | { kind: 'small'; text: string };

const paints: Record<Tone, { band: string; ink: string }> = {
  red: { band: '#b3261e', ink: '#ffffff' },
  blue: { band: '#1a56b0', ink: '#ffffff' },
  amber: { band: '#f2b84b', ink: '#2b1d00' },
  green: { band: '#1e7a46', ink: '#ffffff' },
  grey: { band: '#5c6370', ink: '#ffffff' },
};
const { blue } = paints;

/** A notice as a mail: the HTML and the text part are drawn from the same parts, so they say the same. The same input gives the same bytes. */
export function renderMail(model: NoticeModel, details: MailDetails): MailMessage {
  const parts = (model.ask ? askParts(model, model.ask, details) : tidingParts(model, details)).filter((part) => !isEmpty(part));
  const subject = oneLine(model.headline);
  return {
    to: details.to,
    subject,
    html: page(subject, model.moment, parts.map(partAsHtml).join('\n')),
    text: [subject, ...parts.map(partAsText)].join('\n\n') + '\n',
    headers: isAlarm(model.moment) ? { 'X-Priority': '1', Importance: 'high' } : {},
  };
}

function askParts(model: NoticeModel, ask: NonNullable<NoticeModel['ask']>, details: MailDetails): Part[] {
  const isForemost = ({ name }: { name: string }) => foremostFacts.includes(name);
  const how =
    ask.proof === 'code'
      ? 'The page asks for this code. Type it there; whoever has this mail can answer for you, so do not pass it on.'
      : 'If the page asks for a code, type this one. Whoever has this mail can answer for you, so do not pass it on.';
  return [
    { kind: 'lead', text: model.sentence },
    { kind: 'facts', title: '', facts: [...model.facts.filter(isForemost), { name: 'Checks', value: checksInShort(model.checks) }] },
    ...(details.link === undefined ? [] : [{ kind: 'button' as const, text: 'Look and answer', url: details.link }]),
    { kind: 'line', text: `It expires at ${sayTime(ask.expiresAt)}. Opening the page decides nothing.` },
    ...(ask.proof === 'entra' ? [{ kind: 'line' as const, text: `The page asks you to sign in as ${ask.approver}.` }] : []),
    ...(details.code === undefined ? [] : [{ kind: 'code' as const, text: how, code: details.code }]),
    ...checkParts(model),
    { kind: 'facts', title: 'Evidence', facts: model.facts.filter((fact) => !isForemost(fact)) },
    { kind: 'list', title: 'What Slipway did so far', items: model.did },
    ...footParts(model, details),
  ];
}

/** A woken person wants to know one thing first: what production serves now. */
function tidingParts(model: NoticeModel, details: MailDetails): Part[] {
  const alarm = isAlarm(model.moment);
  const [lead, line] = alarm && model.serves !== '' ? [model.serves, model.sentence] : [model.sentence, model.serves];
  const opening: Part[] = [
    { kind: 'lead', text: lead },
    { kind: 'line', text: line },
  ];
  const next: Part = { kind: 'list', title: alarm ? 'What is left to do' : 'What to do next', items: model.next };
  const did: Part = { kind: 'list', title: 'What Slipway did', items: model.did };
  return [
    ...opening,
    ...(alarm ? [did, next] : [next, did]),
    ...checkParts(model),
    { kind: 'facts', title: 'Evidence', facts: model.facts },
    ...footParts(model, details),
  ];
}

const checkParts = ({ checks }: NoticeModel): Part[] => [
  { kind: 'facts', title: 'Checks', facts: checks.map(({ name, verdict, seen }) => ({ name, value: `${verdict}: ${seen}` })) },
];

function footParts(model: NoticeModel, { publicUrl, noticeId }: MailDetails): Part[] {
  return [
    ...(model.statusPath === '' ? [] : [{ kind: 'line' as const, text: `Everything about it: ${publicUrl}${model.statusPath}` }]),
    ...(model.ledgerHead === undefined ? [] : [{ kind: 'small' as const, text: `Ledger head ${model.ledgerHead}` }]),
    { kind: 'small', text: `Notice ${noticeId}, written ${sayTime(model.at)} by Slipway` },
  ];
}

function isEmpty(part: Part): boolean {
  if (part.kind === 'facts') return part.facts.length === 0;
  if (part.kind === 'list') return part.items.length === 0;
  return part.text === '';
}

function partAsText(part: Part): string {
  switch (part.kind) {
    case 'lead':
    case 'line':
    case 'small':
      return plainText(part.text);
    case 'facts':
      return titled(
        part.title,
        part.facts.map(({ name, value }) => `${oneLine(name)}: ${oneLine(value)}`),
      );
    case 'list':
      return titled(
        part.title,
        part.items.map((item) => `- ${oneLine(item)}`),
      );
    case 'button':
      return `${part.text}:\n${part.url}`;
    case 'code':
      return `${part.text}\n\n    ${part.code}`;
  }
}

const titled = (title: string, lines: string[]): string => [...(title === '' ? [] : [title]), ...lines].join('\n');

const quiet = 'font-size:13px;opacity:.75';

function partAsHtml(part: Part): string {
  switch (part.kind) {
    case 'lead':
      return `<p style="margin:16px 0 8px;font-size:18px;font-weight:600">${escapeHtml(part.text)}</p>`;
    case 'line':
      return `<p style="margin:8px 0">${withAddress(part.text)}</p>`;
    case 'small':
      return `<p style="margin:4px 0;${quiet};word-break:break-all">${escapeHtml(part.text)}</p>`;
    case 'facts':
      return `${heading(part.title)}<table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:collapse;width:100%">${part.facts
        .map(
          ({ name, value }) =>
            `<tr><td style="${cell};${quiet};white-space:nowrap">${escapeHtml(name)}</td><td style="${cell};width:100%;word-break:break-word">${escapeHtml(value)}</td></tr>`,
        )
        .join('')}</table>`;
    case 'list':
      return `${heading(part.title)}<ul style="margin:4px 0;padding-left:20px">${part.items.map((item) => `<li style="margin:2px 0">${escapeHtml(item)}</li>`).join('')}</ul>`;
    case 'button':
      return `<table role="presentation" cellpadding="0" cellspacing="0" style="margin:20px 0"><tr><td bgcolor="${blue.band}" style="border-radius:6px;background:${blue.band}"><a href="${escapeHtml(part.url)}" style="display:block;padding:14px 28px;color:${blue.ink};font-size:17px;font-weight:600;text-decoration:none">${escapeHtml(part.text)}</a></td></tr></table>`;
    case 'code':
      return `<p style="margin:8px 0">${escapeHtml(part.text)}</p><p style="margin:8px 0;font:600 22px ui-monospace,Consolas,monospace;letter-spacing:2px">${escapeHtml(part.code)}</p>`;
  }
}

const cell = 'padding:3px 12px 3px 0;vertical-align:top;text-align:left';

const heading = (title: string): string =>
  title === '' ? '' : `<h2 style="margin:20px 0 4px;font-size:14px;font-weight:600">${escapeHtml(title)}</h2>`;

/** A web address at the end of a line can be followed. */
function withAddress(text: string): string {
  const [, before = text, address] = /^(.*?)(https?:\/\/[^\s]+)$/s.exec(text) ?? [];
  return address === undefined
    ? escapeHtml(text)
    : `${escapeHtml(before)}<a href="${escapeHtml(address)}" style="color:inherit">${escapeHtml(address)}</a>`;
}

/** No remote image, no style sheet, no script: what a mail program shows is what was sent. */
function page(subject: string, moment: Moment, content: string): string {
  const { glyph, tone } = tones[moment];
  const { band, ink } = paints[tone];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
</head>
<body style="margin:0;padding:0;font:16px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:600px;margin:0 auto">
<h1 style="margin:0;padding:14px 16px;background:${band};color:${ink};font-size:19px;line-height:1.3"><span aria-hidden="true">${glyph}</span> ${escapeHtml(subject)}</h1>
<div style="padding:0 16px 16px">
${content}
</div>
</div>
</body>
</html>
`;
}
