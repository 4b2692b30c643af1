import type { Ipv4 } from '@softset/base';
import type { GeoDhcp } from '@softset/protocol';
import type { Effect } from './events.js';
import type { Turn } from './give.js';
import type { Places } from './places.js';
import type { Bound, State } from './state.js';
import { unmark } from './trouble.js';
import { then, without } from './turn.js';

/**
 * Another cluster file (SIGHUP). An address that is at another place now is nobody's; what switches said was said of
 * other switches, perhaps, and is forgotten. Leases that stay where they were keep running as they were given.
 */
export function conformed(was: State, config: { readonly geo: GeoDhcp; readonly places: Places }): Turn {
  const { byAddress, byId } = config.places;
  const gone: Effect[] = [];
  const leases = new Map<Ipv4, Bound>();
  for (const [ip, bound] of was.leases) {
    const place = byAddress.get(ip);
    if (place?.id === bound.lease.place) leases.set(ip, { ...bound, lease: { ...bound.lease, name: place.name } });
    else gone.push({ kind: 'note', what: 'unmapped', fields: { ...bound.lease } });
  }
  for (const place of was.shared.keys()) {
    if (byId.has(place)) continue;
    const text = `${place} is not in the port map any more`;
    gone.push({ kind: 'alarm', object: `port/${place}`, cause: 'PORT_SHARED', severity: 'cleared', text });
  }
  const switches = new Set(config.geo.switches.map(({ name }) => name));
  for (const [name, silent] of was.silent) {
    if (switches.has(name) || !silent) continue;
    const text = `switch ${name} is not asked any more`;
    gone.push({ kind: 'alarm', object: `switch/${name}`, cause: 'SWITCH_SILENT', severity: 'cleared', text });
  }
  const state: State = {
    ...was,
    leases,
    offers: without(was.offers, (_, ip) => !byAddress.has(ip)),
    probes: without(was.probes, (_, ip) => !byAddress.has(ip)),
    locations: new Map(),
    sought: new Map(),
    // Switches are asked anew, by those who still wait; the wire is asked already.
    asking: new Set([...was.asking].filter((what) => !what.includes(':'))),
    shared: without(was.shared, (_, place) => !byId.has(place)),
    silent: without(was.silent, (_, name) => !switches.has(name)),
  };
  let turn: Turn = { state, effects: gone };
  for (const ip of was.marks.keys())
    if (!byAddress.has(ip)) turn = then(turn, (one) => unmark(one, ip, 'it is not in the port map any more'));
  return turn;
}
