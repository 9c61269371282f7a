/** The candidate that was probably meant: at most three letters added, left out, changed or swapped, fewer in a short word. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const most = Math.min(3, Math.max(1, Math.floor(word.length / 3)));
  const near = candidates.map((candidate) => ({ candidate, edits: edits(word.toLowerCase(), candidate.toLowerCase(), most) }));
  return near.filter((one) => one.edits <= most).sort((a, b) => a.edits - b.edits)[0]?.candidate;
}

/** How many edits lead from one word to the other; infinite beyond `most`, which keeps the search small. */
function edits(a: string, b: string, most: number): number {
  if (a === b) return 0;
  const [first, wanted] = [a.charAt(0), b.charAt(0)];
  if (first === wanted) return edits(a.slice(1), b.slice(1), most);
  if (most === 0) return Infinity;
  const isSwapped = first === b.charAt(1) && a.charAt(1) === wanted;
  return (
    1 +
    Math.min(
      edits(a.slice(1), b, most - 1),
      edits(a, b.slice(1), most - 1),
      edits(a.slice(1), b.slice(1), most - 1),
      isSwapped ? edits(a.slice(2), b.slice(2), most - 1) : Infinity,
    )
  );
}
