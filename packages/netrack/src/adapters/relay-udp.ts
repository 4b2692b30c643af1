import { fail, ok, type Result } from '@softset/base';
import type { Sealer } from '@softset/protocol/beat.js';
import { type BoardId, boardById, type Cluster, NETWORKS, type Network } from '@softset/protocol/cluster.js';
import type { Logger } from '@softset/runtime/log.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { decodeRelayFrame, encodeRelayFrame, type RelayFrame } from '../core/relay/frame.js';
import { initialRelay, stepRelay } from '../core/relay/relay.js';
import {
  RELAY_DEFAULTS,
  type RelayConfig,
  type RelayDrop,
  type RelayEffect,
  type RelayEvent,
} from '../core/relay/types.js';
import { RelayPort } from './relay-port.js';

export interface RelayOptions {
  readonly cluster: Cluster;
  readonly board: BoardId;
  /** Kernel boot id, 16 hexadecimal digits. */
  readonly boot: string;
  /** Which start of netrackd in this boot, from 1. Never the same twice. */
  readonly session: number;
  readonly sealer: Sealer;
  /** In order, at most once. A JSON value that nobody has checked. */
  readonly onDeliver: (from: BoardId, value: unknown) => void;
  readonly onDatagram: (from: BoardId, value: unknown) => void;
  /** A message that had been accepted by `send` will not, or may not, have been delivered. */
  readonly onDropped?: (id: number, to: BoardId, code: RelayDrop) => void;
  readonly log: Logger;
}

export interface Relay {
  /** Accepts a JSON value for ordered delivery and returns its number; the failure's code is a `RelayDrop`. */
  send(to: BoardId, payload: unknown): Result<number, RelayDrop>;
  /** Sent once, to one board or to all, with neither order nor acknowledgement. */
  datagram(to: BoardId | 'all', payload: unknown): void;
  /** What the pulse says: a peer that is down is not waited for. */
  peer(board: BoardId, up: boolean): void;
  /** Counts since the start by code: frames refused, sends that failed (`RELAY_SEND_…`), `sent`, `received`. */
  stats(): Readonly<Record<string, number>>;
  close(): void;
}

/** The relay of this board: its core, two sockets and one timer. Never fails: a network that is not there is retried. */
export function openRelay(options: RelayOptions): Relay {
  const { cluster, board, sealer, log } = options;
  const config: RelayConfig = {
    ...RELAY_DEFAULTS,
    cluster: cluster.number,
    self: board,
    life: { boot: options.boot, session: options.session },
    peers: cluster.boards.map(({ id }) => id),
  };
  const state = initialRelay(config);
  const counts = new Map<string, number>();
  const count = (code: string): void => void counts.set(code, (counts.get(code) ?? 0) + 1);
  let timer: NodeJS.Timeout | undefined;
  let nextId = 1;
  let closed = false;

  const receive = (network: Network, bytes: Uint8Array): void => {
    const frame = decodeRelayFrame(bytes, cluster.number, sealer);
    if (!frame.ok) {
      count(frame.code);
      return;
    }
    count('received');
    take({ kind: 'frame', network, frame: frame.value });
  };
  const ports = NETWORKS.map((network) => new RelayPort(network, { cluster, board, log, receive, count }));

  const transmit = (network: Network, frame: RelayFrame): void => {
    const ip = boardById(cluster, frame.to)?.addresses[network];
    const port = ports.find((p) => p.network === network);
    if (ip !== undefined) port?.send(encodeRelayFrame(frame, sealer), ip);
  };
  const deliver = (to: (from: BoardId, value: unknown) => void, from: BoardId, payload: Uint8Array): void => {
    const value = fromJson(payload);
    if (value.ok) to(from, value.value);
    else count(value.code);
  };
  const perform = (effect: RelayEffect): void => {
    if (effect.kind === 'transmit') transmit(effect.network, effect.frame);
    else if (effect.kind === 'deliver') deliver(options.onDeliver, effect.from, effect.payload);
    else if (effect.kind === 'deliver-datagram') deliver(options.onDatagram, effect.from, effect.payload);
    else if (effect.kind === 'wake') arm(effect.atMs);
    else if (effect.kind === 'dropped') {
      count(effect.code);
      log.debug('relay-dropped', { peer: effect.to, code: effect.code });
      options.onDropped?.(effect.id, effect.to, effect.code);
    }
  };
  const pending: RelayEffect[] = [];
  let performing = false;
  /** `ownId`: the message that this event offers; its refusal is the answer of `send`, not news for `onDropped`. */
  const take = (event: RelayEvent, ownId = 0): RelayDrop | undefined => {
    const { effects } = stepRelay(state, event, nowMs(), config);
    const refusal = effects.find((effect) => effect.kind === 'dropped' && effect.id === ownId);
    pending.push(...effects.filter((effect) => effect !== refusal));
    // A callback that sends comes here again: its effects follow those under way, or deliveries would lose their order.
    if (!performing) {
      performing = true;
      try {
        for (let next = pending.shift(); next !== undefined; next = pending.shift()) perform(next);
      } finally {
        performing = false;
      }
    }
    return refusal?.kind === 'dropped' ? refusal.code : undefined;
  };
  const arm = (atMs: number): void => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(() => void take({ kind: 'tick' }), Math.max(0, Math.ceil(atMs - nowMs())));
  };

  take({ kind: 'start' });
  return {
    send: (to, payload) => {
      const id = nextId++;
      const refusal = take({ kind: 'send', id, to, payload: toJson(payload) }, id);
      return refusal === undefined ? ok(id) : fail(refusal, `message to board ${to}: ${refusal}`);
    },
    datagram: (to, payload) => void take({ kind: 'datagram', to, payload: toJson(payload) }),
    peer: (peer, up) => void take({ kind: up ? 'peer-up' : 'peer-down', peer }),
    stats: () => ({ ...Object.fromEntries(counts), ...state.counts }),
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const port of ports) port.close();
    },
  };
}

function toJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value ?? null));
}

function fromJson(bytes: Uint8Array): Result<unknown, 'RELAY_NOT_JSON'> {
  try {
    return ok(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    return fail('RELAY_NOT_JSON', 'payload is not JSON', cause);
  }
}
