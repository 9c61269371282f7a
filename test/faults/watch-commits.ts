import { watchEveryCommit, type Commit } from '../../local/host/commit-watch';
import { currently, PowerCut, type Effect, type Warden } from './effects';

/** From here on every state file that a watched process (or a watched host in this process) opens tells its warden of each commit, before and after it. */
export function watchCommits(): void {
  watchEveryCommit((commit, side) => {
    const found = currently();
    if (!found) return;
    const { warden } = found;
    const effect = effectOf(commit, warden, side === 'before');
    if (!(side === 'before' ? warden.beforeCommit(effect) : warden.afterCommit(effect))) throw new PowerCut();
  });
}

function effectOf({ parts, sql }: Commit, warden: Warden, isFirst: boolean): Effect {
  const [first, ...others] = parts;
  if (!first && isFirst) warden.strange(`a commit of ${sql.map((one) => one.replace(/\s+/g, ' ').slice(0, 60)).join('; ')}`);
  const { what, subject } = first ?? { what: 'unknown commit', subject: '' };
  return { kind: 'commit', point: `host: ${what}`, also: others.map((part) => `host: ${part.what}`), subject, isRead: false };
}
