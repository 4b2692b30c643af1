import type { NetrackState } from '@softset/protocol';
import { nowMs } from '@softset/runtime/now-ms.js';
import { Topic } from '@softset/runtime/topic.js';

/**
 * How long news that nobody has to act on may wait for company, ms: where this board directs, and elsewhere. That a board
 * is judged anew operators see within a tenth of a second wherever they ask, and it waits no longer than a move takes that
 * comes of it.
 */
const PUBLISH_MS = { directing: 20, judged: 10, else: 60 };

/**
 * The view, for whoever follows it: at once where a director has to decide, which is what is wrong, what services do and
 * which boards are fit. All else can wait a moment and be told together: every board hears of every move, and telling each
 * step of it would delay the move itself.
 */
export class ViewTopic {
  readonly topic: Topic<NetrackState, NetrackState>;
  #view: NetrackState;
  #lastMatters = '';
  /** The view as it was told last; '' where that is not known. */
  #published = '';
  #later: NodeJS.Timeout | undefined;
  #laterMs = Number.POSITIVE_INFINITY;

  constructor(first: NetrackState) {
    this.#view = first;
    this.topic = new Topic({ snapshot: () => this.#view, history: 4 });
  }

  get view(): NetrackState {
    return this.#view;
  }

  publish(state: NetrackState): void {
    const before = this.#view;
    this.#view = state;
    const matters = state.directing ? fingerprint(state) : '';
    if (matters === this.#lastMatters) {
      this.#publishWithin(companyMs(before, state));
      return;
    }
    this.close();
    this.#lastMatters = matters;
    // Not written out a second time where a move waits: what is told next is compared with nothing.
    this.#published = '';
    this.topic.publish(state);
  }

  #publishWithin(waitMs: number): void {
    const atMs = nowMs() + waitMs;
    if (atMs >= this.#laterMs) return;
    this.close();
    this.#laterMs = atMs;
    this.#later = setTimeout(() => this.#publishNews(), waitMs);
  }

  /** Much of what wakes netrackd leaves no trace in the view. */
  #publishNews(): void {
    this.close();
    const text = JSON.stringify({ ...this.#view, nowMs: 0 });
    if (text === this.#published) return;
    this.#published = text;
    this.topic.publish(this.#view);
  }

  close(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#laterMs = Number.POSITIVE_INFINITY;
  }
}

/** How long what makes `is` of `was` may wait for company, ms. */
export function companyMs(was: NetrackState, is: NetrackState): number {
  const down = ({ boards }: NetrackState): string =>
    boards.map((one) => `${one.board} ${one.verdict === 'down'}`).join();
  if (down(was) !== down(is)) return PUBLISH_MS.judged;
  return is.directing ? PUBLISH_MS.directing : PUBLISH_MS.else;
}

/** What a director decides by: services' phases, and whatever makes a board fit or not. */
function fingerprint(state: NetrackState): string {
  const faults = state.faults.map(({ kind, target }) => `${kind} ${target}`);
  const services = state.services.map(({ phase, holder }) => `${phase} ${holder?.board ?? 0}`);
  const boards = state.boards.map(({ verdict, daemons, amnesiac, leaving, admin, left, programs }) => {
    const states = programs.map(({ program, state: is }) => `${program} ${is}`);
    return `${verdict} ${daemons.length} ${amnesiac} ${leaving} ${admin} ${left} ${states.join()}`;
  });
  return `${faults.join()};${services.join()};${boards.join()}`;
}
