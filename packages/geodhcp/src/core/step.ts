import { assert, type Ipv4, type Mac, unreachable } from '@softset/base';
import type { Effect, Event } from './events.js';
import { evidenceOf, give, refuse, type Setting, type Turn } from './give.js';
import { judge } from './judge.js';
import { type Places, placesOf } from './places.js';
import { macOf, type Notice, type Request, readRequest } from './request.js';
import {
  COPY_MS,
  keptOf,
  knowledgeFor,
  LOCATIONS_MAX,
  type Location,
  type Mark,
  PENDING_MAX,
  type Pending,
  PROBE_GOOD_MS,
  SHARED_MS,
  type State,
} from './state.js';

/**
 * geoDHCP's decisions. Each device that asked is in one of these states, by what its question still needs (`judge`):
 *
 *              asked                located, probed                     nothing more needed
 *     (none) ───────► needs the switches ──────► needs the wire ──────► answered, refused or ignored ──► (none)
 *               │              ▲                      │ somebody answers whom we do not know
 *               │              └──────────────────────┘
 *               └─ the wire is asked at once where the address is known beforehand, beside the switches
 *
 *     any ── a newer question of the device ──► begins anew, with what is known already
 *     any ── `untilMs` ──► (none): an answer that never came binds no memory
 *
 * An address is free, offered (to one MAC, 10 s), bound, or marked unusable; a mark is lifted when, after the
 * quarantine, nobody answers for the address any more.
 */
export interface Config extends Setting {
  readonly places: Places;
  /** The addresses of all boards that run geodhcpd: answers of theirs are ours. */
  readonly servers: ReadonlySet<Ipv4>;
}

export function configOf(setting: Setting, servers: ReadonlySet<Ipv4>): Config {
  return { ...setting, places: placesOf(setting.geo), servers };
}

/** Pure: the caller performs the effects in order. Throws `InvariantError` when its own rules are broken. */
export function step(was: State, event: Event, nowMs: number, config: Config): Turn {
  const { state, effects } = handle(was, event, nowMs, config);
  check(state, config);
  const atMs = deadline(state);
  const changed = state.leases !== was.leases || state.marks !== was.marks || state.shared !== was.shared;
  // First of all: what is told to a client is written down before.
  const keep: Effect[] = changed ? [{ kind: 'keep', kept: keptOf(state) }] : [];
  return { state, effects: [...keep, ...effects, ...(atMs === deadline(was) ? [] : [{ kind: 'arm', atMs } as const])] };
}

function handle(was: State, event: Event, nowMs: number, config: Config): Turn {
  switch (event.kind) {
    case 'duty':
      // Questions that wait die with the duty: whoever has it now is asked again by the client.
      return nothing({ ...was, answering: event.answering, pending: event.answering ? was.pending : new Map() });
    case 'message': {
      if (!was.answering) return nothing(was);
      const read = readRequest(event.message, config.servers);
      if (!read.ok) {
        // The client took another server's offer: ours is free again.
        const offers =
          read.code === 'OTHER_SERVER' ? without(was.offers, ({ mac }) => mac === event.message.chaddr) : was.offers;
        return {
          state: { ...was, offers },
          effects: [{ kind: 'count', what: read.code.toLowerCase().replaceAll('_', '-') }],
        };
      }
      const asked = read.value;
      if (asked.kind === 'release' || asked.kind === 'decline') return notice(was, asked, nowMs, event.wallMs, config);
      return begin(was, asked, event.network, nowMs, event.wallMs, config);
    }
    case 'rarp': {
      if (!was.answering) return nothing(was);
      return begin(
        was,
        { kind: 'rarp', mac: event.mac, asker: event.asker },
        event.network,
        nowMs,
        event.wallMs,
        config,
      );
    }
    case 'located': {
      const asking = new Set(was.asking);
      asking.delete(event.mac);
      const locations = pruned(was, nowMs, config).set(event.mac, { located: event.located, atMs: nowMs });
      const health = switchHealth(was, event.located.evidence);
      const next = { ...was, asking, locations, silent: health.silent };
      return then({ state: next, effects: health.effects }, (state) =>
        advanceAll(state, event.mac, nowMs, event.wallMs, config),
      );
    }
    case 'probed': {
      const asking = new Set(was.asking);
      asking.delete(event.ip);
      const probes = new Map(was.probes).set(event.ip, { by: event.by, atMs: nowMs });
      const tried = retryMark({ ...was, asking, probes }, event.ip, event.by, nowMs, config);
      return then(tried, (state) => advanceAll(state, event.ip, nowMs, event.wallMs, config));
    }
    case 'release': {
      const leases = without(was.leases, (_, ip) => ip === event.ip);
      const unmarked = unmark(was, event.ip, 'an operator released it');
      const offers = without(was.offers, (_, ip) => ip === event.ip);
      return { state: { ...unmarked.state, leases, offers }, effects: unmarked.effects };
    }
    case 'tick':
      return tick(was, nowMs, config);
    default:
      return unreachable(event, 'event');
  }
}

const nothing = (state: State): Turn => ({ state, effects: [] });

function then(turn: Turn, next: (state: State) => Turn): Turn {
  const more = next(turn.state);
  return { state: more.state, effects: [...turn.effects, ...more.effects] };
}

function begin(
  was: State,
  request: Request,
  network: Pending['network'],
  nowMs: number,
  wallMs: number,
  config: Config,
): Turn {
  const mac = macOf(request);
  const before = was.pending.get(mac);
  const last = was.heard.get(mac);
  const copy = last !== undefined && last.network !== network && nowMs - last.startedMs < COPY_MS;
  if ((before !== undefined && isSame(before.request, request)) || (copy && isSame(last.request, request)))
    return { state: was, effects: [{ kind: 'count', what: 'doubled' }] };
  const pending = new Map(was.pending);
  pending.delete(mac);
  if (pending.size >= PENDING_MAX) {
    const known = new Set([...was.leases.values()].map(({ lease }) => lease.mac));
    const victim = known.has(mac) ? [...pending.keys()].find((one) => !known.has(one)) : undefined;
    if (victim === undefined) return { state: was, effects: [{ kind: 'count', what: 'flooded' }] };
    pending.delete(victim);
  }
  const { lookupMs, probeMs } = config.geo;
  pending.set(mac, { request, network, startedMs: nowMs, untilMs: nowMs + 2 * lookupMs + 4 * probeMs + 1000 });
  const heard = was.heard.size < LOCATIONS_MAX ? new Map(was.heard) : new Map();
  const state = { ...was, pending, heard: heard.set(mac, { request, network, startedMs: nowMs }) };
  return then(probeBeside(state, request, mac, nowMs, config), (next) => advance(next, mac, nowMs, wallMs, config));
}

/** The same question once more: a client's own repetition, or the other network's copy of it. */
function isSame(a: Request, b: Request): boolean {
  if (a.kind !== b.kind) return false;
  return a.kind === 'rarp' || b.kind === 'rarp' || a.message.xid === b.message.xid;
}

/** The address is listened for while the switches are asked, where it can be told before they answer. */
function probeBeside(state: State, request: Request, mac: Mac, nowMs: number, config: Config): Turn {
  if (request.kind === 'inform' || request.kind === 'rarp' || config.geo.probeMs === 0) return nothing(state);
  const last = [...state.leases.values()].find(({ lease }) => lease.mac === mac)?.lease.ip;
  if (request.kind === 'request' && request.held && last === request.wanted) return nothing(state);
  const ip = request.kind === 'request' ? request.wanted : last;
  const place = ip === undefined ? undefined : config.places.byAddress.get(ip);
  const known = state.probes.get(ip ?? '');
  const fresh = known?.by === null && known.atMs >= nowMs - PROBE_GOOD_MS;
  if (ip === undefined || place === undefined || fresh || state.asking.has(ip) || state.marks.has(ip))
    return nothing(state);
  return ask(state, ip, { kind: 'probe', ip, network: place.network });
}

function ask(state: State, what: string, effect: Effect): Turn {
  if (state.asking.has(what)) return nothing(state);
  return { state: { ...state, asking: new Set(state.asking).add(what) }, effects: [effect] };
}

/** All that waited for this MAC's place, or for silence on this address. */
function advanceAll(was: State, news: Mac | Ipv4, nowMs: number, wallMs: number, config: Config): Turn {
  let turn = nothing(was);
  for (const [mac, { needs }] of was.pending) {
    if (needs === news) turn = then(turn, (state) => advance(state, mac, nowMs, wallMs, config));
  }
  return turn;
}

/** One device's question, as far as what is known carries it. */
function advance(was: State, mac: Mac, nowMs: number, wallMs: number, config: Config): Turn {
  const asked = was.pending.get(mac);
  if (asked === undefined) return nothing(was);
  const verdict = judge(asked.request, config.geo, config.places, knowledgeFor(was, asked.startedMs, config.geo));
  const waitFor = (needs: Mac | Ipv4): State => ({
    ...was,
    pending: new Map(was.pending).set(mac, { ...asked, needs }),
  });
  if (verdict.kind === 'need-location') {
    return ask(waitFor(verdict.mac), verdict.mac, { kind: 'locate', mac: verdict.mac, network: asked.network });
  }
  if (verdict.kind === 'need-probe') {
    const network = config.places.byAddress.get(verdict.ip)?.network ?? asked.network;
    return ask(waitFor(verdict.ip), verdict.ip, { kind: 'probe', ip: verdict.ip, network });
  }
  if (verdict.kind === 'in-use') {
    const { ip, by, where, place } = verdict;
    const marked = mark(was, { ip, place: place.id, by, where, sinceMs: wallMs }, nowMs, config);
    return then(marked, (state) => advance(state, mac, nowMs, wallMs, config));
  }
  const state = { ...was, pending: without(was.pending, (_, one) => one === mac) };
  const said = (why: string): Effect => {
    const fields = { mac, question: asked.request.kind, why, ...evidenceOf(state, mac) };
    return { kind: 'note', what: 'not-given', fields };
  };
  switch (verdict.kind) {
    case 'give':
      return give(state, asked, verdict.place, verdict.ip, nowMs, wallMs, config);
    case 'inform':
      return give(state, asked, verdict.place, '0.0.0.0', nowMs, wallMs, config);
    case 'unknown':
      return { state, effects: [said(verdict.why), { kind: 'count', what: 'unknown' }] };
    case 'no-port':
      return withNote(refuse(state, asked, verdict.why, config), said(verdict.why));
    case 'differs': {
      const why = `${verdict.place.id} has ${verdict.right.join(', ')}`;
      return withNote(refuse(state, asked, why, config), said(why));
    }
    case 'taken': {
      const turn = withNote(refuse(state, asked, verdict.why, config), said(verdict.why));
      return state.marks.has(verdict.place.addresses[0] ?? '')
        ? turn
        : then(turn, (s) => share(s, verdict.place.id, verdict.why, nowMs));
    }
    default:
      return unreachable(verdict, 'verdict');
  }
}

function withNote(turn: Turn, note: Effect): Turn {
  return { state: turn.state, effects: [note, ...turn.effects] };
}

/** RELEASE and DECLINE count only from the device that has the address, or was offered it. */
function notice(was: State, asked: Notice, nowMs: number, wallMs: number, config: Config): Turn {
  const { mac, ip } = asked;
  const holds = was.leases.get(ip)?.lease.mac === mac;
  const offered = was.offers.get(ip)?.mac === mac;
  if (!holds && !offered) return { state: was, effects: [{ kind: 'count', what: `${asked.kind}-of-others` }] };
  const leases = holds ? without(was.leases, (_, one) => one === ip) : was.leases;
  // What was heard before did not see what the client saw.
  const probes = without(was.probes, (_, one) => one === ip);
  const state = { ...was, leases, probes, offers: without(was.offers, (_, one) => one === ip) };
  const place = config.places.byAddress.get(ip);
  if (asked.kind === 'release' || place === undefined) {
    const note: Effect = { kind: 'note', what: 'released', fields: { mac, ip, place: place?.id } };
    return { state, effects: [note, { kind: 'count', what: 'released' }] };
  }
  const where = `declined by ${mac}`;
  const marked = mark(state, { ip, place: place.id, where, sinceMs: wallMs }, nowMs, config);
  return { state: marked.state, effects: [...marked.effects, { kind: 'count', what: 'declined' }] };
}

function mark(was: State, conflict: Mark['conflict'], nowMs: number, config: Config): Turn {
  const { ip, place, by, where } = conflict;
  const marks = new Map(was.marks).set(ip, { conflict, untilMs: nowMs + config.geo.quarantineMs });
  const who = by === undefined ? where : `${by} (${where}) answers for it`;
  const text = `${ip} of ${place} is unusable: ${who}`;
  return {
    state: { ...was, marks },
    effects: [
      {
        kind: 'note',
        what: 'address-in-use',
        fields: { ...conflict, ...(by === undefined ? {} : evidenceOf(was, by)) },
      },
      { kind: 'alarm', object: `address/${ip}`, cause: 'ADDRESS_IN_USE', severity: 'major', text },
      { kind: 'count', what: 'conflict' },
    ],
  };
}

function unmark(was: State, ip: Ipv4, why: string): Turn {
  if (!was.marks.has(ip)) return nothing(was);
  const text = `${ip} is usable again: ${why}`;
  return {
    state: { ...was, marks: without(was.marks, (_, one) => one === ip) },
    effects: [
      { kind: 'note', what: 'address-usable', fields: { ip, why } },
      { kind: 'alarm', object: `address/${ip}`, cause: 'ADDRESS_IN_USE', severity: 'cleared', text },
    ],
  };
}

/** After the quarantine: silence lifts the mark, an answer makes it longer. */
function retryMark(was: State, ip: Ipv4, by: Mac | null, nowMs: number, config: Config): Turn {
  const standing = was.marks.get(ip);
  if (standing === undefined || nowMs < standing.untilMs) return nothing(was);
  if (by === null) return unmark(was, ip, 'nobody answers for it any more');
  return nothing({
    ...was,
    marks: new Map(was.marks).set(ip, { ...standing, untilMs: nowMs + config.geo.quarantineMs }),
  });
}

function share(was: State, place: string, why: string, nowMs: number): Turn {
  const shared = new Map(was.shared).set(place, nowMs + SHARED_MS);
  const text = `more devices than addresses on ${place}: ${why}`;
  const alarm: Effect = { kind: 'alarm', object: `port/${place}`, cause: 'PORT_SHARED', severity: 'warning', text };
  return { state: { ...was, shared }, effects: was.shared.has(place) ? [] : [alarm] };
}

function switchHealth(was: State, evidence: readonly { readonly switch: string; readonly said: string }[]) {
  const silent = new Map(was.silent);
  const effects: Effect[] = [];
  for (const { switch: name, said } of evidence) {
    const dumb = said.startsWith('no answer (');
    // `no answer yet` is no news: the look-up was over before.
    if (said === 'no answer yet' || dumb === silent.get(name)) continue;
    silent.set(name, dumb);
    const text = dumb ? `switch ${name} does not say who is on which port: ${said}` : `switch ${name} answers again`;
    effects.push({
      kind: 'alarm',
      object: `switch/${name}`,
      cause: 'SWITCH_SILENT',
      severity: dumb ? 'major' : 'cleared',
      text,
    });
  }
  return { silent, effects };
}

function tick(was: State, nowMs: number, config: Config): Turn {
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

function pruned(state: State, nowMs: number, config: Config): Map<Mac, Location> {
  if (state.locations.size < LOCATIONS_MAX) return new Map(state.locations);
  // Nothing that a question may still need is older than this; the rest is history.
  const oldMs = nowMs - config.geo.locationMs - 2 * config.geo.lookupMs;
  const young = [...state.locations].filter(([, { atMs }]) => atMs >= oldMs);
  return new Map(young.slice(-LOCATIONS_MAX / 2));
}

function without<K, V>(map: ReadonlyMap<K, V>, gone: (value: V, key: K) => boolean): ReadonlyMap<K, V> {
  const kept = [...map].filter(([key, value]) => !gone(value, key));
  return kept.length === map.size ? map : new Map(kept);
}

/** The next moment at which something is due by itself. */
function deadline(state: State): number {
  let atMs = Number.POSITIVE_INFINITY;
  for (const { untilMs } of state.pending.values()) atMs = Math.min(atMs, untilMs);
  for (const { endMs } of state.leases.values()) atMs = Math.min(atMs, endMs);
  for (const untilMs of state.shared.values()) atMs = Math.min(atMs, untilMs);
  for (const [ip, { untilMs }] of state.marks) if (!state.asking.has(ip)) atMs = Math.min(atMs, untilMs);
  return atMs;
}

function check(state: State, config: Config): void {
  assert(state.pending.size <= PENDING_MAX, 'more questions wait than may');
  assert(state.locations.size <= LOCATIONS_MAX, 'more locations are kept than may be');
  for (const [ip, { lease }] of state.leases) {
    assert(
      lease.ip === ip && config.places.byAddress.get(ip)?.id === lease.place,
      `${ip} is leased away from its place`,
    );
  }
}
