import type { LogLevel } from './contract';

/** The worker's level as one of ours. */
export function toLevel(level: string): LogLevel {
  if (level === 'trace' || level === 'debug') return 'debug';
  if (level === 'warning') return 'warn';
  return level === 'error' || level === 'critical' ? 'error' : 'info';
}
