import { stripVTControlCharacters } from 'node:util';
import { drawRollout, eventsBetween, fold } from './draw-rollout';
import type { Drawn } from './steps';

/** Shows a rollout as it goes on: redrawn in place on a terminal, a line an event elsewhere. */
export interface Screen {
  /** Lines that are wider than the terminal are broken between words. */
  say(...lines: string[]): void;
  show(view: Drawn): void;
  /** The picture stays; what comes next is written below it. */
  settle(): void;
}

interface Out {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  on(event: 'resize', listener: () => void): unknown;
}

export function openScreen(out: Out, environment: NodeJS.ProcessEnv, nowMs: () => number): Screen {
  const isTerminal = out.isTTY === true;
  const color = isTerminal && !environment['NO_COLOR'];
  let drawn: string[] = [];
  let tick = 0;
  let last: Drawn | undefined;
  // A terminal that does not know its width says 0.
  const columns = () => out.columns || 80;
  const erase = () => {
    // A terminal that was made narrower since has broken what was drawn into more rows.
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns())), 0);
    if (rows > 0) out.write(`\u001b[${rows}A\u001b[J`);
    drawn = [];
  };
  const redraw = (view: Drawn) => {
    const lines = drawRollout(view, { width: columns(), color, nowMs: nowMs(), tick: tick++ });
    // Drawn again only where it differs, so that it does not flicker.
    if (drawn.length > 0 && lines.join('\n') === drawn.join('\n')) return;
    erase();
    out.write(`${lines.join('\n')}\n`);
    drawn = lines;
  };
  out.on('resize', () => {
    if (last) redraw(last);
  });
  return {
    say(...lines) {
      erase();
      const folded = isTerminal ? lines.flatMap((line) => fold(line, columns())) : lines;
      out.write(`${folded.join('\n')}\n`);
      if (isTerminal && last) redraw(last);
    },
    show(view) {
      if (isTerminal) redraw(view);
      else for (const line of eventsBetween(last, view, nowMs())) out.write(`${line}\n`);
      last = view;
    },
    settle() {
      drawn = [];
      last = undefined;
    },
  };
}
