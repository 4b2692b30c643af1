import type { Random } from '@softset/base';
import type { Life, RelayFrame } from '@softset/netrack/core/relay/frame.js';
import { initialRelay, stepRelay } from '@softset/netrack/core/relay/relay.js';
import {
  RELAY_DEFAULTS,
  type RelayConfig,
  type RelayEffect,
  type RelayEvent,
} from '@softset/netrack/core/relay/types.js';
import type { Network } from '@softset/protocol/cluster.js';

export interface Weather {
  readonly loss: number;
  readonly doubling: number;
  readonly delayMaxMs: number;
}
export const FAIR: Weather = { loss: 0, doubling: 0, delayMaxMs: 0.1 };

interface Flight {
  readonly atMs: number;
  readonly network: Network;
  readonly frame: RelayFrame;
}

const text = new TextDecoder();
export const payload = (words: string): Uint8Array => new TextEncoder().encode(words);
export const lifeOf = (boot: number, session: number): Life => ({ boot: boot.toString(16).padStart(16, '0'), session });

/** One board's relay, and everything that it ever said. */
export class Node {
  readonly config: RelayConfig;
  readonly state;
  readonly delivered: string[] = [];
  readonly datagrams: string[] = [];
  readonly arrived: number[] = [];
  readonly dropped: string[] = [];
  wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(self: number, life: Life, overrides: Partial<RelayConfig> = {}) {
    this.config = { ...RELAY_DEFAULTS, cluster: 7, self, life, peers: [1, 2, 3], ...overrides };
    this.state = initialRelay(this.config);
  }

  take(event: RelayEvent, nowMs: number): readonly RelayEffect[] {
    if (event.kind === 'tick') this.wakeAtMs = Number.POSITIVE_INFINITY;
    const { effects } = stepRelay(this.state, event, nowMs, this.config);
    for (const effect of effects) {
      if (effect.kind === 'deliver') this.delivered.push(`${effect.from}:${text.decode(effect.payload)}`);
      if (effect.kind === 'deliver-datagram') this.datagrams.push(`${effect.from}:${text.decode(effect.payload)}`);
      if (effect.kind === 'arrived') this.arrived.push(effect.id);
      if (effect.kind === 'dropped') this.dropped.push(`${effect.id} ${effect.code}`);
      if (effect.kind === 'wake') this.wakeAtMs = effect.atMs;
    }
    return effects;
  }
}

/** Boards, two networks and a virtual clock. */
export class World {
  nowMs = 1000;
  weather = FAIR;
  readonly nodes = new Map<number, Node>();
  /** Directions that pass nothing: `A 1>2`. */
  readonly cut = new Set<string>();
  readonly #random: Random;
  #flights: Flight[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  start(self: number, life: Life, overrides: Partial<RelayConfig> = {}): Node {
    const node = new Node(self, life, overrides);
    this.nodes.set(self, node);
    this.take(self, { kind: 'start' });
    return node;
  }

  take(self: number, event: RelayEvent): void {
    for (const effect of this.nodes.get(self)?.take(event, this.nowMs) ?? []) {
      if (effect.kind === 'transmit') this.#send(effect.network, effect.frame);
    }
  }

  send(from: number, to: number, id: number, words = `m${id}`): void {
    this.take(from, { kind: 'send', id, to, payload: payload(words) });
  }

  #send(network: Network, frame: RelayFrame): void {
    if (this.cut.has(`${network} ${frame.from}>${frame.to}`) || this.#random.chance(this.weather.loss)) return;
    for (let copies = this.#random.chance(this.weather.doubling) ? 2 : 1; copies > 0; copies--) {
      this.#flights.push({ atMs: this.nowMs + this.#random.next() * this.weather.delayMaxMs, network, frame });
    }
  }

  /** Everything that happens in the next `ms`, in order of time. */
  run(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let events = 0; events < 200_000; events++) {
      const flight = this.#flights.reduce<Flight | undefined>((a, b) => (a && a.atMs <= b.atMs ? a : b), undefined);
      const ring = [...this.nodes.values()].reduce((a, b) => (a.wakeAtMs <= b.wakeAtMs ? a : b));
      const atMs = Math.min(flight?.atMs ?? Number.POSITIVE_INFINITY, ring.wakeAtMs);
      if (atMs > endMs) {
        this.nowMs = endMs;
        return;
      }
      this.nowMs = Math.max(this.nowMs, atMs);
      if (flight !== undefined && flight.atMs === atMs) {
        this.#flights = this.#flights.filter((f) => f !== flight);
        this.take(flight.frame.to, { kind: 'frame', network: flight.network, frame: flight.frame });
      } else this.take(ring.config.self, { kind: 'tick' });
    }
    throw new Error('the relay never comes to rest');
  }
}
