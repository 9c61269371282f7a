import { PowerCut, type CommitWatch, type Side } from '../commit-watch';

/**
 * Cuts a host's power at a commit, by what it writes: `turn of Story, to Pay` (and so begins the activity Pay), `turn of Story, waiting`, `turn of Story, completed`,
 * `start of Story`, `event kept`. `before`: nothing of it is on the disk; `after`: all of it, and nobody has learned of it. A host on the same state file goes on from there.
 * @param nth at which of these commits
 */
export function cutPowerAt(what: string, side: Side, nth = 1): { onCommit: CommitWatch; whenCut: Promise<void> } {
  let left = nth;
  let tellCut = (): void => {};
  const whenCut = new Promise<void>((resolve) => (tellCut = resolve));
  return {
    whenCut,
    onCommit(commit, now) {
      if (now !== side || !commit.parts.some((part) => part.what === what)) return;
      left -= 1;
      if (left > 0) return;
      tellCut();
      throw new PowerCut();
    },
  };
}
