import type { Result } from '@softset/base';
import type { Envelope, TopicPosition } from '@softset/protocol/control.js';
import type { Numbered, Replay, TopicView } from './topic.js';

/** A topic as a connection sees it, whatever it carries. */
export interface AnyTopic {
  readonly origin: string;
  replay(after?: TopicPosition): Replay<unknown, unknown>;
  listen(listener: (change: Numbered<unknown>) => void): () => void;
  view(filter: unknown): Result<TopicView<unknown, unknown>>;
}

/** Where envelopes go, and whether the other side keeps up. */
export interface Outlet {
  send(envelope: Envelope): void;
  readonly congested: boolean;
}

/**
 *              congested                 drained
 *   flowing ──────────────► lagging ──────────────► flowing, from a snapshot
 *           `lagged`, once
 *
 * What waits for a slow subscriber is bounded: changes that it cannot take are not kept, for the snapshot holds them.
 */
export class ControlSubscription {
  readonly #id: number;
  readonly #topic: AnyTopic;
  readonly #view: TopicView<unknown, unknown>;
  readonly #outlet: Outlet;
  #stopListening = (): void => {};
  #sequence = 0;
  #lagging = false;

  constructor(id: number, topic: AnyTopic, view: TopicView<unknown, unknown>, outlet: Outlet) {
    this.#id = id;
    this.#topic = topic;
    this.#view = view;
    this.#outlet = outlet;
  }

  /** Call once the subscriber knows its number. */
  start(after?: TopicPosition): void {
    this.#sequence = after?.sequence ?? 0;
    this.#replay(after);
    this.#stopListening = this.#topic.listen((change) => this.#change(change));
  }

  /** The other side has read what waited. */
  drained(): void {
    if (!this.#lagging) return;
    this.#lagging = false;
    this.#replay();
  }

  stop(): void {
    this.#stopListening();
  }

  #replay(after?: TopicPosition): void {
    const replay = this.#topic.replay(after);
    if (replay.kind === 'changes') {
      for (const change of replay.changes) this.#change(change);
      return;
    }
    this.#sequence = replay.sequence;
    const data = this.#view.snapshot(replay.data);
    this.#outlet.send({ subscription: this.#id, sequence: replay.sequence, kind: 'snapshot', data });
  }

  #change({ sequence, data }: Numbered<unknown>): void {
    if (this.#lagging) return;
    const shown = this.#view.change(data);
    if (shown === undefined) return;
    if (this.#outlet.congested) {
      this.#lagging = true;
      this.#outlet.send({ subscription: this.#id, sequence: this.#sequence, kind: 'lagged' });
      return;
    }
    this.#sequence = sequence;
    this.#outlet.send({ subscription: this.#id, sequence, kind: 'change', data: shown });
  }
}
