import type { Mac } from '@softset/base';
import { type Places, placeOf } from './places.js';
import type { State } from './state.js';

interface Stranger {
  readonly mac: Mac;
  readonly place: string;
  readonly name?: string;
  /** Monotonic: when the switches told it. */
  readonly atMs: number;
}

/** Devices that asked from a port and hold none of its addresses: a port without address, or more devices than addresses. */
export function strangers(state: Pick<State, 'locations' | 'leases'>, places: Places): Stranger[] {
  const holders = new Map([...state.leases.values()].map(({ lease }) => [lease.mac, lease.place]));
  return [...state.locations].flatMap(([mac, { located, atMs }]): Stranger[] => {
    if (located.kind !== 'port') return [];
    const place = placeOf(places, located);
    if (place === 'ambiguous' || (place !== undefined && holders.get(mac) === place.id)) return [];
    const id = place?.id ?? `${located.switch}/${located.port.name}`;
    return [{ mac, place: id, ...(place === undefined ? {} : { name: place.name }), atMs }];
  });
}
