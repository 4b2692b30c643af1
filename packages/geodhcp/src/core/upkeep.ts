import { assert, type Mac } from '@softset/base';
import type { GeoDhcp } from '@softset/protocol';
import type { Effect } from './events.js';
import type { Turn } from './give.js';
import type { Places } from './places.js';
import { LOCATIONS_MAX, type Location, PENDING_MAX, type State } from './state.js';
import { unmark } from './trouble.js';
import { ask, then, without } from './turn.js';

/** What falls due by itself, and what must hold after every step. */
interface Config {
  readonly geo: GeoDhcp;
  readonly places: Places;
}

export function tick(was: State, nowMs: number, config: Config): Turn {
  const overdue = [...was.pending.values()].filter(({ untilMs }) => untilMs <= nowMs).length;
  const ended = [...was.leases.values()].filter(({ endMs }) => endMs <= nowMs);
  const state: State = {
    ...was,
    pending: without(was.pending, ({ untilMs }) => untilMs <= nowMs),
    offers: without(was.offers, ({ untilMs }) => untilMs <= nowMs),
    leases: without(was.leases, ({ endMs }) => endMs <= nowMs),
    // Whatever is still asked for nobody may be asked anew.
    asking: overdue > 0 ? new Set<string>() : was.asking,
    shared: without(was.shared, (untilMs) => untilMs <= nowMs),
  };
  const effects: Effect[] = [
    ...ended.map(({ lease }): Effect => ({ kind: 'note', what: 'expired', fields: { ...lease } })),
    ...[...was.shared].flatMap(([place, untilMs]): Effect[] => {
      const text = `no second device on ${place} any more`;
      return untilMs > nowMs
        ? []
        : [{ kind: 'alarm', object: `port/${place}`, cause: 'PORT_SHARED', severity: 'cleared', text }];
    }),
    ...(overdue > 0 ? [{ kind: 'count', what: 'overdue' } as const] : []),
  ];
  let turn: Turn = { state, effects };
  for (const [ip, { untilMs }] of state.marks) {
    const place = config.places.byAddress.get(ip);
    if (untilMs > nowMs) continue;
    if (place === undefined || config.geo.probeMs === 0)
      turn = then(turn, (one) => unmark(one, ip, 'its quarantine is over'));
    else turn = then(turn, (one) => ask(one, ip, { kind: 'probe', ip, network: place.network }));
  }
  return turn;
}

export function pruned(state: State, nowMs: number, config: Config): Map<Mac, Location> {
  if (state.locations.size < LOCATIONS_MAX) return new Map(state.locations);
  // Nothing that a question may still need is older than this; the rest is history.
  const oldMs = nowMs - config.geo.locationMs - 2 * config.geo.lookupMs;
  const young = [...state.locations].filter(([, { atMs }]) => atMs >= oldMs);
  return new Map(young.slice(-LOCATIONS_MAX / 2));
}

/** The next moment at which something is due by itself. */
export function deadline(state: State): number {
  let atMs = Number.POSITIVE_INFINITY;
  for (const { untilMs } of state.pending.values()) atMs = Math.min(atMs, untilMs);
  for (const { endMs } of state.leases.values()) atMs = Math.min(atMs, endMs);
  for (const untilMs of state.shared.values()) atMs = Math.min(atMs, untilMs);
  for (const [ip, { untilMs }] of state.marks) if (!state.asking.has(ip)) atMs = Math.min(atMs, untilMs);
  return atMs;
}

export function check(state: State, config: Config): void {
  assert(state.pending.size <= PENDING_MAX, 'more questions wait than may');
  assert(state.locations.size <= LOCATIONS_MAX, 'more locations are kept than may be');
  for (const [ip, { lease }] of state.leases) {
    assert(
      lease.ip === ip && config.places.byAddress.get(ip)?.id === lease.place,
      `${ip} is leased away from its place`,
    );
  }
}
