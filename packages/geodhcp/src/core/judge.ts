import type { Ipv4, Mac } from '@softset/base';
import type { GeoDhcp, Place } from '@softset/protocol';
import type { Located } from './lookup.js';
import { circuitOf, type Places, placeOf } from './places.js';
import { macOf, type Request } from './request.js';

/**
 * The flowcharts (002 Figs 13, 14, 15), as one function of what is known. It is asked again whenever more is known, and
 * says what it still needs; only then does anything wait. Steps by the numbers of the figures:
 *
 *     DISCOVER, BOOTP (13)      REQUEST (14)              RARP (15)
 *     400 asked                 500 asked                 600 asked
 *     410 port? ── no ─► 430    510 port? ── no ─► 530    610 port? ── no ─► 630
 *       │ yes      ignored        │ yes      NAK            │ yes      silence
 *     440 its address           540 its address           640 answered
 *       │                       550 the same? ─ no ─► 560
 *       │                         │ yes          NAK
 *     450 in use? ─ yes ─► 460  570 in use? ─ yes ─► 580
 *       │ no  unusable, ignored   │ no    unusable, NAK
 *     470 given                 590 given
 *
 * Where we go beyond them: an answer that the switches owe us (agent down, table in motion) is no "no", and nobody is
 * told anything (`unknown`): a NAK then would take the address from a board that works. Who then renews the address that
 * it has, keeps it. A port may have several addresses. An address that its own earlier device on that port still answers for is not unusable, but taken.
 */
export interface Knowledge {
  location(mac: Mac): Located | undefined;
  /** Who answers for an address; null where nobody does, undefined where nobody listened. */
  usedBy(ip: Ipv4): Mac | null | undefined;
  /** Who had the address last, or was offered it and may still come for it. */
  holder(ip: Ipv4): { readonly mac: Mac; readonly state: 'bound' | 'fresh' | 'offered' } | undefined;
  unusable(ip: Ipv4): boolean;
}

export type Verdict =
  | { readonly kind: 'need-location'; readonly mac: Mac }
  | { readonly kind: 'need-probe'; readonly ip: Ipv4 }
  /** 470, 590, 640. */
  | { readonly kind: 'give'; readonly place: Place; readonly ip: Ipv4 }
  /** For INFORM: options alone. */
  | { readonly kind: 'inform'; readonly place: Place }
  /** 430, 530, 630: its port is known to be none of ours. */
  | { readonly kind: 'no-port'; readonly why: string }
  /** 560. */
  | { readonly kind: 'differs'; readonly place: Place; readonly right: readonly Ipv4[] }
  /** 460, 580: a stranger answers for it. To be marked, and judged again: the place may have another address. */
  | { readonly kind: 'in-use'; readonly place: Place; readonly ip: Ipv4; readonly by: Mac; readonly where: string }
  /** 460, 580: nothing is left: marked already, or the devices that hold them still answer. */
  | { readonly kind: 'taken'; readonly place: Place; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

export function judge(request: Request, config: GeoDhcp, places: Places, known: Knowledge): Verdict {
  const mac = macOf(request);
  const place = placeFor(request, mac, config, places, known);
  if ('kind' in place) return place;
  if (request.kind === 'inform') return { kind: 'inform', place };
  const own = place.addresses.find((ip) => known.holder(ip)?.mac === mac && !known.unusable(ip));
  const usable = place.addresses.filter((ip) => !known.unusable(ip));
  if (request.kind === 'request') {
    const { wanted } = request;
    if (!place.addresses.includes(wanted) || (own !== undefined && own !== wanted))
      return { kind: 'differs', place, right: own === undefined ? place.addresses : [own] };
    if (known.unusable(wanted)) return { kind: 'taken', place, why: `${wanted} is marked unusable` };
    return tryAddress(wanted, request, place, config, places, known) ?? { kind: 'give', place, ip: wanted };
  }
  const candidates = own === undefined ? usable : [own];
  // Fig. 15 has no question whether it is in use: a RARP client is answered from the map.
  if (request.kind === 'rarp') {
    const [ip] = candidates;
    return ip === undefined ? { kind: 'taken', place, why: 'marked unusable' } : { kind: 'give', place, ip };
  }
  let why = 'every address of the port is marked unusable';
  for (const ip of candidates) {
    const hindrance = tryAddress(ip, request, place, config, places, known);
    if (hindrance === undefined) return { kind: 'give', place, ip };
    if (hindrance.kind !== 'taken') return hindrance;
    why = hindrance.why;
  }
  return { kind: 'taken', place, why };
}

/** Step 410, 510, 610; a relay's word about the port goes before the switches' (RFC 3046). */
function placeFor(
  request: Request,
  mac: Mac,
  config: GeoDhcp,
  places: Places,
  known: Knowledge,
): Place | Exclude<Verdict, { readonly place: Place }> {
  const circuit = request.kind === 'rarp' ? undefined : circuitOf(request.message, config);
  if (circuit !== undefined) {
    const named = places.byCircuit.get(circuit);
    return named ?? { kind: 'no-port', why: `no port has the circuit id 0x${circuit}` };
  }
  const located = known.location(mac);
  if (located === undefined) return { kind: 'need-location', mac };
  switch (located.kind) {
    case 'port': {
      const place = placeOf(places, located);
      if (place === 'ambiguous') return { kind: 'unknown', why: `${whereIs(located)} stands for several places` };
      return place ?? { kind: 'no-port', why: `${whereIs(located)} has no address` };
    }
    case 'unlearned':
      return { kind: 'no-port', why: 'no switch has learned it' };
    case 'unreachable': {
      // A switch without its agent still switches: who renews the address that it has, keeps it until somebody knows better.
      const renews = request.kind === 'request' && request.held ? request.wanted : undefined;
      const holder = renews === undefined ? undefined : known.holder(renews);
      const last = holder?.mac === mac && holder.state !== 'offered' ? places.byAddress.get(renews ?? '') : undefined;
      return last ?? { kind: 'unknown', why: 'the switches do not answer' };
    }
    default:
      return { kind: 'unknown', why: located.kind };
  }
}

/** Step 450, 570. Undefined: it may be given. */
function tryAddress(
  ip: Ipv4,
  request: Request,
  place: Place,
  config: GeoDhcp,
  places: Places,
  known: Knowledge,
): Exclude<Verdict, { readonly kind: 'give' }> | undefined {
  const mac = macOf(request);
  const holder = known.holder(ip);
  const held = holder !== undefined && holder.mac !== mac;
  if (held && holder.state !== 'bound') return { kind: 'taken', place, why: `${ip} was just given to ${holder.mac}` };
  // Who renews has it in use itself.
  if (request.kind === 'request' && request.held && holder?.mac === mac && holder.state !== 'offered') return undefined;
  if (config.probeMs === 0) return undefined;
  const by = known.usedBy(ip);
  if (by === undefined) return { kind: 'need-probe', ip };
  if (by === null || by === mac) return undefined;
  if (held && by === holder.mac) return { kind: 'taken', place, why: `${by} still answers for ${ip}` };
  // A device that we do not know, on the very port: a hub, or our own memory is lost. Only the switches can tell.
  const located = known.location(by);
  if (located === undefined) return { kind: 'need-location', mac: by };
  if (located.kind === 'port' && placeOf(places, located) === place)
    return { kind: 'taken', place, why: `${by} on the same port answers for ${ip}` };
  return { kind: 'in-use', place, ip, by, where: whereIs(located) };
}

export function whereIs(located: Located): string {
  return located.kind === 'port' ? `${located.switch}/${located.port.name}` : located.kind;
}
