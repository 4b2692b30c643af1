import type { Ipv4, Mac } from '@softset/base';
import type { GeoLease } from '@softset/protocol';
import type { Effect } from './events.js';
import { evidenceOf, type Setting, type Turn } from './give.js';
import { type Places, placeOf } from './places.js';
import type { Sought, State } from './state.js';
import { ask, nothing, then, without } from './turn.js';

/*
 * Who answers first, after a start or for another control node, may know nothing of the leases (002 ¶0064: the switches
 * do). It asks the wire for each address of the port map that it has no lease of, and the switches for whoever answers:
 *
 *     address ── silence, or leased meanwhile ──► given up
 *        └── a device answers ── it is on the address's own port ──► its lease is found again
 *                              └─ it is elsewhere, or not found ──► given up: a stranger is told apart when it matters
 *
 * | case                                                    | then                        |
 * | ------------------------------------------------------- | --------------------------- |
 * | the duty begins                                         | each free address is asked  |
 * | a mark or a lease is there, or ARP checks are off        | not asked                   |
 * | its device answers                                      | located, bound, noted       |
 * | a stranger answers                                      | not bound                   |
 * | no switch can be asked                                  | asked again, five times     |
 * | the device asks by DHCP meanwhile                       | that lease stands           |
 * | the duty ends meanwhile                                 | forgotten                   |
 */
interface Config extends Setting {
  readonly places: Places;
}

/** A switch whose tables are long is not read within the time of the first look-up. */
const TRIES = 5;

export function seek(was: State, config: Config): Turn {
  if (config.geo.probeMs === 0) return nothing(was);
  let turn = nothing(was);
  const sought = new Map<Ipv4, Sought>();
  for (const [ip, { network }] of config.places.byAddress) {
    if (was.leases.has(ip) || was.marks.has(ip)) continue;
    sought.set(ip, { by: null, tries: 0 });
    turn = then(turn, (state) => ask(state, ip, { kind: 'probe', ip, network }));
  }
  return { state: { ...turn.state, sought }, effects: turn.effects };
}

/** Somebody answered for an address that is sought, or nobody did. */
export function heardFor(was: State, ip: Ipv4, by: Mac | null, config: Config): Turn {
  if (!was.sought.has(ip)) return nothing(was);
  const network = config.places.byAddress.get(ip)?.network;
  if (by === null || network === undefined || was.leases.has(ip)) {
    return nothing({ ...was, sought: without(was.sought, (_, one) => one === ip) });
  }
  const state = { ...was, sought: new Map(was.sought).set(ip, { by, tries: 1 }) };
  return ask(state, by, { kind: 'locate', mac: by, network, known: true });
}

/** The switches said where a device is that answered. Its lease is a whole one: when it was given, nobody knows. */
export function foundAgain(was: State, mac: Mac, nowMs: number, wallMs: number, config: Config): Turn {
  const waiting = [...was.sought].filter(([, { by }]) => by === mac);
  const [first] = waiting;
  if (first === undefined) return nothing(was);
  const [anyIp, { tries }] = first;
  const located = was.locations.get(mac)?.located;
  const network = config.places.byAddress.get(anyIp)?.network;
  if (located?.kind === 'unreachable' && tries < TRIES && network !== undefined) {
    const later = waiting.map(([ip]) => [ip, { by: mac, tries: tries + 1 }] as const);
    const more = { ...was, sought: new Map([...was.sought, ...later]) };
    return ask(more, mac, { kind: 'locate', mac, network, known: true });
  }
  const state = { ...was, sought: without(was.sought, ({ by }) => by === mac) };
  const sought = waiting.map(([ip]) => ip);
  const place = located?.kind === 'port' ? placeOf(config.places, located) : undefined;
  const ip = sought.find((one) => !was.leases.has(one) && place !== 'ambiguous' && place?.addresses.includes(one));
  const leased = [...was.leases.values()].some(({ lease }) => lease.mac === mac);
  if (place === undefined || place === 'ambiguous' || ip === undefined || leased) return nothing(state);
  const { leaseMs } = config.geo;
  const lease: GeoLease = {
    ...{ ip, mac, place: place.id, name: place.name, by: 'dhcp' },
    ...{ sinceMs: wallMs, untilMs: wallMs + leaseMs },
  };
  const leases = new Map(was.leases).set(ip, { lease, boundMs: Number.NEGATIVE_INFINITY, endMs: nowMs + leaseMs });
  const fields = { place: place.id, name: place.name, ip, mac, ...evidenceOf(was, mac) };
  const note: Effect = { kind: 'note', what: 'found-again', fields };
  return { state: { ...state, leases }, effects: [note] };
}
