import { type Ipv4, type Mac, unreachable } from '@softset/base';
import type { Effect, Event } from './events.js';
import { evidenceOf, give, refuse, type Setting, type Turn } from './give.js';
import { judge } from './judge.js';
import { type Places, placesOf } from './places.js';
import { conformed } from './reconfigure.js';
import { macOf, type Notice, type Request, readRequest } from './request.js';
import { foundAgain, heardFor, seek } from './seek.js';
import {
  COPY_MS,
  keptOf,
  knowledgeFor,
  LOCATIONS_MAX,
  PENDING_MAX,
  type Pending,
  PROBE_GOOD_MS,
  type State,
} from './state.js';
import { mark, retryMark, share, switchHealth, unmark } from './trouble.js';
import { ask, nothing, then, withNote, without } from './turn.js';
import { check, deadline, pruned, tick } from './upkeep.js';

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
      if (event.answering) return seek({ ...was, answering: true }, config);
      // Questions that wait die with the duty: whoever has it now is asked again by the client.
      return nothing({ ...was, answering: false, pending: new Map(), sought: new Map() });
    case 'message': {
      if (!was.answering) return nothing(was);
      const offer = [...was.offers].find(([, { mac, untilMs }]) => mac === event.message.chaddr && untilMs > nowMs);
      const read = readRequest(event.message, config.servers, offer?.[0]);
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
      const advanced = then({ state: next, effects: health.effects }, (state) =>
        advanceAll(state, event.mac, nowMs, event.wallMs, config),
      );
      return then(advanced, (state) => foundAgain(state, event.mac, nowMs, event.wallMs, config));
    }
    case 'probed': {
      const asking = new Set(was.asking);
      asking.delete(event.ip);
      const waits = [...was.pending.values()].some(({ needs }) => needs === event.ip);
      // Sought for nobody, it may have been asked for before our own link was up: such a silence is no evidence.
      const counts = waits || event.by !== null || !was.sought.has(event.ip);
      const probes = counts ? new Map(was.probes).set(event.ip, { by: event.by, atMs: nowMs }) : was.probes;
      const tried = retryMark({ ...was, asking, probes }, event.ip, event.by, nowMs, config);
      const advanced = then(tried, (state) => advanceAll(state, event.ip, nowMs, event.wallMs, config));
      return then(advanced, (state) => heardFor(state, event.ip, event.by, config));
    }
    case 'release': {
      const leases = without(was.leases, (_, ip) => ip === event.ip);
      const unmarked = unmark(was, event.ip, 'an operator released it');
      const offers = without(was.offers, (_, ip) => ip === event.ip);
      return { state: { ...unmarked.state, leases, offers }, effects: unmarked.effects };
    }
    case 'configured':
      return [...was.pending.keys()].reduce(
        (turn, mac) => then(turn, (state) => advance(state, mac, nowMs, event.wallMs, config)),
        conformed(was, config),
      );
    case 'tick':
      return tick(was, nowMs, config);
    default:
      return unreachable(event, 'event');
  }
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
    const known = verdict.mac !== mac || [...was.leases.values()].some(({ lease }) => lease.mac === mac);
    return ask(waitFor(verdict.mac), verdict.mac, { kind: 'locate', mac: verdict.mac, network: asked.network, known });
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
