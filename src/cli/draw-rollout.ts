import { sayDuration, sayJourney } from '../domain/say';
import { stepsOf, type Drawn, type Step, type StepState } from './steps';

/** How a rollout is drawn on a terminal. Pure: the same view, time and size give the same lines. */

export interface DrawOptions {
  /** Columns there are; the picture takes 60 to 92 of them. */
  width: number;
  color: boolean;
  nowMs: number;
  /** Turns the spinner. */
  tick: number;
}

const spinner = ['◐', '◓', '◑', '◒'];
const glyphs: Record<StepState, string> = {
  'to come': '·',
  'going on': '◐',
  waiting: '◔',
  done: '✓',
  inconclusive: '?',
  failed: '✗',
  undone: '↩',
  'needs attention': '‼',
};
/** SGR parameters of each state. */
const colors: Record<StepState, string> = {
  'to come': '90',
  'going on': '34',
  waiting: '33',
  done: '32',
  inconclusive: '35',
  failed: '31',
  undone: '31',
  'needs attention': '97;41',
};

const nameWidth = 10;
/** Two spaces, the glyph and one more. */
const markWidth = 4;
const textColumn = markWidth + nameWidth + 1;

/** The glyph of a state, in its colour where there are colours. */
export const mark = (state: StepState, color: boolean): string => paint(glyphs[state], colors[state], color);

const paint = (text: string, sgr: string, color: boolean): string => (color ? `\u001b[${sgr}m${text}\u001b[0m` : text);

/** The whole picture: a title, a line a step, and how it ended. */
export function drawRollout(view: Drawn, options: DrawOptions): string[] {
  const width = Math.min(92, Math.max(60, options.width));
  return [
    ...drawTitle(view, width),
    ...stepsOf(view, options.nowMs)
      .filter((step) => !step.passing)
      .flatMap((step) => drawStep(step, width, options)),
    ...drawEnding(view, width, options.color),
  ];
}

/** What a rollout is, and its id on the right, or on a line of its own where there is no room. */
export function drawTitle(view: Drawn, width: number): string[] {
  const title = sayJourney(view);
  const right = `rollout ${view.id}`;
  return title.length + right.length + 2 <= width ? [`${title}${right.padStart(width - title.length)}`] : [title, right];
}

/** A line, and more where the words need them: room is made by leaving out details, never words. */
export function drawStep(step: Step, width: number, { color, tick }: Pick<DrawOptions, 'color' | 'tick'>): string[] {
  const glyph = step.state === 'going on' ? (spinner[tick % spinner.length] ?? '◐') : glyphs[step.state];
  const right = rightOf(step);
  const room = width - textColumn - (right === '' ? 0 : right.length + 2);
  const [first = '', ...more] = wrap(withoutDetails(step, room), room);
  const line = besides(`${step.name.padEnd(nameWidth)} ${first}`, right, width - markWidth);
  return [`  ${paint(glyph, colors[step.state], color)} ${line}`, ...more.map((each) => `${' '.repeat(textColumn)}${each}`)];
}

const rightOf = ({ leftMs, tookMs }: Step): string =>
  leftMs !== undefined ? `${sayDuration(leftMs)} left` : tookMs !== undefined ? sayDuration(tookMs) : '';

/** What stands on the right is moved on by a text that needs its place. */
const besides = (text: string, right: string, width: number): string =>
  (right === '' ? text : `${text.padEnd(width - right.length - 2)}  ${right}`).trimEnd();

const textOf = ({ text, detail }: Step): string => (detail === undefined ? text : `${text}: ${detail}`);

/** Leaves out the detail, or else clauses from the last to the second. */
function withoutDetails(step: Step, room: number): string {
  if (step.isWhole || textOf(step).length <= room) return textOf(step);
  const clauses = step.detail === undefined ? step.text.split(/(?=[;,:] )/) : [step.text];
  while (clauses.length > 1 && clauses.join('').length > room) clauses.pop();
  return clauses.join('');
}

export function drawEnding({ ending, phases }: Pick<Drawn, 'ending' | 'phases'>, width: number, color: boolean): string[] {
  if (!ending) return [];
  const good = ending.outcome === 'deployed' || ending.outcome === 'unchanged';
  const sgr = good ? colors.done : ending.outcome === 'needs-attention' ? colors['needs attention'] : colors.failed;
  const first = phases[0]?.startedAt;
  const last = phases.reduce<string | undefined>((latest, { startedAt, endedAt }) => endedAt ?? latest ?? startedAt, undefined);
  const took = first === undefined || last === undefined ? '' : ` after ${sayDuration(Date.parse(last) - Date.parse(first))}`;
  return [
    '',
    `${paint(ending.outcome, sgr, color)}${took}`,
    ...[ending.reason, ending.serves, ending.next].flatMap((sentence) => wrap(sentence, width)),
  ];
}

/** Lines of at most `width` columns, broken at spaces; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/**
 * A line of prose or of a table that is too wide, as several: broken before its last column that does not fit, or else at a space, and what
 * goes on is set in. A longer word stays whole.
 */
export function fold(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  const columns = line.trim().split(/ {2,}/);
  const further = indent === '' && columns.length === 1 ? '' : `${indent}  `;
  if (columns.length === 1) return wrap(line.trim(), width - further.length).map((part, n) => `${n === 0 ? indent : further}${part}`);
  const last = columns.pop() ?? '';
  const rest = line.slice(0, line.lastIndexOf(last)).trimEnd();
  return [...fold(rest, width), ...fold(`${further}${last}`, width)];
}

/** What has happened between two looks, one line an event and nothing left out, for where nothing can be drawn again. `before` undefined: the first look. */
export function eventsBetween(before: Drawn | undefined, after: Drawn, nowMs: number): string[] {
  const width = 92;
  const stepsBefore = before ? stepsOf(before, nowMs) : [];
  const lines = before ? [] : drawTitle(after, width);
  for (const step of stepsOf(after, nowMs)) {
    const earlier = stepsBefore.find(({ name }) => name === step.name);
    // What holds a rollout comes, changes and goes while it waits.
    const isOtherwise = (step.isWhole ?? earlier?.isWhole) === true && step.text !== earlier?.text;
    if (step.name === 'prove') lines.push(...checkEvents(before, after));
    if (step.state !== (earlier?.state ?? 'to come') || isOtherwise)
      lines.push(`  ${glyphs[step.state]} ${besides(`${step.name.padEnd(nameWidth)} ${textOf(step)}`, rightOf(step), width - markWidth)}`);
  }
  // The last word, once people have been told.
  if (after.phase === 'done' && before?.phase !== 'done') lines.push(...drawEnding(after, width, false));
  return lines;
}

function checkEvents(before: Drawn | undefined, after: Drawn): string[] {
  return after.checks
    .filter(
      ({ name, verdict, seen, tries }) =>
        tries.length > 0 && !before?.checks.some((check) => check.name === name && check.verdict === verdict && check.seen === seen),
    )
    .map(
      ({ name, verdict, seen }) =>
        `    ${glyphs[verdict === 'healthy' ? 'done' : verdict === 'unhealthy' ? 'failed' : 'inconclusive']} ${name}: ${verdict}, ${seen}`,
    );
}
