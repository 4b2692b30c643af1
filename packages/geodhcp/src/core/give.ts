import type { Ipv4, Mac } from '@softset/base';
import type { Board, Cluster, GeoDhcp, GeoLease, Place } from '@softset/protocol';
import { giveAnswer, informAnswer, nakAnswer } from './answer.js';
import type { Effect } from './events.js';
import { macOf } from './request.js';
import { OFFER_MS, type Pending, type State } from './state.js';

export interface Setting {
  readonly geo: GeoDhcp;
  readonly networks: Cluster['networks'];
  /** This server. */
  readonly board: Board;
}

export interface Turn {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** 470, 590, 640: the lease is written down, then the client is told. */
export function give(
  state: State,
  asked: Pending,
  place: Place,
  ip: Ipv4,
  nowMs: number,
  wallMs: number,
  setting: Setting,
): Turn {
  const { request, network } = asked;
  const mac = macOf(request);
  const { leaseMs } = setting.geo;
  if (request.kind === 'rarp') {
    const bound = bind(state, place, ip, mac, 'rarp', undefined, nowMs, wallMs);
    return with_(
      bound,
      { kind: 'reverse-reply', network, mac, ip, asker: request.asker },
      { kind: 'count', what: 'rarp-answered' },
    );
  }
  const { message } = request;
  const giving = {
    place,
    ip,
    leaseMs,
    // Of the place's network: where both are one segment, the question may have come in by the other one, and the client
    // could not reach that address to renew.
    server: setting.board.addresses[place.network],
    subnet: setting.networks[place.network].subnet,
  };
  switch (request.kind) {
    case 'discover': {
      const reply = giveAnswer(message, 'offer', giving);
      const offers = new Map(state.offers).set(ip, { mac, untilMs: nowMs + OFFER_MS });
      return {
        state: { ...state, offers },
        effects: [
          { kind: 'reply', network, reply },
          { kind: 'count', what: 'offered' },
        ],
      };
    }
    case 'bootp': {
      const bound = bind(state, place, ip, mac, 'bootp', undefined, nowMs, wallMs);
      const reply = giveAnswer(message, 'bootp', giving);
      return with_(bound, { kind: 'reply', network, reply }, { kind: 'count', what: 'bootp-answered' });
    }
    case 'request': {
      const bound = bind(state, place, ip, mac, 'dhcp', leaseMs, nowMs, wallMs);
      return with_(
        bound,
        { kind: 'reply', network, reply: giveAnswer(message, 'ack', giving) },
        { kind: 'count', what: 'acked' },
      );
    }
    default: {
      const reply = informAnswer(message, giving);
      return {
        state,
        effects: [
          { kind: 'reply', network, reply },
          { kind: 'count', what: 'informed' },
        ],
      };
    }
  }
}

/** 530, 560, 580: only a REQUEST is told; whoever else asked, asks again. */
export function refuse(state: State, asked: Pending, why: string, setting: Setting): Turn {
  const { request, network } = asked;
  if (request.kind !== 'request') return { state, effects: [{ kind: 'count', what: 'ignored' }] };
  const reply = nakAnswer(request.message, setting.board.addresses[network], why);
  return {
    state,
    effects: [
      { kind: 'reply', network, reply },
      { kind: 'count', what: 'refused' },
    ],
  };
}

function with_({ state, effects }: Turn, ...more: readonly Effect[]): Turn {
  return { state, effects: [...effects, ...more] };
}

/**
 * The table of leases: one device for an address, one address for a device. Who had the address on this place was
 * replaced (002 ¶0064); where the device was before, its lease ends: it was moved.
 */
function bind(
  state: State,
  place: Place,
  ip: Ipv4,
  mac: Mac,
  by: GeoLease['by'],
  leaseMs: number | undefined,
  nowMs: number,
  wallMs: number,
): Turn {
  const bound = state.leases.get(ip);
  const before = bound?.lease;
  const same = before?.mac === mac;
  const notes: Effect[] = [];
  const note = (what: string, fields: Record<string, unknown>): void => {
    notes.push({
      kind: 'note',
      what,
      fields: { place: place.id, name: place.name, ip, mac, ...evidenceOf(state, mac), ...fields },
    });
  };
  const leases = new Map(state.leases);
  for (const [other, { lease }] of state.leases) {
    // A device with legs on both networks has a MAC for each, so a second address means that it was moved.
    if (lease.mac !== mac || other === ip) continue;
    leases.delete(other);
    note('moved', { from: lease.place, left: other });
  }
  if (before !== undefined && !same) note('replaced', { before: before.mac });
  else if (before === undefined) note('given', { by });
  const lease: GeoLease = {
    ip,
    mac,
    place: place.id,
    name: place.name,
    by,
    sinceMs: same ? before.sinceMs : wallMs,
    ...(leaseMs === undefined ? {} : { untilMs: wallMs + leaseMs }),
  };
  const boundMs = same ? (bound?.boundMs ?? nowMs) : nowMs;
  leases.set(ip, { lease, boundMs, endMs: nowMs + (leaseMs ?? Number.POSITIVE_INFINITY) });
  const offers = new Map(state.offers);
  offers.delete(ip);
  return { state: { ...state, leases, offers }, effects: notes };
}

/** Which switch said which port, after how many ms. */
export function evidenceOf(state: State, mac: Mac): { readonly evidence?: unknown } {
  const located = state.locations.get(mac)?.located;
  return located === undefined ? {} : { evidence: located.evidence };
}
