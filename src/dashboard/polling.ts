import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { pauseMs } from './pause';

/** What was read last. After a failure `data` stays what it was, and `failure` says why it is not newer. */
export interface Polled<T> {
  data?: T;
  /** When `data` was read, in milliseconds since 1970. */
  readAtMs?: number;
  failure?: Error;
  /** Asks again now. */
  again: () => void;
}

/**
 * Asks again and again while the page can be seen; hidden, it asks nothing, and once when it is seen again. `key` names what is asked for:
 * another one begins anew. `everyMs` of 0: what was read does not change any more.
 */
export function usePolled<T>(key: string, load: (signal: AbortSignal) => Promise<T>, everyMs: (data: T | undefined) => number): Polled<T> {
  const [seen, setSeen] = useState<{ key: string; data?: T; readAtMs?: number; failure?: Error }>({ key });
  const asking = useRef({ load, everyMs });
  asking.current = { load, everyMs };
  const askNow = useRef<() => void>(() => {});

  useEffect(() => {
    const ended = new AbortController();
    let timer: number | undefined;
    let failures = 0;
    let last: T | undefined;
    const schedule = (): void => {
      const every = asking.current.everyMs(last);
      if (ended.signal.aborted || document.hidden || (every === 0 && failures === 0)) return;
      timer = window.setTimeout(ask, pauseMs(every === 0 ? 2000 : every, failures));
    };
    const ask = (): void => {
      window.clearTimeout(timer);
      asking.current.load(ended.signal).then(
        (data) => {
          if (ended.signal.aborted) return;
          failures = 0;
          last = data;
          setSeen({ key, data, readAtMs: Date.now() });
          schedule();
        },
        (error: unknown) => {
          if (ended.signal.aborted) return;
          failures += 1;
          const failure = error instanceof Error ? error : new Error(String(error));
          setSeen((before) => ({ ...(before.key === key ? before : { key }), failure }));
          schedule();
        },
      );
    };
    const seenAgain = (): void => {
      window.clearTimeout(timer);
      if (!document.hidden) ask();
    };
    askNow.current = ask;
    document.addEventListener('visibilitychange', seenAgain);
    ask();
    return () => {
      ended.abort();
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', seenAgain);
    };
  }, [key]);

  const again = useCallback(() => askNow.current(), []);
  const { data, readAtMs, failure } = seen.key === key ? seen : {};
  return { ...(data === undefined ? {} : { data }), ...(readAtMs === undefined ? {} : { readAtMs }), ...(failure && { failure }), again };
}

/** The time, renewed every second while the page can be seen and `isRunning`. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (!isRunning) return;
    const timer = window.setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, 1000);
    return () => window.clearInterval(timer);
  }, [isRunning]);
  return now;
}
