/** Messages to one peer that were accepted and are neither acknowledged nor given up. */
export interface Outgoing {
  /** The caller's own number for it. */
  readonly id: number;
  readonly payload: Uint8Array;
  readonly acceptedMs: number;
  /** Place in the stream; 0 until it first leaves. */
  sequence: number;
  attempt: number;
  nextMs: number;
  waitMs: number;
}

export interface RetryTimes {
  /** First wait for an acknowledgement, in ms; doubled each time. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** From acceptance until it is given up, in ms. */
  readonly giveUpMs: number;
  /** Messages that one peer may have waiting. When full, the newest is refused. */
  readonly queueMax: number;
}

/** The sending half of a stream to one life of a peer. */
export class Outbox {
  /** Not sent yet: the peer's life is not known. */
  #waiting: Outgoing[] = [];
  /** In order of sequence. */
  readonly #flying = new Map<number, Outgoing>();
  #next = 1;

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#flying.size === 0;
  }

  /** Lowest sequence that still wants an acknowledgement; the next one when none does. */
  get floor(): number {
    for (const sequence of this.#flying.keys()) return sequence;
    return this.#next;
  }

  /** False when full: counted from the oldest unanswered one, so that the receiver need never remember more than that. */
  push(id: number, payload: Uint8Array, nowMs: number, times: RetryTimes): boolean {
    if (this.#next - this.floor + this.#waiting.length >= times.queueMax) return false;
    this.#waiting.push({
      id,
      payload,
      acceptedMs: nowMs,
      sequence: 0,
      attempt: 0,
      nextMs: nowMs,
      waitMs: times.retryMs,
    });
    return true;
  }

  /** Those to transmit now, each with its timer set anew. `reachable`: the peer's life is known. */
  due(nowMs: number, reachable: boolean, times: RetryTimes): Outgoing[] {
    if (!reachable) return [];
    for (const message of this.#waiting) {
      message.sequence = this.#next++;
      this.#flying.set(message.sequence, message);
    }
    this.#waiting = [];
    const due: Outgoing[] = [];
    for (const message of this.#flying.values()) {
      if (message.nextMs > nowMs) continue;
      message.attempt = (message.attempt % 255) + 1;
      message.nextMs = nowMs + message.waitMs;
      message.waitMs = Math.min(message.waitMs * 2, times.retryMaxMs);
      due.push(message);
    }
    return due;
  }

  /** Takes out a message that was answered, for good or ill. */
  settle(sequence: number): Outgoing | undefined {
    const message = this.#flying.get(sequence);
    this.#flying.delete(sequence);
    return message;
  }

  /** Takes out those that waited too long. */
  expired(nowMs: number, times: RetryTimes): Outgoing[] {
    const old = [...this.#flying.values(), ...this.#waiting].filter((m) => nowMs >= m.acceptedMs + times.giveUpMs);
    for (const message of old) this.#flying.delete(message.sequence);
    if (old.some((m) => m.sequence === 0)) this.#waiting = this.#waiting.filter((m) => !old.includes(m));
    return old;
  }

  /** Takes out everything. */
  clear(): Outgoing[] {
    const all = [...this.#flying.values(), ...this.#waiting];
    this.#flying.clear();
    this.#waiting = [];
    return all;
  }

  /**
   * The peer is another life. What was sent to the old one may have been delivered there, and would be delivered twice:
   * it is taken out and returned. What never left goes to the new life, which learns from the floor where to begin.
   */
  restart(): Outgoing[] {
    const lost = [...this.#flying.values()];
    this.#flying.clear();
    return lost;
  }

  /** When something is to be done next; undefined when idle. */
  nextMs(reachable: boolean, times: RetryTimes): number | undefined {
    let next: number | undefined;
    for (const message of [...this.#flying.values(), ...this.#waiting]) {
      const giveUpMs = message.acceptedMs + times.giveUpMs;
      const at = reachable ? Math.min(giveUpMs, message.nextMs) : giveUpMs;
      if (next === undefined || at < next) next = at;
    }
    return next;
  }
}
