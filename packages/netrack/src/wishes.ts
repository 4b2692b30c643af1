import { randomUUID } from 'node:crypto';
import { type Failure, fail } from '@softset/base';
import type { BoardId, BoardMessage, NetrackTopics, ProgramWish, RolloutWish, Wish } from '@softset/protocol';

/** How long an operator waits for a director's answer, ms. */
const WISH_MS = 8000;
/** So many are remembered, the newest: whoever should answer may have ended, and what comes late comes soon. */
const REMEMBERED_MAX = 512;

interface Ports {
  readonly self: BoardId;
  readonly director: () => BoardId | 0;
  readonly directing: () => boolean;
  readonly send: (to: BoardId, message: BoardMessage) => void;
  /** To the local redirectd, which decides on the director's board. */
  readonly decide: (wish: NetrackTopics['wishes']) => void;
  /** Clears an alarm on the director's board: nobody has to decide that. */
  readonly clear: (wish: { id: string; object: string; cause: string; who: string }) => void;
  /** What all boards are to run: the director's netrackd writes it. */
  readonly rollout: (wish: { id: string; wish: RolloutWish; who: string }) => void;
  /** To the local psrmd; false where it does not listen. */
  readonly order: (order: ProgramWish) => boolean;
}

/**
 * Carries operators' wishes to the director's redirectd, and orders for programs to their board's psrmd; and the answers
 * back to the board where they were uttered.
 */
export class Wishes {
  readonly #ports: Ports;
  readonly #waiting = new Map<string, (answer: { message: string } | Failure) => void>();
  /** Where it is decided: where a wish or an order came from. */
  readonly #origins = new Map<string, BoardId>();
  /** Orders that came here. */
  readonly #ordered = new Set<string>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  utter(wish: Omit<Wish, 'id'>): Promise<{ message: string } | Failure> {
    const { director, self, send } = this.#ports;
    const to = director();
    if (to === 0) return Promise.resolve(fail('NO_DIRECTOR', 'no board directs now; see softset status'));
    const whole: Wish = { ...wish, id: randomUUID() };
    const answer = this.#answerOf(whole.id, to);
    if (to === self) this.take(self, whole);
    else send(to, { kind: 'wish', wish: whole });
    return answer;
  }

  /** Of a program of board `to`. */
  order(to: BoardId, order: Omit<ProgramWish, 'id'>): Promise<{ message: string } | Failure> {
    const { self, send } = this.#ports;
    const whole: ProgramWish = { ...order, id: randomUUID() };
    const answer = this.#answerOf(whole.id, to);
    if (to === self) this.takeProgram(self, whole);
    else send(to, { kind: 'program-wish', ...whole });
    return answer;
  }

  #answerOf(id: string, to: BoardId): Promise<{ message: string } | Failure> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        resolve(fail('TIMEOUT', `board ${to} did not answer in ${WISH_MS / 1000} s; it may yet do it`));
      }, WISH_MS);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  /** At the board whose program it is. One that comes twice is done once. */
  takeProgram(from: BoardId, order: ProgramWish): void {
    if (this.#ordered.has(order.id)) return;
    this.#ordered.add(order.id);
    bound(this.#ordered);
    this.#remember(order.id, from);
    if (!this.#ports.order(order)) this.answer(order.id, false, 'psrmd of that board does not answer');
  }

  /** At the director. */
  take(from: BoardId, wish: Wish): void {
    const { directing, decide, clear, rollout } = this.#ports;
    this.#remember(wish.id, from);
    if (!directing()) {
      this.answer(wish.id, false, 'this board does not direct now; try again');
      return;
    }
    if (wish.kind === 'change' && wish.change !== undefined) {
      decide({ id: wish.id, change: wish.change, who: wish.who });
      return;
    }
    if (wish.kind === 'alarm-clear' && wish.object !== undefined && wish.cause !== undefined) {
      clear({ id: wish.id, object: wish.object, cause: wish.cause, who: wish.who });
      return;
    }
    if (wish.kind === 'rollout' && wish.rollout !== undefined) {
      rollout({ id: wish.id, wish: wish.rollout, who: wish.who });
      return;
    }
    if (wish.kind !== 'move' || wish.service === undefined || wish.board === undefined) {
      this.answer(wish.id, false, `the wish to ${wish.kind} does not say of what`);
      return;
    }
    decide({ id: wish.id, service: wish.service, board: wish.board, who: wish.who });
  }

  #remember(id: string, from: BoardId): void {
    this.#origins.set(id, from);
    bound(this.#origins);
  }

  /** From the director's redirectd, or from the psrmd that was ordered. */
  answer(id: string, ok: boolean, message: string): void {
    const origin = this.#origins.get(id);
    this.#origins.delete(id);
    if (origin === this.#ports.self) this.heard(id, ok, message);
    else if (origin !== undefined) this.#ports.send(origin, { kind: 'wished', id, ok, message });
  }

  /** Where it was uttered. */
  heard(id: string, ok: boolean, message: string): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(ok ? { message } : fail('REFUSED', message));
  }
}

function bound(ids: Map<string, unknown> | Set<string>): void {
  const [oldest] = ids.keys();
  if (ids.size > REMEMBERED_MAX && oldest !== undefined) ids.delete(oldest);
}
