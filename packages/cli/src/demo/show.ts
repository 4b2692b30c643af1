import type { Paint } from '../colour.js';
import { wrap } from '../status/words.js';
import type { StepReport } from './step.js';

const width = 80;
/** Time to a takeover that (002 ¶0022) claims, ms. */
export const claimed = '250–500';

export function header(): string {
  return `${'STEP'.padEnd(16)}${'OUTAGE'.padStart(10)}${'BUDGET'.padStart(9)}${'CLAIMED'.padStart(11)}   HOLDER`;
}

/** Two lines and, where something is wrong, a third: numbers, then what was done and what NETRACK made of it. */
export function rows(report: StepReport, paint: Paint): string[] {
  const { step, outageMs, budgetMs, holderBefore, holderAfter, ok, holdersMax, message } = report;
  const over = outageMs > budgetMs;
  const outage = `${outageMs.toFixed(1)} ms`.padStart(10);
  const holder = holderBefore === holderAfter ? holderAfter : `${holderBefore} → ${holderAfter}`;
  const line = [
    step.padEnd(16),
    over ? paint(outage, 'yellow') : outage,
    `${budgetMs} ms`.padStart(9),
    `${claimed} ms`.padStart(13),
    `   ${holder.padEnd(17)}`,
    ok ? paint('ok', 'green') : paint('FAILED', 'red'),
    over ? ' *' : '',
  ].join('');
  const more = under(`${report.fault}: ${report.diagnosis}`).map((text) => paint(text, 'dim'));
  const wrong = holdersMax > 1 ? `${holdersMax} boards answered for the address at one time` : message;
  return [line, ...more, ...(wrong === undefined || ok ? [] : under(wrong).map((text) => paint(text, 'red')))];
}

/** Below its row, and a little to the right. */
function under(text: string): string[] {
  return wrap(text, width - 2).map((line) => `  ${line}`);
}

/** One line at the bottom of a terminal that changes in place; nothing at all elsewhere. */
export class LiveLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #live: boolean;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#live = stream.isTTY === true && process.env.TERM !== 'dumb';
  }

  /** Whether changes are seen; where not, a caller may print lines of its own. */
  get live(): boolean {
    return this.#live;
  }

  set(text: string): void {
    // Erase to the end of the line (ECMA-48 §8.3.41); cut, since a line that wraps cannot be erased.
    if (this.#live) this.#stream.write(`\r\x1b[K${text.slice(0, Math.min(width, this.#stream.columns || width) - 1)}`);
  }

  clear(): void {
    if (this.#live) this.#stream.write('\r\x1b[K');
  }
}
