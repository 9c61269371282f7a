/** What `npm run bench -- --json` prints first of all; the raw medians follow. */
export interface Figures {
  /** One run on the host over one on the floor, in time. */
  latencyRatio: number;
  /** Runs a second on the host over those on the floor. */
  throughputRatio: number;
  waitingMegabytes: number;
  waitingCpuPercent: number;
  /** Time to the last end after a kill, host over floor. */
  restartRatio: number;
  /** A whole rollout over a script that makes the same calls, in time. */
  rolloutRatio: number;
}

interface Goal {
  figure: keyof Figures;
  what: string;
  unit: string;
  most?: number;
  least?: number;
}

export const goals: readonly Goal[] = [
  { figure: 'latencyRatio', what: 'latency of one run, over a commit a step', unit: '×', most: 1.3 },
  { figure: 'throughputRatio', what: 'throughput of 500 runs, 50 at once, over a commit a step', unit: '×', least: 1.2 },
  { figure: 'waitingMegabytes', what: 'memory with 5,000 runs waiting', unit: 'MB', most: 200 },
  { figure: 'waitingCpuPercent', what: 'CPU with 5,000 runs waiting', unit: '%', most: 1 },
  { figure: 'restartRatio', what: 'time to finish 500 runs after kill -9, over a commit a step', unit: '×', most: 1.4 },
  { figure: 'rolloutRatio', what: 'a whole rollout, over a bare script making the same calls', unit: '×', most: 1.15 },
];

export const isMet = (goal: Goal, figures: Figures): boolean => {
  const value = figures[goal.figure];
  return value <= (goal.most ?? Infinity) && value >= (goal.least ?? -Infinity);
};

export function tableOf(figures: Figures): string {
  const rows = goals.map((goal) => [
    goal.what,
    `${figures[goal.figure].toFixed(2)} ${goal.unit}`,
    goal.most === undefined ? `at least ${goal.least ?? ''} ${goal.unit}` : `at most ${goal.most} ${goal.unit}`,
    isMet(goal, figures) ? 'met' : 'MISSED',
  ]);
  const all = [['', 'measured', 'goal', ''], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
