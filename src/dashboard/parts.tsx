import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { shortDigest } from '../domain/release';
import { addressOf, type Place } from './addresses';
import { glyphOf, type State } from './states';
import { visit } from './visiting';

/** What the tab is called. */
export const titled = (what: string): string => `${what} · Slipway`;

/** A state as glyph and word; the colour only says it a third time. */
export const Mark = ({ state, children }: { state: State; children?: ComponentChildren }) => (
  <span class={`mark ${state}`}>
    <span class="glyph" aria-hidden="true">
      {glyphOf[state]}
    </span>
    {children !== undefined && <span>{children}</span>}
  </span>
);

export const Link = ({ to, children, ...more }: { to: Exclude<Place, { at: 'nowhere' }>; children: ComponentChildren; class?: string }) => {
  const href = addressOf(to);
  return (
    <a
      {...more}
      href={href}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        visit(href);
      }}
    >
      {children}
    </a>
  );
};

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const clockWithSeconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

export const sayClock = (ms: number, withSeconds = false): string => (withSeconds ? clockWithSeconds : clock).format(ms);
export const sayDay = (ms: number): string => day.format(ms);

/** A local time; the day with it where that is not today, the zone on hover. */
export const Time = ({ at, withSeconds = false }: { at: string; withSeconds?: boolean }) => {
  const ms = Date.parse(at);
  const isToday = new Date(ms).toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={whole.format(ms)}>
      {isToday ? sayClock(ms, withSeconds) : `${sayDay(ms)} ${sayClock(ms, withSeconds)}`}
    </time>
  );
};

/** The first digits of a digest; a press copies it whole. */
export const Digest = ({ sha256 }: { sha256: string }) => {
  const [isCopied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(sha256).then(() => setCopied(true));
  };
  return (
    <button type="button" class="digest" title={`sha256 ${sha256}: press to copy`} onClick={copy}>
      <code>{shortDigest(sha256)}</code>
      <span role="status">{isCopied ? ' copied' : ''}</span>
    </button>
  );
};

/** One sentence for what is wrong, one for what to do. */
export const Trouble = ({ failure }: { failure: Error }) => {
  const { next, errors } = failure as { next?: string; errors?: { pointer: string; detail: string }[] };
  return (
    <div class="trouble" role="alert">
      <p>
        <Mark state="failed">{failure.message}</Mark> {next}
      </p>
      {errors && errors.length > 0 && (
        <ul>
          {errors.map(({ pointer, detail }) => (
            <li key={`${pointer} ${detail}`}>
              <code>{pointer || '/'}</code> {detail}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
};
