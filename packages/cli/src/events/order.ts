/** A line of a daemon's journal, as far as it is ordered and shown. */
export interface JournalLine {
  readonly time: string;
  readonly term?: number;
  readonly index?: number;
  readonly who: unknown;
  readonly what: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
export interface Told {
  /** Where it was written, such as `cpu-1 redirectd`. */
  readonly from: string;
  readonly lines: readonly JournalLine[];
}
export interface Placed extends JournalLine {
  readonly from: string;
  readonly term: number;
  readonly index: number;
}

/** A torn or foreign line is passed over. */
export function linesOf(text: string): JournalLine[] {
  return text.split('\n').flatMap((line) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return [];
    }
    if (typeof value !== 'object' || value === null) return [];
    const { time, term, index, who, what, fields } = value as Record<string, unknown>;
    if (typeof time !== 'string' || typeof what !== 'string') return [];
    const version = Number.isSafeInteger(term) && Number.isSafeInteger(index) ? { term, index } : {};
    const more = typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {};
    return [{ time, ...(version as { term?: number; index?: number }), who, what, fields: more }];
  });
}

/**
 * All of them as one story, without asking any clock: by the version of the register (term, then index) that each board
 * knew when it wrote the line; within one version by board and daemon. In one journal the order of its lines stands,
 * whatever they say: a line without a version, or with an older one after a newer, has that of the line before it.
 */
export function ordered(journals: readonly Told[]): Placed[] {
  const all = journals.flatMap(({ from, lines }) => {
    let term = 0;
    let index = 0;
    return lines.map((line): Placed => {
      const later = (line.term ?? 0) > term || ((line.term ?? 0) === term && (line.index ?? 0) > index);
      if (later) {
        term = line.term ?? 0;
        index = line.index ?? 0;
      }
      return { ...line, from, term, index };
    });
  });
  // A stable sort: lines of one journal that share a version stay as they are.
  return all.sort((a, b) => a.term - b.term || a.index - b.index || (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}
