import { unreachable } from '@softset/base';
import { type BoardId, NETWORKS, type Network } from '@softset/protocol/cluster.js';
import { RELAY_PAYLOAD_MAX, type RelayFrame, type RelayKind } from './frame.js';
import { adoptLife, beginGreeting, isOldLife, newPeer, sameLife, wantsGreeting } from './peer.js';
import type { Peer, RelayConfig, RelayCount, RelayDrop, RelayEffect, RelayEvent, RelayState } from './types.js';

/**
 * The relay between boards: small messages, on both networks at once, in order, each at most once.
 *
 * What is known of one peer's life (boot, start of its netrackd):
 * ```
 *             a frame that names my life            a frame of a newer life that names mine:
 *  unknown ──────────────────────────────► known ──┐ streams begin anew, what was in flight is dropped
 *     │ hello, again and again                ▲────┘ a frame that names an older life of mine: welcome, and no more
 * ```
 * Every frame but a hello names the life of its receiver. So nothing recorded before a daemon's start is ever taken
 * after it, and nothing sent to one life of a board is delivered to the next, where it might be delivered twice.
 */

/** Datagrams that wait for a peer to say who it is; the oldest goes first. */
const DATAGRAMS_MAX = 32;
const NOTHING = new Uint8Array(0);
const REFUSALS = { duplicate: 'RELAY_DUPLICATE', late: 'RELAY_LATE', ahead: 'RELAY_AHEAD' } as const;

export function initialRelay(config: RelayConfig): RelayState {
  const others = config.peers.filter((board) => board !== config.self);
  return { peers: new Map(others.map((board) => [board, newPeer(board, config)])), counts: {}, wakeAtMs: undefined };
}

/**
 * Changes `state` in place and returns it: a step happens for each of some thousand frames a second, and a copy of 64
 * peers with their queues would cost more than the sending.
 */
export function stepRelay(
  state: RelayState,
  event: RelayEvent,
  nowMs: number,
  config: RelayConfig,
): { readonly state: RelayState; readonly effects: readonly RelayEffect[] } {
  const turn = new Turn(state, nowMs, config);
  turn.take(event);
  turn.work();
  turn.wake(event.kind === 'tick');
  return { state, effects: turn.effects };
}

/** One step: what is at hand while it lasts. */
class Turn {
  readonly effects: RelayEffect[] = [];
  readonly #state: RelayState;
  readonly #nowMs: number;
  readonly #config: RelayConfig;

  constructor(state: RelayState, nowMs: number, config: RelayConfig) {
    this.#state = state;
    this.#nowMs = nowMs;
    this.#config = config;
  }

  take(event: RelayEvent): void {
    switch (event.kind) {
      case 'start':
        for (const peer of this.#state.peers.values()) beginGreeting(peer, this.#nowMs, this.#config);
        break;
      case 'send': {
        const refusal = this.#send(event.id, event.to, event.payload);
        if (refusal !== undefined) this.#drop(event.id, event.to, refusal);
        break;
      }
      case 'datagram':
        this.#datagram(event.to, event.payload);
        break;
      case 'frame': {
        const refusal = this.#frame(event.network, event.frame);
        if (refusal !== undefined) this.#count(refusal);
        break;
      }
      case 'tick':
        break;
      case 'peer-up':
      case 'peer-down':
        this.#judged(event.peer, event.kind === 'peer-up');
        break;
      default:
        unreachable(event, 'relay event');
    }
  }

  #send(id: number, to: BoardId, payload: Uint8Array): RelayDrop | undefined {
    const peer = this.#state.peers.get(to);
    if (peer === undefined) return 'RELAY_UNKNOWN_BOARD';
    if (payload.length > RELAY_PAYLOAD_MAX) return 'RELAY_TOO_LARGE';
    if (!peer.up) return 'RELAY_PEER_DOWN';
    return peer.outbox.push(id, payload, this.#nowMs, this.#config) ? undefined : 'RELAY_FULL';
  }

  #datagram(to: BoardId | 'all', payload: Uint8Array): void {
    const peers = to === 'all' ? this.#state.peers.values() : [this.#state.peers.get(to)];
    for (const peer of peers) {
      if (peer === undefined || payload.length > RELAY_PAYLOAD_MAX) {
        this.#count('RELAY_DATAGRAM_DROPPED');
        continue;
      }
      peer.datagrams.push({ payload, acceptedMs: this.#nowMs });
      if (peer.datagrams.length > DATAGRAMS_MAX) {
        peer.datagrams.shift();
        this.#count('RELAY_DATAGRAM_DROPPED');
      }
    }
  }

  #judged(board: BoardId, up: boolean): void {
    const peer = this.#state.peers.get(board);
    if (peer === undefined || peer.up === up) return;
    peer.up = up;
    if (up) beginGreeting(peer, this.#nowMs, this.#config);
    else for (const { id } of peer.outbox.clear()) this.#drop(id, board, 'RELAY_PEER_DOWN');
  }

  #frame(network: Network, frame: RelayFrame): RelayCount | undefined {
    if (frame.network !== network) return 'RELAY_WRONG_NETWORK';
    if (frame.to !== this.#config.self) return 'RELAY_NOT_MINE';
    const peer = this.#state.peers.get(frame.from);
    if (peer === undefined) return 'RELAY_UNKNOWN_BOARD';
    if (isOldLife(peer, frame.life)) return 'RELAY_OLD_LIFE';
    if (frame.kind === 'hello') {
      this.#welcome(peer, frame);
      // A hello may be a recording: it is a reason to ask, never to believe.
      if (!sameLife(peer.life, frame.life) && peer.greetings === 0) beginGreeting(peer, this.#nowMs, this.#config);
      return undefined;
    }
    if (!sameLife(frame.toLife, this.#config.life)) {
      // Its sender knows an earlier life of ours: without an answer it would repeat itself until it gives up.
      this.#welcome(peer, frame);
      return 'RELAY_OLD_LIFE';
    }
    if (!sameLife(peer.life, frame.life)) {
      const lost = adoptLife(peer, frame.life, this.#config);
      for (const id of lost) this.#drop(id, peer.board, 'RELAY_PEER_RESTARTED');
    }
    peer.greetings = 0;
    return this.#message(peer, frame);
  }

  #message(peer: Peer, frame: RelayFrame): RelayCount | undefined {
    const { kind, sequence, floor, attempt, payload } = frame;
    if (kind === 'data') {
      const { deliver, answer, verdict } = peer.inbox.accept(sequence, floor, attempt, payload, this.#nowMs);
      for (const due of deliver) this.effects.push({ kind: 'deliver', from: peer.board, payload: due });
      // By both networks, whichever it came by: each may work in one direction alone.
      if (answer !== 'none') this.#transmit(peer, answer, { sequence, attempt });
      return verdict === 'new' ? undefined : REFUSALS[verdict];
    }
    if (kind === 'datagram') {
      if (!peer.inbox.datagrams.admit(sequence)) return 'RELAY_DUPLICATE';
      this.effects.push({ kind: 'deliver-datagram', from: peer.board, payload });
    }
    const settled = kind === 'ack' || kind === 'nack' ? peer.outbox.settle(sequence) : undefined;
    if (settled === undefined) return undefined;
    if (kind === 'ack') this.effects.push({ kind: 'arrived', id: settled.id, to: peer.board });
    else this.#drop(settled.id, peer.board, 'RELAY_LATE');
    return undefined;
  }

  /** At most one in a retry time: whoever asks, asks twice, and a recording may ask without end. */
  #welcome(peer: Peer, frame: RelayFrame): void {
    if (this.#nowMs - peer.welcomedMs < this.#config.retryMs / 2) return;
    peer.welcomedMs = this.#nowMs;
    this.#transmit({ ...peer, life: frame.life }, 'welcome', {});
  }

  /** What every peer wants now, whatever happened. */
  work(): void {
    for (const peer of this.#state.peers.values()) {
      const gap = peer.inbox.skip(this.#nowMs, this.#config.gapMs);
      if (gap.skipped > 0) this.#count('RELAY_SKIPPED', gap.skipped);
      for (const payload of gap.deliver) this.effects.push({ kind: 'deliver', from: peer.board, payload });
      for (const { id } of peer.outbox.expired(this.#nowMs, this.#config)) this.#drop(id, peer.board, 'RELAY_TIMEOUT');
      this.#datagrams(peer);
      for (const { sequence, attempt, payload } of peer.outbox.due(
        this.#nowMs,
        peer.life !== undefined,
        this.#config,
      )) {
        this.#transmit(peer, 'data', { sequence, attempt, payload, floor: peer.outbox.floor });
      }
      this.#greet(peer);
    }
  }

  #datagrams(peer: Peer): void {
    if (peer.datagrams.length === 0) return;
    if (peer.life !== undefined) {
      for (const { payload } of peer.datagrams) {
        this.#transmit(peer, 'datagram', { sequence: peer.datagramSequence++, payload });
      }
      peer.datagrams = [];
      return;
    }
    const before = peer.datagrams.length;
    peer.datagrams = peer.datagrams.filter((d) => this.#nowMs < d.acceptedMs + this.#config.retryMaxMs);
    this.#count('RELAY_DATAGRAM_DROPPED', before - peer.datagrams.length);
  }

  #greet(peer: Peer): void {
    if (!wantsGreeting(peer) || peer.greetAtMs > this.#nowMs) return;
    this.#transmit({ ...peer, life: undefined }, 'hello', {});
    peer.greetings = Math.max(0, peer.greetings - 1);
    peer.greetAtMs = this.#nowMs + peer.greetWaitMs;
    peer.greetWaitMs = Math.min(peer.greetWaitMs * 2, this.#config.retryMaxMs);
  }

  #transmit(peer: Peer, kind: RelayKind, rest: Partial<RelayFrame>): void {
    const { cluster, self, life } = this.#config;
    const to = peer.life === undefined ? {} : { toLife: peer.life };
    for (const network of NETWORKS) {
      const fixed = { kind, network, cluster, from: self, to: peer.board, life, ...to };
      const frame = { attempt: 0, sequence: 0, floor: 0, payload: NOTHING, ...rest, ...fixed };
      this.effects.push({ kind: 'transmit', network, frame });
    }
  }

  #drop(id: number, to: BoardId, code: RelayDrop): void {
    this.effects.push({ kind: 'dropped', id, to, code });
  }

  #count(code: RelayCount, by = 1): void {
    if (by > 0) this.#state.counts[code] = (this.#state.counts[code] ?? 0) + by;
  }

  /** One timer for all peers; said again only when it changed, or when the one that was said has rung. */
  wake(rang: boolean): void {
    let next: number | undefined;
    for (const peer of this.#state.peers.values()) {
      for (const at of timers(peer, this.#config)) if (next === undefined || at < next) next = at;
    }
    const known = rang ? undefined : this.#state.wakeAtMs;
    this.#state.wakeAtMs = next;
    if (next !== undefined && next !== known) this.effects.push({ kind: 'wake', atMs: next });
  }
}

function timers(peer: Peer, config: RelayConfig): number[] {
  const greetMs = wantsGreeting(peer) ? peer.greetAtMs : undefined;
  const oldest = peer.datagrams[0];
  const dropMs = oldest === undefined ? undefined : oldest.acceptedMs + config.retryMaxMs;
  const gapMs = peer.inbox.gapEndsMs(config.gapMs);
  return [greetMs, dropMs, gapMs, peer.outbox.nextMs(peer.life !== undefined, config)].filter((at) => at !== undefined);
}
