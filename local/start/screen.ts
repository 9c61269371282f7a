import { drawRollout, eventsBetween } from './draw';
import type { Drawn } from './steps';

/** Shows a rollout as it goes on: redrawn in place on a terminal, a line an event elsewhere. */
export interface Screen {
  say(...lines: string[]): void;
  show(view: Drawn): void;
  /** The picture stays; what comes next is written below it. */
  settle(): void;
}

export function openScreen(
  out: Pick<NodeJS.WriteStream, 'write' | 'isTTY'> & { columns?: number },
  environment: NodeJS.ProcessEnv,
  nowMs: () => number,
): Screen {
  const color = out.isTTY && !environment['NO_COLOR'];
  let drawn = 0;
  let tick = 0;
  let last: Drawn | undefined;
  let picture = '';
  const erase = () => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const redraw = (view: Drawn) => {
    const lines = drawRollout(view, { width: out.columns ?? 80, color, nowMs: nowMs(), tick: tick++ });
    // Drawn again only where it differs, so that it does not flicker.
    if (drawn > 0 && lines.join('\n') === picture) return;
    erase();
    picture = lines.join('\n');
    out.write(`${picture}\n`);
    drawn = lines.length;
  };
  return {
    say(...lines) {
      erase();
      out.write(`${lines.join('\n')}\n`);
      if (out.isTTY && last) redraw(last);
    },
    show(view) {
      if (out.isTTY) redraw(view);
      else for (const line of eventsBetween(last, view, nowMs())) out.write(`${line}\n`);
      last = view;
    },
    settle() {
      drawn = 0;
      last = undefined;
    },
  };
}
