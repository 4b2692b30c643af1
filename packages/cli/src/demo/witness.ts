import {
  type NetrackClient,
  netrackClient,
  type PsrmClient,
  psrmClient,
  type RedirectClient,
  redirectClient,
} from '@softset/client';
import type { Fault, NetrackState } from '@softset/protocol';

/** One thing that a board said was wrong, and when it said so first. */
export interface Heard {
  readonly board: string;
  /** A fault's kind; `program` for what a board's own psrmd found. */
  readonly kind: Fault['kind'] | 'program';
  readonly target: string;
  readonly evidence: string;
  /** Our own monotonic clock; boards of a lab share it. */
  readonly atMs: number;
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
  #state: NetrackState | undefined;
  #standing = new Set<string>();

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

  heardSince(sinceMs: number): readonly Heard[] {
    return this.#heard.filter((one) => one.atMs >= sinceMs);
  }

  #take(state: NetrackState): void {
    const atMs = Number(process.hrtime.bigint()) / 1e6;
    for (const evidence of this.#programChanges(state)) {
      this.#heard.push({ board: this.board, kind: 'program', target: this.board, evidence, atMs });
    }
    this.#state = state;
    const standing = new Set<string>();
    for (const { kind, target, evidence } of state.faults) {
      const key = `${kind} ${target}`;
      standing.add(key);
      if (!this.#standing.has(key)) this.#heard.push({ board: this.board, kind, target, evidence, atMs });
    }
    this.#standing = standing;
    this.#heard.splice(0, Math.max(0, this.#heard.length - heardMax));
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
    this.#standing = new Set();
  }

  close(): void {
    this.netrack.close();
    this.psrm.close();
    this.redirect.close();
  }
}
