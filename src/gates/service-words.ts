import { plainText } from '../domain/escape-html';
import { cutText } from '../domain/fit-text';
import { buildNotice, checksInShort } from '../domain/notice-model';
import type { Closing, Question } from './service';

/** What an approver in a service has to know: the same evidence as in an approval mail, as plain text. */
export function questionText(
  { row, correlation, publicUrl }: Question,
  most: { shortDescription: number; description: number },
): { headline: string; lines: string } {
  const model = buildNotice('waiting', row, row.lastWriteAt);
  const lines = [
    model.sentence,
    model.serves,
    ...model.facts.map(({ name, value }) => `${name}: ${value}`),
    `Checks: ${checksInShort(model.checks)}`,
    ...model.checks.map(({ name, verdict, seen }) => `- ${name}: ${verdict}, ${seen}`),
  ];
  const foot = [`Everything about it: ${publicUrl}${model.statusPath}`, `sha256 ${row.release.sha256}`, correlation].join('\n');
  const room = most.description - foot.length - 2;
  return {
    headline: cutText(plainText(`Roll out ${model.headline.replace(/^Waiting: /, '')}`), most.shortDescription),
    lines: `${cutText(plainText(lines.join('\n')), room)}\n\n${foot}`,
  };
}

/** The closing note of a request; the notice's id is what it is known again by. */
export function closingNote({ id, model }: Closing['notice'], publicUrl: string, most = 4000): string {
  const lines = [
    `${model.headline}.`,
    model.sentence,
    model.serves,
    ...model.did.map((did) => `- ${did}`),
    ...model.next,
    ...(model.ledgerHead === undefined ? [] : [`Ledger: ${model.ledgerHead}`]),
  ];
  const foot = `${publicUrl}${model.statusPath}\nSlipway notice ${id}`;
  return `${cutText(plainText(lines.join('\n')), most - foot.length - 1)}\n${foot}`;
}
