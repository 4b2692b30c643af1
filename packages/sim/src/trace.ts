import type { BoardId } from '@softset/protocol';
import type { Timeline } from './timeline.js';

type Entry = readonly [atMs: number, board: BoardId | 0, what: string, fields: unknown];

const KEPT = 30;
const WIDTH = 80;

/** The last events of a run that matter, or all of them for somebody who reads along. */
export class Trace {
  readonly #timeline: Timeline;
  readonly #listener: ((line: string) => void) | undefined;
  readonly #ring: Entry[] = [];
  #count = 0;

  constructor(timeline: Timeline, listener: ((line: string) => void) | undefined) {
    this.#timeline = timeline;
    this.#listener = listener;
  }

  /** `fields` is put into words only if somebody reads it. Board 0 is the whole chassis. */
  note(board: BoardId | 0, what: string, fields: unknown = ''): void {
    const entry: Entry = [this.#timeline.nowMs, board, what, fields];
    this.#ring[this.#count++ % KEPT] = entry;
    this.#listener?.(line(entry));
  }

  /** The last 30, oldest first. */
  last(): string[] {
    const from = Math.max(0, this.#count - KEPT);
    const lines: string[] = [];
    for (let i = from; i < this.#count; i++) lines.push(line(this.#ring[i % KEPT] as Entry));
    return lines;
  }
}

/** `1234.56  3 created       web 2.17 until 1484`, within 80 columns. */
function line([atMs, board, what, fields]: Entry): string {
  const head = `${atMs.toFixed(2).padStart(8)} ${String(board === 0 ? '-' : board).padStart(2)} ${what.padEnd(14)} `;
  return `${head}${words(fields)}`.slice(0, WIDTH).trimEnd();
}

function words(fields: unknown): string {
  if (typeof fields !== 'object' || fields === null) return String(fields);
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${word(value)}`)
    .join(' ');
}

function word(value: unknown): string {
  if (isGrant(value)) return `${value.term}.${value.n}`;
  if (typeof value === 'number') return String(Math.round(value * 100) / 100);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isGrant(value: unknown): value is { term: number; n: number } {
  return typeof value === 'object' && value !== null && 'term' in value && 'n' in value;
}
