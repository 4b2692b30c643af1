import {
  type NetrackClient,
  netrackClient,
  type PsrmClient,
  psrmClient,
  type RedirectClient,
  redirectClient,
} from '@softset/client';
import type { Fault, NetrackState } from '@softset/protocol';

/** One thing that a board said was wrong, and how long it said so. */
export interface Heard {
  readonly board: string;
  /** A fault's kind; `program` for what a board's own psrmd found. */
  readonly kind: Fault['kind'] | 'program';
  readonly target: string;
  readonly evidence: string;
  /** Our own monotonic clock; boards of a lab share it. */
  readonly fromMs: number;
  /** Infinity while it still stands. */
  toMs: number;
}

/** Enough for every change of many steps; a board that says more is cut short, and its newest state stands anyway. */
const heardMax = 10_000;

/** Listens to the daemons of one board, and remembers what netrackd named as faults. */
export class Witness {
  readonly board: string;
  readonly netrack: NetrackClient;
  readonly psrm: PsrmClient;
  readonly redirect: RedirectClient;
  readonly #heard: Heard[] = [];
  readonly #standing = new Map<string, Heard>();
  #state: NetrackState | undefined;

  constructor(board: string, runDir: string) {
    this.board = board;
    const options = { name: 'softset-demo' };
    this.netrack = netrackClient(runDir, { ...options, onDown: () => this.#forget() });
    this.psrm = psrmClient(runDir, options);
    this.redirect = redirectClient(runDir, options);
    const take = (state: NetrackState): void => this.#take(state);
    this.netrack.subscribe('state', (state) => state !== null && take(state), take);
  }

  /** The newest word of its netrackd; undefined while that does not answer. */
  get state(): NetrackState | undefined {
    return this.#state;
  }

  /** What it began to say after `sinceMs`. */
  heardSince(sinceMs: number): readonly Heard[] {
    return this.#heard.filter((one) => one.fromMs >= sinceMs);
  }

  #take(state: NetrackState): void {
    const nowMs = Number(process.hrtime.bigint()) / 1e6;
    for (const evidence of this.#programChanges(state)) {
      this.#heard.push({ board: this.board, kind: 'program', target: evidence, evidence, fromMs: nowMs, toMs: nowMs });
    }
    this.#state = state;
    const said = new Set(state.faults.map(({ kind, target }) => `${kind} ${target}`));
    for (const { kind, target, evidence } of state.faults) {
      const key = `${kind} ${target}`;
      if (this.#standing.has(key)) continue;
      const heard: Heard = { board: this.board, kind, target, evidence, fromMs: nowMs, toMs: Number.POSITIVE_INFINITY };
      this.#standing.set(key, heard);
      this.#heard.push(heard);
    }
    this.#end(nowMs, (key) => !said.has(key));
    this.#heard.splice(0, Math.max(0, this.#heard.length - heardMax));
  }

  #end(nowMs: number, over: (key: string) => boolean): void {
    for (const [key, heard] of this.#standing) {
      if (!over(key)) continue;
      heard.toMs = nowMs;
      this.#standing.delete(key);
    }
  }

  /** What its own psrmd found since the last state. */
  #programChanges(state: NetrackState): string[] {
    const own = (of: NetrackState | undefined) => of?.boards.find((board) => board.board === of.board)?.programs ?? [];
    return own(state).flatMap(({ program, state: is, restarts }) => {
      const was = own(this.#state).find((one) => one.program === program);
      if (was === undefined) return [];
      if (was.state !== is && is === 'failed') return [`${program} given up on ${this.board}`];
      if (was.state !== is && is === 'not-responding') return [`${program} hangs on ${this.board}`];
      return restarts > was.restarts ? [`${program} restarted on ${this.board}`] : [];
    });
  }

  #forget(): void {
    this.#state = undefined;
    this.#end(Number(process.hrtime.bigint()) / 1e6, () => true);
  }

  close(): void {
    this.netrack.close();
    this.psrm.close();
    this.redirect.close();
  }
}
