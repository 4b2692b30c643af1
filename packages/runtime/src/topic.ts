import { randomUUID } from 'node:crypto';
import { BoundedQueue, ok, type Result } from '@softset/base';
import type { TopicPosition } from '@softset/protocol/control.js';

export interface Numbered<C> {
  readonly sequence: number;
  readonly data: C;
}

/** What one subscriber is shown of a topic. */
export interface TopicView<S, C> {
  snapshot(whole: S): S;
  /** Undefined: this change is not for the subscriber. */
  change(change: C): C | undefined;
}

export interface TopicOptions<S, C> {
  /** The whole as it stands now: publish a change only after the state holds it. */
  readonly snapshot: () => S;
  /** Changes kept for those who resume (default 256). */
  readonly history?: number;
  /** Reads a subscriber's filter, which is untrusted. Without it a topic takes no filter. */
  readonly view?: (filter: unknown) => Result<TopicView<S, C>>;
  /** Names this life of the topic (default: a new UUID). */
  readonly origin?: string;
}

/** Where a subscriber goes on: with the changes that it missed, or from a snapshot. */
export type Replay<S, C> =
  | { readonly kind: 'changes'; readonly changes: readonly Numbered<C>[] }
  | { readonly kind: 'snapshot'; readonly sequence: number; readonly data: S };

/** A whole that changes by numbered steps, from 1. */
export class Topic<S, C> {
  readonly origin: string;
  readonly #options: TopicOptions<S, C>;
  readonly #history: BoundedQueue<Numbered<C>>;
  readonly #listeners = new Set<(change: Numbered<C>) => void>();
  #sequence = 0;

  constructor(options: TopicOptions<S, C>) {
    this.#options = options;
    this.origin = options.origin ?? randomUUID();
    this.#history = new BoundedQueue(options.history ?? 256);
  }

  /** Number of the last change; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether anybody listens. */
  get heeded(): boolean {
    return this.#listeners.size > 0;
  }

  publish(data: C): void {
    const change = { sequence: ++this.#sequence, data };
    this.#history.push(change);
    for (const listener of this.#listeners) listener(change);
  }

  /** Called with each change from now on, in order, until the returned function is called. Must not throw. */
  listen(listener: (change: Numbered<C>) => void): () => void {
    // Wrapped, so that one function may listen twice.
    const own = (change: Numbered<C>): void => listener(change);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** What follows `after`: changes while the history still reaches back to it within this life, else a snapshot. */
  replay(after?: TopicPosition): Replay<S, C> {
    const changes = this.#history.toArray();
    const oldest = changes[0]?.sequence ?? this.#sequence + 1;
    const reaches = after?.origin === this.origin && after.sequence >= oldest - 1 && after.sequence <= this.#sequence;
    if (after === undefined || !reaches) {
      return { kind: 'snapshot', sequence: this.#sequence, data: this.#options.snapshot() };
    }
    return { kind: 'changes', changes: changes.filter((change) => change.sequence > after.sequence) };
  }

  /** Error: `FILTER_UNSUPPORTED`, or what the topic's own reader of filters says. */
  view(filter: unknown): Result<TopicView<S, C>> {
    if (filter === undefined) return ok({ snapshot: (whole) => whole, change: (change) => change });
    if (this.#options.view !== undefined) return this.#options.view(filter);
    return { ok: false, code: 'FILTER_UNSUPPORTED', message: 'this topic takes no filter' };
  }
}
