import type { BoardId, BoardMessage } from '@softset/protocol';

/** Messages that one datagram holds at most. */
const TOGETHER_MAX = 16;

/**
 * What one turn has to say to a board goes in one datagram: at an election each board says two or three things at once,
 * and a datagram costs its reader ten times what the message in it does. Registers may be long and go alone. Nothing
 * waits for an acknowledgement or an order, since all these messages repeat themselves until they are answered.
 */
export class Post {
  readonly #send: (to: BoardId | 'all', value: BoardMessage | readonly BoardMessage[]) => void;
  readonly #waiting = new Map<BoardId | 'all', BoardMessage[]>();

  constructor(send: (to: BoardId | 'all', value: BoardMessage | readonly BoardMessage[]) => void) {
    this.#send = send;
  }

  add(to: BoardId | 'all', message: BoardMessage): void {
    if (message.kind === 'write') {
      this.#send(to, message);
      return;
    }
    const waiting = this.#waiting.get(to);
    if (waiting === undefined) this.#waiting.set(to, [message]);
    else if (waiting.push(message) === TOGETHER_MAX) {
      this.#send(to, waiting);
      this.#waiting.delete(to);
    }
  }

  /** At the end of the turn. */
  deliver(): void {
    for (const [to, messages] of this.#waiting)
      this.#send(to, messages.length === 1 && messages[0] ? messages[0] : messages);
    this.#waiting.clear();
  }
}

/** The messages of a datagram, each still unchecked; what is beyond the most that one holds is not looked at. */
export function opened(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, TOGETHER_MAX) : [value];
}
