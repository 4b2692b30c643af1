/** Lines that are shown around a difference. */
const CONTEXT = 2;

type Line = readonly [mark: ' ' | '-' | '+', text: string];

/** The differences of two texts by lines, as `diff -u` shows them, without its heads; empty where there is none. */
export function lineDiff(before: string, after: string): string[] {
  const lines = aligned(before.split('\n'), after.split('\n'));
  const near = new Set<number>();
  for (const [at, [mark]] of lines.entries())
    if (mark !== ' ') for (let i = at - CONTEXT; i <= at + CONTEXT; i++) near.add(i);
  return lines.flatMap(([mark, text], at) => {
    if (!near.has(at)) return [];
    const gap = at > 0 && !near.has(at - 1) ? ['…'] : [];
    return [...gap, `${mark} ${text}`.trimEnd()];
  });
}

/** By the longest common subsequence of what is left once equal ends are taken off: files of a thousand lines at most. */
function aligned(a: readonly string[], b: readonly string[]): Line[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const same = (lines: readonly string[]): Line[] => lines.map((text) => [' ', text]);
  const middle = align(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return [...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))];
}

function align(a: readonly string[], b: readonly string[]): Line[] {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] =
        a[i] === b[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const gone = (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0);
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([' ', a[i++] ?? '']);
      j++;
    } else if (i < a.length && (j >= b.length || gone)) lines.push(['-', a[i++] ?? '']);
    else lines.push(['+', b[j++] ?? '']);
  }
  return lines;
}
