import type { Figures } from '../domain/figures';
import { sayDuration } from '../domain/say';
import { sayDay } from './parts';

/** The table below the charts says the same in words, so that each is one picture to a screen reader, named by its figure. */

const width = 320;
const height = 96;
const left = 4;
const base = height - 18;
const top = 12;

const weekMs = 7 * 86_400_000;

const xOf = ({ from, to }: Figures, at: string): number => {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  return left + ((Date.parse(at) - fromMs) / (toMs - fromMs)) * (width - 2 * left);
};

const Chart = ({ figures, most, children }: { figures: Figures; most?: string; children: preact.ComponentChildren }) => (
  <svg class="chart" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
    <line class="base" x1={left} x2={width - left} y1={base} y2={base} />
    {most !== undefined && (
      <>
        <line class="grid-line" x1={left} x2={width - left} y1={top} y2={top} />
        <text x={width - left} y={top - 3} text-anchor="end">
          {most}
        </text>
      </>
    )}
    {children}
    <text x={left} y={height - 4}>
      {sayDay(Date.parse(figures.from))}
    </text>
    <text x={width - left} y={height - 4} text-anchor="end">
      today
    </text>
  </svg>
);

/** A bar a week; what failed is the hollow part on top. */
export const FrequencyChart = ({ figures }: { figures: Figures }) => {
  const toMs = Date.parse(figures.to);
  const weeks = Math.ceil(figures.days / 7);
  const counts = Array.from({ length: weeks }, () => ({ fine: 0, failed: 0 }));
  for (const { at, failed } of figures.changes) {
    const week = counts[weeks - 1 - Math.min(weeks - 1, Math.floor((toMs - Date.parse(at)) / weekMs))];
    if (week) week[failed === 'no' ? 'fine' : 'failed'] += 1;
  }
  const most = Math.max(1, ...counts.map(({ fine, failed }) => fine + failed));
  const step = (width - 2 * left) / weeks;
  const unit = (base - top) / most;
  return (
    <Chart figures={figures} most={`${most} in a week`}>
      {counts.map(({ fine, failed }, nth) => (
        <g key={nth}>
          <rect class="fine" x={left + nth * step + 2} width={step - 4} y={base - fine * unit} height={fine * unit} />
          {failed > 0 && (
            <rect
              class="hollow"
              x={left + nth * step + 2.75}
              width={step - 5.5}
              y={base - (fine + failed) * unit + 0.75}
              height={failed * unit - 1.5}
            />
          )}
        </g>
      ))}
    </Chart>
  );
};

/** A point a change, as high as it took long. */
export const PointsChart = ({
  figures,
  points,
  state,
}: {
  figures: Figures;
  points: { key: string; at: string; ms: number }[];
  state: 'done' | 'failed';
}) => {
  const longest = Math.max(1, ...points.map(({ ms }) => ms));
  const yOf = (ms: number) => base - (ms / longest) * (base - top);
  return (
    <Chart figures={figures} {...(points.length === 0 ? {} : { most: sayDuration(longest) })}>
      {points.map(({ key, at, ms }) => (
        <g key={key} class={state}>
          <line class="stem" x1={xOf(figures, at)} x2={xOf(figures, at)} y1={base} y2={yOf(ms)} />
          <circle class="point" cx={xOf(figures, at)} cy={yOf(ms)} r="3.2" />
        </g>
      ))}
    </Chart>
  );
};

/** Each change in its time: a point for one that went well, a cross above for one that did not. */
export const StripChart = ({ figures }: { figures: Figures }) => (
  <Chart figures={figures}>
    {figures.changes.map(({ rolloutId, at, failed }) => {
      const x = xOf(figures, at);
      if (failed === 'no') return <circle key={rolloutId} class="point fine" cx={x} cy={base - 14} r="3.2" />;
      return <path key={rolloutId} class="cross" d={`M${x - 4} ${top + 14}l8 8m0 -8l-8 8`} />;
    })}
  </Chart>
);
