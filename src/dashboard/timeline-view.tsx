import { useEffect, useRef, useState } from 'preact/hooks';
import { sayDuration } from '../domain/say';
import { Mark, sayClock, sayDay } from './parts';
import { labelsOf, timeScale, type TimeScale } from './time-scale';
import type { Lane, Moment, Timeline } from './timeline';

/** From one tick to the next there is at least so much room, in pixels, and a time that is written takes so much. */
const tickRoom = 84;
const labelRoom = 72;

const percent = (part: number): string => `${(part * 100).toFixed(3)}%`;

/** The rollout to scale, wall clock across. Every mark can be reached and says in words what it is. */
export const TimelineView = ({ timeline }: { timeline: Timeline }) => {
  const [width, setWidth] = useState(600);
  const axis = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!axis.current) return;
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    watcher.observe(axis.current);
    return () => watcher.disconnect();
  }, []);
  const scale = timeScale(timeline.instants, Math.max(2, Math.floor(width / tickRoom)));
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <div class="timeline">
        <div class="axis-row" aria-hidden="true">
          <div class="axis" ref={axis}>
            <Axis scale={scale} width={width} />
          </div>
        </div>
        <ul>
          {timeline.lanes.map((lane) => (
            <LaneView key={lane.key} lane={lane} scale={scale} />
          ))}
        </ul>
      </div>
    </section>
  );
};

const Axis = ({ scale, width }: { scale: TimeScale; width: number }) => {
  const isLong = scale.ticks.length > 1 && (scale.ticks.at(-1)?.ms ?? 0) - (scale.ticks[0]?.ms ?? 0) > 36e5 * 20;
  const isShort = (scale.ticks[1]?.ms ?? 0) - (scale.ticks[0]?.ms ?? 0) < 60_000;
  return (
    <>
      {labelsOf(scale, labelRoom / width).map(({ ms, at }) => (
        <span key={ms} class="tick" style={{ left: percent(at) }}>
          {isLong ? sayDay(ms) : sayClock(ms, isShort)}
        </span>
      ))}
      {scale.breaks.map(({ fromMs, toMs, from, to }) => (
        <span key={fromMs} class="break-length" style={{ left: `clamp(2rem, ${percent((from + to) / 2)}, 100% - 2rem)` }}>
          {sayDuration(toMs - fromMs)}
        </span>
      ))}
    </>
  );
};

const LaneView = ({ lane, scale }: { lane: Lane; scale: TimeScale }) => {
  const { name, state, text, bars, marks, tookMs } = lane;
  const isMeasured = marks.some(({ height }) => height !== undefined);
  return (
    <li class={`lane ${state}`}>
      <span class="lane-name">
        <Mark state={state}>{name}</Mark>
      </span>
      <div class={isMeasured ? 'track measured' : 'track'}>
        {scale.ticks.map(({ ms, at }) => (
          <i key={ms} class="tick-line" style={{ left: percent(at) }} />
        ))}
        {bars.map(({ fromMs, toMs, isOpen }) => (
          <i
            key={fromMs}
            class={isOpen ? 'lane-bar open' : 'lane-bar'}
            style={{ left: percent(scale.at(fromMs)), width: percent(scale.at(toMs) - scale.at(fromMs)) }}
          />
        ))}
        {scale.breaks.map(({ fromMs, from, to }) => (
          <svg
            key={fromMs}
            class="zigzag"
            style={{ left: percent(from), width: percent(to - from) }}
            viewBox="0 0 20 40"
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <path d="M6 0 10 7 6 14 10 21 6 28 10 35 6 42M13 0 17 7 13 14 17 21 13 28 17 35 13 42" />
          </svg>
        ))}
        {marks.map((moment) => (
          <MomentView key={moment.key} moment={moment} at={scale.at(moment.atMs)} />
        ))}
      </div>
      <span class="took">{tookMs === undefined ? '' : sayDuration(tookMs)}</span>
      {text !== '' && <span class="lane-text">{text}</span>}
    </li>
  );
};

const MomentView = ({ moment, at }: { moment: Moment; at: number }) => {
  const { state, words, height, atMs } = moment;
  return (
    <span
      class={`moment ${state} ${height === undefined ? 'event' : 'measure'} ${at > 0.5 ? 'late' : 'early'}`}
      style={{ left: percent(at), ...(height === undefined ? {} : { bottom: `calc(${percent(height * 0.72)} + 0.15rem)` }) }}
      tabIndex={0}
      role="img"
      aria-label={`${sayClock(atMs, true)} ${words}`}
    >
      <span class="words" aria-hidden="true">
        <b>{sayClock(atMs, true)}</b> {words}
      </span>
    </span>
  );
};
