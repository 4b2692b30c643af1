/**
 * Who holds an address, from the answers that its askers heard. Pure: times are monotonic ms. A holder is a board's
 * name, or a MAC that no board is known to have.
 */
export interface Answer {
  readonly atMs: number;
  readonly address: string;
  readonly holder: string;
}

export interface HoldersReport {
  /**
   * The greatest number of holders of one address at one time. Two hold at once when their answers interleave: one
   * answered before and after the other did, no more than `windowMs` apart. A clean hand-over, last answer here and
   * first answer there, is one holder however fast it was.
   */
  readonly holdersMax: number;
  /** The plain count of distinct holders within any one window: two also for a clean hand-over faster than the window. */
  readonly holdersInWindowMax: number;
  /** Each time that an address was first answered for by somebody else than before. */
  readonly timeline: readonly { readonly timeMs: number; readonly address: string; readonly board: string }[];
  /** Silences longer than a window, in each address: nobody answered. An open one has no end. */
  readonly silencesMs: readonly Silence[];
  /** Holders that are no board of the table. */
  readonly unknown: readonly string[];
}

export interface Silence {
  readonly address: string;
  readonly fromMs: number;
  readonly toMs: number | undefined;
}

interface Span {
  readonly holder: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Each holder's answers, joined where no more than a window lies between two of them. */
function spansOf(answers: readonly Answer[], windowMs: number): Span[] {
  const open = new Map<string, Span>();
  const closed: Span[] = [];
  for (const { holder, atMs } of answers) {
    const span = open.get(holder);
    if (span !== undefined && atMs - span.toMs <= windowMs) {
      open.set(holder, { ...span, toMs: atMs });
      continue;
    }
    if (span !== undefined) closed.push(span);
    open.set(holder, { holder, fromMs: atMs, toMs: atMs });
  }
  return [...closed, ...open.values()];
}

/** The greatest number of spans over one instant. Spans that only touch do not overlap, unless both are that instant. */
function overlapMax(spans: readonly Span[]): number {
  let most = 0;
  for (const a of spans) {
    const at = spans.filter((b) => b.fromMs <= a.fromMs && (b.toMs > a.fromMs || b.fromMs === a.fromMs));
    most = Math.max(most, new Set(at.map((s) => s.holder)).size);
  }
  return most;
}

function inWindowMax(answers: readonly Answer[], windowMs: number): number {
  const counts = new Map<string, number>();
  let most = 0;
  let oldest = 0;
  for (const { holder, atMs } of answers) {
    counts.set(holder, (counts.get(holder) ?? 0) + 1);
    for (let first = answers[oldest]; first !== undefined && atMs - first.atMs > windowMs; first = answers[++oldest]) {
      const left = (counts.get(first.holder) ?? 1) - 1;
      if (left === 0) counts.delete(first.holder);
      else counts.set(first.holder, left);
    }
    most = Math.max(most, counts.size);
  }
  return most;
}

/**
 * Judges `answers` (in order of time) heard between `sinceMs` and `nowMs`. `boards` are the known names.
 * `windowMs` is 5 for askers that ask every millisecond.
 */
export function judgeHolders(
  answers: readonly Answer[],
  addresses: readonly string[],
  boards: ReadonlySet<string>,
  sinceMs: number,
  nowMs: number,
  windowMs = 5,
): HoldersReport {
  const report = { holdersMax: 0, holdersInWindowMax: 0 };
  const timeline: { timeMs: number; address: string; board: string }[] = [];
  const silencesMs: Silence[] = [];
  for (const address of addresses) {
    const mine = answers.filter((a) => a.address === address && a.atMs >= sinceMs && a.atMs <= nowMs);
    report.holdersMax = Math.max(report.holdersMax, overlapMax(spansOf(mine, windowMs)));
    report.holdersInWindowMax = Math.max(report.holdersInWindowMax, inWindowMax(mine, windowMs));
    let holder: string | undefined;
    let lastMs = sinceMs;
    for (const answer of mine) {
      if (answer.atMs - lastMs > windowMs) silencesMs.push({ address, fromMs: lastMs, toMs: answer.atMs });
      if (answer.holder !== holder) timeline.push({ timeMs: answer.atMs, address, board: answer.holder });
      holder = answer.holder;
      lastMs = answer.atMs;
    }
    if (nowMs - lastMs > windowMs) silencesMs.push({ address, fromMs: lastMs, toMs: undefined });
  }
  const unknown = [...new Set(answers.map((a) => a.holder).filter((holder) => !boards.has(holder)))];
  timeline.sort((a, b) => a.timeMs - b.timeMs);
  return { ...report, timeline, silencesMs, unknown };
}
