import type { Ipv4 } from '@softset/base';
import type { GeoDhcp, Place } from '@softset/protocol';
import type { DhcpMessage } from './dhcp-message.js';
import { ANY } from './dhcp-message.js';
import { OPTION } from './dhcp-options.js';
import type { Located } from './lookup.js';

/** The port map, by each way in which a place is found. */
export interface Places {
  readonly byId: ReadonlyMap<string, Place>;
  readonly byAddress: ReadonlyMap<Ipv4, Place>;
  readonly byCircuit: ReadonlyMap<string, Place>;
}

export function placesOf(config: Pick<GeoDhcp, 'places'>): Places {
  const { places } = config;
  return {
    byId: new Map(places.map((place) => [place.id, place])),
    byAddress: new Map(places.flatMap((place) => place.addresses.map((ip) => [ip, place] as const))),
    byCircuit: new Map(places.flatMap((place) => (place.circuitId === undefined ? [] : [[place.circuitId, place]]))),
  };
}

/**
 * The place of a port that was found; the map may name an aggregate, one of its members, or the other way round.
 * `ambiguous` where the names of one port lead to several places.
 */
export function placeOf(places: Places, located: Extract<Located, { kind: 'port' }>): Place | 'ambiguous' | undefined {
  const own = places.byId.get(`${located.switch}/${located.port.name}`);
  if (own !== undefined) return own;
  const found = located.port.names.flatMap((name) => places.byId.get(`${located.switch}/${name}`) ?? []);
  return new Set(found).size > 1 ? 'ambiguous' : found[0];
}

/** Agent circuit id: the first sub-option (RFC 3046 §3.1). */
const CIRCUIT_ID = 1;

/**
 * The circuit id of a message, in hexadecimal, where it may be believed: a relay that is known put it in, or switches
 * do so and drop what boards put in. A board that writes option 82 itself must not choose its own place.
 */
export function circuitOf(message: DhcpMessage, config: GeoDhcp): string | undefined {
  const trusted = message.giaddr === ANY ? config.switchesInsertCircuitId : config.relays.includes(message.giaddr);
  const value = message.options.get(OPTION.relayAgent);
  if (!trusted || value === undefined) return undefined;
  for (let at = 0; at + 2 <= value.length; ) {
    const length = value[at + 1] ?? 0;
    const inner = value.subarray(at + 2, at + 2 + length);
    if (inner.length < length) return undefined;
    if (value[at] === CIRCUIT_ID) return Array.from(inner, (byte) => byte.toString(16).padStart(2, '0')).join('');
    at += 2 + length;
  }
  return undefined;
}
