import { sayDuration } from '../../src/domain/say';
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

const paint = (text: string, sgr: string, color: boolean): string => (color ? `\u001b[${sgr}m${text}\u001b[0m` : text);

/** The whole picture: a title, a line a step, and how it ended. */
export function drawRollout(view: Drawn, options: DrawOptions): string[] {
  const width = Math.min(92, Math.max(60, options.width));
  return [
    ...drawTitle(view, width),
    ...stepsOf(view, options.nowMs)
      .filter((step) => !step.passing)
      .map((step) => drawStep(step, width, options)),
    ...drawEnding(view, width, options.color),
  ];
}

/** What a rollout is, and its id on the right, or on a line of its own where there is no room. */
export function drawTitle(view: Drawn, width: number): string[] {
  const { kind, app, version, environment, id } = view;
  const title = kind === 'revert' ? `${app} back to ${version} in ${environment}` : `${app} ${version} to ${environment}`;
  const right = `rollout ${id}`;
  return title.length + right.length + 2 <= width ? [`${title}${right.padStart(width - title.length)}`] : [title, right];
}

export function drawStep(step: Step, width: number, { color, tick }: Pick<DrawOptions, 'color' | 'tick'>): string {
  const glyph = step.state === 'going on' ? (spinner[tick % spinner.length] ?? '◐') : glyphs[step.state];
  const right = step.leftMs !== undefined ? `${sayDuration(step.leftMs)} left` : step.tookMs !== undefined ? sayDuration(step.tookMs) : '';
  const head = `  ${glyph} ${step.name.padEnd(nameWidth)} `;
  const room = width - head.length - (right === '' ? 0 : right.length + 2);
  const text = shorten(step.text, room);
  const body = `${step.name.padEnd(nameWidth)} ${right === '' ? text : text.padEnd(width - head.length - right.length) + right}`;
  return `  ${paint(glyph, colors[step.state], color)} ${body}`.trimEnd();
}

/** Loses what comes last, part by part and then word by word, never half a word; what is lost is shown by an ellipsis. */
export function shorten(text: string, room: number): string {
  if (text.length <= room) return text;
  const parts = text.split(/(?=; )/);
  while (parts.length > 1) {
    parts.pop();
    if (parts.join('').length <= room) return parts.join('');
  }
  const words = (parts[0] ?? '').split(' ');
  while (words.length > 1) {
    words.pop();
    const left = words.join(' ').replace(/[,;:]$/, '');
    if (left.length + 2 <= room) return `${left} …`;
  }
  return text;
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

/** What has happened between two looks, one line an event, for where nothing can be drawn again. `before` undefined: the first look. */
export function eventsBetween(before: Drawn | undefined, after: Drawn, nowMs: number): string[] {
  const width = 92;
  const plain = { color: false, tick: 0 };
  const stepsBefore = before ? stepsOf(before, nowMs) : [];
  const lines = before ? [] : drawTitle(after, width);
  for (const step of stepsOf(after, nowMs)) {
    const earlier = stepsBefore.find(({ name }) => name === step.name)?.state ?? 'to come';
    if (step.name === 'prove') lines.push(...checkEvents(before, after));
    if (step.state !== earlier) lines.push(drawStep(step, width, plain));
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
