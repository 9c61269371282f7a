/** How numbers are said to people: the same in mails, on pages and on the terminal. */

/** `0.3 s`, `71 s`, `12 min`, `3 h 05 min`, `9 days`. Less than nothing is nothing. */
export function sayDuration(milliseconds: number): string {
  const exact = Math.max(0, milliseconds) / 1000;
  const seconds = Math.round(exact);
  if (exact < 9.95) return `${exact.toFixed(1)} s`;
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.round(minutes / 1440)} days`;
}

/** Between two ISO times. */
export const sayBetween = (from: string, to: string): string => sayDuration(Date.parse(to) - Date.parse(from));

/** `412 ms` below a second, then as a duration. */
export function sayLatency(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds));
  return whole < 1000 ? `${whole} ms` : sayDuration(milliseconds);
}

export const sayFunctions = (count: number): string => `${count} ${count === 1 ? 'function' : 'functions'}`;

/** Decimal units: `812 B`, `4.1 kB`, `41 kB`, `12 MB`, `1.3 GB`. */
export function saySize(sizeBytes: number): string {
  const bytes = Math.max(0, Math.round(sizeBytes));
  if (bytes < 1000) return `${bytes} B`;
  const scaled = (size: number, unit: string) => `${size < 9.95 ? size.toFixed(1) : size.toFixed(0)} ${unit}`;
  // 999.5 kB would be written as 1000 kB.
  if (bytes < 999.5e3) return scaled(bytes / 1e3, 'kB');
  return bytes < 999.5e6 ? scaled(bytes / 1e6, 'MB') : scaled(bytes / 1e9, 'GB');
}

interface Journey {
  kind: 'deploy' | 'revert';
  app: string;
  version: string;
  environment: string;
}

/** What a rollout is: `hello 2.0.0 to production`, or `hello back to 1.0.0 in production`. */
export const sayJourney = ({ kind, app, version, environment }: Journey): string =>
  kind === 'revert' ? `${app} back to ${version} in ${environment}` : `${app} ${version} to ${environment}`;

/** What people and services said may end without a full stop, and more is said after it. */
export const asSentence = (text: string): string => (/[.!?…]["”’)]?$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** As the beginning of a sentence. */
export const asBeginning = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** `2026-11-23 11:34 UTC`: where the reader's zone is not known. */
export const sayTime = (iso: string): string => `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
