import { randomUUID } from 'node:crypto';
import { type Failure, fail } from '@softset/base';
import type { BoardId, BoardMessage, ProgramOrder } from '@softset/protocol';

/** A program may take its time to stop; what asks for it waits a little longer, ms. */
const ORDER_MS = 13_000;
/** Orders that this board's redirectd has not answered; beyond it the oldest is forgotten, and times out at the director. */
const ORDERS_MAX = 64;
/** What a message between boards has room for. */
const WHO_MAX = 200;
const MESSAGE_MAX = 1000;

export interface ProgramOrdersPorts {
  readonly self: BoardId;
  /** Who directs, as this board knows it, and its term. */
  readonly follows: () => { readonly director: BoardId | 0; readonly term: number };
  readonly directing: () => boolean;
  readonly send: (to: BoardId, message: BoardMessage) => void;
  /** To the local redirectd, which asks its psrmd, and answers by `answer`. */
  readonly obey: (order: ProgramOrder) => void;
}

/**
 * Carries what a rule orders of a board's programs from the director's redirectd to that board's, and the answer back. A
 * board obeys the director of its own term and nobody else: what a director that was replaced says late does nothing.
 */
export class ProgramOrders {
  readonly #ports: ProgramOrdersPorts;
  readonly #waiting = new Map<string, (answer: { message: string } | Failure) => void>();
  /** At the board that obeys: whose orders are under way. */
  readonly #origins = new Map<string, BoardId>();

  constructor(ports: ProgramOrdersPorts) {
    this.#ports = ports;
  }

  /** At the director. Fails NOT_DIRECTOR, NOT_DONE, TIMEOUT. */
  order(to: BoardId, wanted: Omit<ProgramOrder, 'id'>): Promise<{ message: string } | Failure> {
    const { directing, follows, self, send } = this.#ports;
    if (!directing()) return Promise.resolve(fail('NOT_DIRECTOR', 'this board does not direct now'));
    const { program, want } = wanted;
    const who = wanted.who.slice(0, WHO_MAX);
    const message = { kind: 'program-order', term: follows().term, id: randomUUID(), program, want, who } as const;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(message.id);
        resolve(fail('TIMEOUT', `board ${to} did not answer in ${ORDER_MS / 1000} s; it may yet do it`));
      }, ORDER_MS);
      this.#waiting.set(message.id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      if (to === self) this.hear(self, message);
      else send(to, message);
    });
  }

  hear(from: BoardId, message: Extract<BoardMessage, { kind: 'program-order' | 'program-done' }>): void {
    const { follows, obey } = this.#ports;
    if (message.kind === 'program-done') {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      waiting?.(message.ok ? { message: message.message } : fail('NOT_DONE', message.message));
      return;
    }
    const { kind: _, term, ...order } = message;
    const now = follows();
    this.#origins.set(order.id, from);
    const [oldest] = this.#origins.keys();
    if (this.#origins.size > ORDERS_MAX && oldest !== undefined) this.#origins.delete(oldest);
    if (from === now.director && term === now.term) obey(order);
    else this.answer(order.id, false, `NOT_DIRECTOR: term ${term} of board ${from} is not the one that counts here`);
  }

  /** At the board that obeys, from its redirectd; an answer to what nobody ordered is nobody's. */
  answer(id: string, ok: boolean, message: string): void {
    const { self, send } = this.#ports;
    const origin = this.#origins.get(id);
    this.#origins.delete(id);
    const done = { kind: 'program-done', id, ok, message: message.slice(0, MESSAGE_MAX) } as const;
    if (origin === self) this.hear(self, done);
    else if (origin !== undefined) send(origin, done);
  }
}
