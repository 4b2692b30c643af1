import type { Result } from '@softset/base';
import {
  decodeEnvelope,
  decodeSubscribeResult,
  type Envelope,
  subscribeMethod,
  type TopicPosition,
  unsubscribeMethod,
} from '@softset/protocol/control.js';

export interface SubscriptionHandlers {
  readonly onSnapshot: (snapshot: unknown, sequence: number) => void;
  readonly onChange: (change: unknown, sequence: number) => void;
  readonly onLagged?: () => void;
  readonly onRefused?: (failure: { readonly code: string; readonly message: string }) => void;
}

type Request = (method: string, params: unknown) => Promise<Result<unknown>>;

/** Pause before a refused or unanswered subscription is asked for again on the same connection. */
const askAgainMs = 1_000;
/** Envelopes that may overtake the promise of the answer that names their subscription: one resume of a topic's history. */
const earlyMax = 4_096;

/**
 *          connected            answered              gap in the sequence
 *   idle ─────────────► asking ─────────────► flowing ────────────────────► asking, after the last in order
 *    ▲                    │ refused: asks again in 1 s   │
 *    └────────────────────┴────── disconnected ──────────┘   the position is kept
 */
export class ClientSubscription {
  readonly #topic: string;
  readonly #filter: unknown;
  readonly #handlers: SubscriptionHandlers;
  readonly #request: Request;
  #number: number | undefined;
  #position: TopicPosition | undefined;
  /** Counts attempts: an answer to an earlier one finds itself outdated. */
  #attempt = 0;
  #early: Envelope[] = [];
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(topic: string, filter: unknown, handlers: SubscriptionHandlers, request: Request) {
    this.#topic = topic;
    this.#filter = filter;
    this.#handlers = handlers;
    this.#request = request;
  }

  connected(): void {
    this.#ask();
  }

  disconnected(): void {
    this.#forget();
  }

  close(): void {
    const number = this.#number;
    this.#closed = true;
    this.#forget();
    if (number !== undefined) void this.#request(unsubscribeMethod, { subscription: number });
  }

  /** Any subscription's envelope: the number tells whether it is ours. */
  receive(params: unknown): void {
    const envelope = decodeEnvelope(params);
    if (!envelope.ok) return;
    if (this.#number === undefined) {
      // The answer's promise resolves a turn later than its message came; what came behind it waits here.
      if (this.#early.length < earlyMax) this.#early.push(envelope.value);
    } else if (envelope.value.subscription === this.#number) {
      this.#take(envelope.value);
    }
  }

  #ask(): void {
    this.#forget();
    const attempt = ++this.#attempt;
    const after = this.#position;
    const params = {
      topic: this.#topic,
      ...(after && { after }),
      ...(this.#filter !== undefined && { filter: this.#filter }),
    };
    void this.#request(subscribeMethod, params).then((answer) => {
      if (attempt !== this.#attempt) {
        this.#leave(answer);
        return;
      }
      const result = answer.ok ? decodeSubscribeResult(answer.value) : answer;
      if (!result.ok) {
        // A lost connection is not a refusal: the next one asks again.
        if (result.code !== 'CONNECTION_LOST' && result.code !== 'NOT_CONNECTED') this.#handlers.onRefused?.(result);
        this.#again = setTimeout(() => this.#ask(), askAgainMs);
        return;
      }
      const { subscription, origin } = result.value;
      this.#number = subscription;
      // Another life of the topic: its numbers mean something else, and a snapshot is on its way.
      if (this.#position?.origin !== origin) this.#position = { origin, sequence: -1 };
      for (const envelope of this.#early.splice(0)) if (envelope.subscription === subscription) this.#take(envelope);
    });
  }

  /** An attempt that was given up meanwhile may have made a subscription, which nobody would ever end. */
  #leave(answer: Result<unknown>): void {
    const late = answer.ok ? decodeSubscribeResult(answer.value) : answer;
    if (late.ok) void this.#request(unsubscribeMethod, { subscription: late.value.subscription });
  }

  #take(envelope: Envelope): void {
    const position = this.#position;
    if (position === undefined || this.#closed) return;
    const { sequence } = envelope;
    if (envelope.kind === 'lagged') {
      this.#handlers.onLagged?.();
    } else if (envelope.kind === 'snapshot') {
      this.#position = { origin: position.origin, sequence };
      this.#handlers.onSnapshot(envelope.data, sequence);
    } else if (this.#follows(position.sequence, sequence)) {
      this.#position = { origin: position.origin, sequence };
      this.#handlers.onChange(envelope.data, sequence);
    } else if (sequence > position.sequence) {
      const number = this.#number;
      this.#ask(); // A gap: the server still has what is missing, or sends a snapshot.
      void this.#request(unsubscribeMethod, { subscription: number });
    }
  }

  /** A filter leaves out changes, so numbers then only rise. A change before any snapshot follows nothing. */
  #follows(last: number, next: number): boolean {
    if (last < 0) return false;
    return this.#filter === undefined ? next === last + 1 : next > last;
  }

  #forget(): void {
    clearTimeout(this.#again);
    this.#attempt++;
    this.#number = undefined;
    this.#early = [];
  }
}
