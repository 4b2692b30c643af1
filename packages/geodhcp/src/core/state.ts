import type { Ipv4, Mac } from '@softset/base';
import type { GeoConflict, GeoDhcp, GeoLease, Network } from '@softset/protocol';
import type { Knowledge } from './judge.js';
import type { Located } from './lookup.js';
import type { Request } from './request.js';

/** A question that waits for the switches or the wire. One for each device: a newer one takes the place of an older. */
export interface Pending {
  readonly request: Request;
  readonly network: Network;
  readonly startedMs: number;
  /** Given up then, whatever never came back. */
  readonly untilMs: number;
  /** The MAC or address about which it waits for news. */
  readonly needs?: Mac | Ipv4;
}

/** Both times are monotonic: the wall clock may step. */
export interface Bound {
  readonly lease: GeoLease;
  /** When this device got it; not when it renewed it. */
  readonly boundMs: number;
  readonly endMs: number;
}

export interface Location {
  readonly located: Located;
  readonly atMs: number;
}

/** What outlives geodhcpd. None of it decides who gets which address: it tells an old device from a stranger. */
export interface Kept {
  readonly leases: readonly GeoLease[];
  readonly conflicts: readonly Mark['conflict'][];
  readonly shared: readonly string[];
}

/** An address that is left alone (460, 580). */
export interface Mark {
  readonly conflict: Omit<GeoConflict, 'untilMs'>;
  /** When it is listened for again; monotonic. */
  readonly untilMs: number;
}

/** Who answered for an address, null while nobody has, and how often the switches were asked where that is. */
export interface Sought {
  readonly by: Mac | null;
  readonly tries: number;
}

export interface State {
  readonly answering: boolean;
  readonly leases: ReadonlyMap<Ipv4, Bound>;
  readonly offers: ReadonlyMap<Ipv4, { readonly mac: Mac; readonly untilMs: number }>;
  readonly marks: ReadonlyMap<Ipv4, Mark>;
  readonly pending: ReadonlyMap<Mac, Pending>;
  /** The last question of a device, and by which network it came. */
  readonly heard: ReadonlyMap<Mac, Pick<Pending, 'request' | 'network' | 'startedMs'>>;
  readonly locations: ReadonlyMap<Mac, Location>;
  readonly probes: ReadonlyMap<Ipv4, { readonly by: Mac | null; readonly atMs: number }>;
  /** MACs and addresses that somebody is asking about at this moment: one look-up for each MAC in flight. */
  readonly asking: ReadonlySet<string>;
  /** Ports with more devices than addresses, alarmed until a time. */
  readonly shared: ReadonlyMap<string, number>;
  /** Addresses without a lease that the wire is asked for when the duty begins, and who answered (`seek`). */
  readonly sought: ReadonlyMap<Ipv4, Sought>;
  /** Whether a switch failed to answer when it was asked last; absent before it was asked. */
  readonly silent: ReadonlyMap<string, boolean>;
}

/** Questions that wait at once. Beyond it, a device that has a lease takes the place of the oldest that has none. */
export const PENDING_MAX = 256;
/** What the switches said is kept for so many MACs; more come in a flood only. */
export const LOCATIONS_MAX = 1024;
/** On two networks that are one segment, each question comes twice, by so much apart at most. */
export const COPY_MS = 200;
/** A silent address is good from the offer until the request. */
export const PROBE_GOOD_MS = 5000;
/** A client takes an offer at once, or after its own probes (RFC 5227: up to 7 s). */
export const OFFER_MS = 10_000;

export const initial: State = {
  answering: false,
  leases: new Map(),
  offers: new Map(),
  marks: new Map(),
  pending: new Map(),
  heard: new Map(),
  locations: new Map(),
  probes: new Map(),
  asking: new Set(),
  shared: new Map(),
  sought: new Map(),
  silent: new Map(),
};

/** A port that had too many devices is not called so any more after this long. */
export const SHARED_MS = 600_000;

/**
 * What an earlier life kept. The rest of a lease is measured by the wall clock, and never longer than a whole one,
 * however the clock was set meanwhile. Addresses that were unusable are listened for at once.
 */
export function restored(kept: Kept, config: GeoDhcp, nowMs: number, wallMs: number): State {
  // The port map may have changed: an address that is at another place now is nobody's.
  const homes = new Map(config.places.flatMap((place) => place.addresses.map((ip) => [ip, place.id] as const)));
  const leases = kept.leases.flatMap((lease) => {
    const restMs =
      lease.untilMs === undefined ? Number.POSITIVE_INFINITY : Math.min(lease.untilMs - wallMs, config.leaseMs);
    const valid = restMs > 0 && homes.get(lease.ip) === lease.place;
    return valid ? [[lease.ip, { lease, boundMs: Number.NEGATIVE_INFINITY, endMs: nowMs + restMs }] as const] : [];
  });
  const marks = kept.conflicts
    .filter(({ ip }) => homes.has(ip))
    .map((conflict) => [conflict.ip, { conflict, untilMs: nowMs }] as const);
  return {
    ...initial,
    leases: new Map(leases),
    marks: new Map(marks),
    shared: new Map(kept.shared.map((place) => [place, nowMs + SHARED_MS])),
  };
}

export function keptOf(state: State): Kept {
  return {
    leases: [...state.leases.values()].map(({ lease }) => lease),
    conflicts: [...state.marks.values()].map(({ conflict }) => conflict),
    shared: [...state.shared.keys()],
  };
}

/** What is known for one question: news must be newer than the question, or fresh enough. */
export function knowledgeFor(state: State, startedMs: number, config: GeoDhcp): Knowledge {
  return {
    location: (mac) => {
      const known = state.locations.get(mac);
      if (known === undefined) return undefined;
      // Only a port is believed for a while: whatever else was said, the table may have moved on.
      const sinceMs = known.located.kind === 'port' ? startedMs - config.locationMs : startedMs;
      return known.atMs >= sinceMs ? known.located : undefined;
    },
    usedBy: (ip) => {
      const known = state.probes.get(ip);
      if (known === undefined) return undefined;
      // Silence holds from the offer to the request; who answered may have been pulled out since.
      const sinceMs = known.by === null ? startedMs - PROBE_GOOD_MS : startedMs;
      return known.atMs >= sinceMs ? known.by : undefined;
    },
    holder: (ip) => {
      const offer = state.offers.get(ip);
      if (offer !== undefined && offer.untilMs > startedMs) return { mac: offer.mac, state: 'offered' };
      const bound = state.leases.get(ip);
      if (bound === undefined) return undefined;
      // It may not answer for it yet: clients take a moment, and some probe before.
      const fresh = bound.boundMs + OFFER_MS > startedMs;
      return { mac: bound.lease.mac, state: fresh ? 'fresh' : 'bound' };
    },
    unusable: (ip) => state.marks.has(ip),
  };
}
