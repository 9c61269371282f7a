import { mark, wrap } from './draw-rollout';
import type { StepState } from './steps';
import type { Session } from './world';

/** The room that text for people has: a terminal's width, within reason; whole lines in a pipe. */
const widthOf = ({ out }: Session): number => (out.isTTY === true ? Math.min(92, Math.max(60, out.columns || 80)) : Infinity);

export const hasColor = ({ out, environment }: Session): boolean => out.isTTY === true && !environment['NO_COLOR'];

export const prose = (session: Session, text: string): string[] => wrap(text, widthOf(session));

const indent = ' '.repeat(4);

/** Sentences under a mark, each on a line of its own; `command` is to be copied and never broken. */
export function marked(session: Session, state: StepState, sentences: readonly string[], command?: string): string[] {
  const lines = sentences.flatMap((sentence) => wrap(sentence, widthOf(session) - indent.length));
  const [first = '', ...more] = command === undefined ? lines : [...lines, command];
  return [`  ${mark(state, hasColor(session))} ${first}`, ...more.map((line) => `${indent}${line}`)];
}
