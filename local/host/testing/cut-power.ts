import { PowerCut, type CommitWatch, type Side } from '../commit-watch';

/**
 * Cuts a host's power at a commit, by what it writes: `turn of Story, to Pay` (and so begins the activity Pay), `turn of Story, waiting`, `turn of Story, completed`,
 * `start of Story`, `event kept`. `before`: nothing of it is on the disk; `after`: all of it, and nobody has learned of it. A host on the same state file goes on from there.
 * `whenCut` resolves when the host has let go of its file and its port, and never where no commit is of that name: `seen` answers the names that came by.
 * @param nth at which of these commits
 */
export function cutPowerAt(what: string, side: Side, nth = 1): { onCommit: CommitWatch; whenCut: Promise<void>; seen(): string[] } {
  const seen = new Set<string>();
  let left = nth;
  let tellCut = (): void => {};
  const whenCut = new Promise<void>((resolve) => (tellCut = resolve));
  return {
    whenCut,
    seen: () => [...seen],
    onCommit(commit, now) {
      for (const part of commit.parts) seen.add(part.what);
      if (now !== side || !commit.parts.some((part) => part.what === what)) return;
      left -= 1;
      if (left > 0) return;
      // The host lets go in the next round of the event loop, once nothing of it is on the stack.
      setImmediate(() => setImmediate(tellCut));
      throw new PowerCut();
    },
  };
}
