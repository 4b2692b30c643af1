/** `; did you mean "state"?`, `; known: a, b`, or nothing to say. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const all = [...known];
  const near = nearest(word, all);
  if (near !== undefined) return `; did you mean "${near}"?`;
  if (all.length === 0) return '; there are none';
  const shown = all.slice(0, SHOWN_MAX).join(', ');
  return `; known: ${shown}${all.length > SHOWN_MAX ? `, and ${all.length - SHOWN_MAX} more` : ''}`;
}

const SHOWN_MAX = 12;

/** The known word that takes the fewest changed letters, where a third of them at most has to change. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const small = word.toLowerCase().slice(0, LENGTH_MAX);
  let best: { name: string; changes: number } | undefined;
  for (const name of known) {
    const other = name.toLowerCase();
    const allowed = Math.max(1, Math.floor(Math.max(small.length, other.length) / 3));
    if (Math.abs(small.length - other.length) > allowed || other.length > LENGTH_MAX) continue;
    const changes = distance(small, other);
    if (changes <= allowed && (best === undefined || changes < best.changes)) best = { name, changes };
  }
  return best?.name;
}

const LENGTH_MAX = 64;

/** Letters to change, insert, take away or swap with their neighbour. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
