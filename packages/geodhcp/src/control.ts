import { type Failure, fail, type Ipv4, type Mac, ok, parseIpv4, parseMac, type Result } from '@softset/base';
import type { GeoDhcpMethods, GeoDhcpTopics, GeoFound, GeoLease } from '@softset/protocol';
import { type Caller, type MethodTable, metricsMethod, noParams } from '@softset/runtime/control-methods.js';
import type { Metrics } from '@softset/runtime/metrics.js';
import { Topic } from '@softset/runtime/topic.js';
import { type Plugged, portMapText } from './core/learn.js';
import type { Located } from './core/lookup.js';
import { placeOf } from './core/places.js';
import { keptOf } from './core/state.js';
import type { Config } from './core/step.js';
import { strangers } from './core/strangers.js';
import type { Enrolment } from './enrol/enrolment.js';
import type { Server } from './server.js';
import type { Setting } from './setting.js';

export interface ControlParts {
  /** As the cluster file is now. */
  readonly setting: () => Pick<Setting, 'config' | 'boards' | 'askers' | 'locator'>;
  readonly server: () => Server;
  readonly enrolment: Enrolment;
  /** What this machine's kernel knows: MAC → address. */
  readonly neighbours: () => ReadonlyMap<Mac, Ipv4>;
  readonly metrics: Metrics;
  readonly nowMs: () => number;
}

/** The methods of geodhcpd's control socket. Errors of its own: `UNKNOWN_ADDRESS`. */
export function methods(parts: ControlParts): MethodTable<GeoDhcpMethods> {
  const { setting, server, enrolment, metrics, nowMs } = parts;
  const leases = (): readonly GeoLease[] => keptOf(server().state).leases;
  return {
    metrics: metricsMethod(metrics),
    status: {
      decode: noParams,
      handle: () => {
        const { state, duty } = server();
        const { config } = setting();
        return {
          answering: duty.answering,
          why: duty.why,
          ports: config.geo.places.length,
          leases: state.leases.size,
          conflicts: state.marks.size,
          switches: config.geo.switches.map(({ name, address }) => {
            const silent = state.silent.get(name);
            return { switch: name, state: silent === undefined ? 'unknown' : silent ? 'down' : 'up', text: address };
          }),
        };
      },
    },
    leases: { decode: noParams, handle: () => ({ leases: leases() }) },
    ports: {
      decode: noParams,
      handle: () => {
        const all = leases();
        return {
          ports: setting().config.geo.places.map(({ id, name, network, addresses }) => ({
            place: id,
            name,
            network,
            addresses,
            devices: all.filter(({ place }) => place === id).map(({ mac, ip, sinceMs }) => ({ mac, ip, sinceMs })),
          })),
          strangers: strangers(server().state, setting().config.places).map(({ atMs, ...one }) => ({
            ...one,
            seenMs: Math.round(Date.now() - (nowMs() - atMs)),
          })),
        };
      },
    },
    conflicts: {
      decode: noParams,
      handle: () => ({
        conflicts: [...server().state.marks.values()].map(({ conflict, untilMs }) => ({
          ...conflict,
          untilMs: Math.round(Date.now() + untilMs - nowMs()),
        })),
      }),
    },
    locate: {
      decode: textParam('mac', (text) => parseMac(text).ok),
      handle: async ({ mac }) => {
        const { config, locator } = setting();
        return found(mac.toLowerCase(), await locator.locate(mac.toLowerCase()), config);
      },
    },
    enrolment: {
      decode: noParams,
      handle: () => ({ requests: enrolment.requests(), tokens: enrolment.tokens() }),
    },
    enrolDecide: {
      mutation: true,
      decode: decision,
      handle: ({ decision: kind, code }, caller) => answered(enrolment.decide(kind, code, nameOf(caller))),
    },
    enrolToken: {
      mutation: true,
      decode: tokenWish,
      handle: ({ port, minutes }, caller) => answered(enrolment.token(port, minutes, nameOf(caller))),
    },
    enrolRevoke: {
      mutation: true,
      decode: (params) => {
        const { id } = recordOf(params);
        return typeof id === 'string' ? ok({ id }) : fail('RPC_INVALID_PARAMS', 'id: the name of a token');
      },
      handle: ({ id }, caller) => {
        const done = enrolment.revoke(id, nameOf(caller));
        return done.ok ? {} : done;
      },
    },
    learn: { decode: noParams, handle: () => learn(parts, leases()) },
    release: {
      mutation: true,
      decode: textParam('ip', (text) => parseIpv4(text).ok),
      handle: ({ ip }): { message: string } | Failure => {
        const place = setting().config.places.byAddress.get(ip);
        if (place === undefined) return fail('UNKNOWN_ADDRESS', `${ip} belongs to no port of the map`);
        server().release(ip);
        return { message: `${ip} of ${place.id} is free` };
      },
    },
  };
}

function found(mac: string, located: Located, { places }: Config): GeoFound {
  const { kind: outcome, evidence } = located;
  if (located.kind !== 'port') return { mac, outcome, evidence };
  const place = placeOf(places, located);
  const name = place === undefined || place === 'ambiguous' ? {} : { name: place.name };
  return { mac, outcome, switch: located.switch, port: located.port.name, ...name, evidence };
}

async function learn(parts: ControlParts, leases: readonly GeoLease[]): Promise<{ text: string } | Failure> {
  const plugged: Plugged[] = [];
  const { askers, boards, config } = parts.setting();
  for (const [name, found] of await Promise.all(
    [...askers].map(async ([name, asker]) => [name, await asker.plugged()] as const),
  )) {
    if (!found.ok) return fail(found.code, `switch ${name}: ${found.message}`);
    plugged.push(...found.value);
  }
  const leased = new Map(leases.map(({ mac, ip }) => [mac, ip]));
  const neighbours = parts.neighbours();
  const addressOf = (mac: Mac): Ipv4 | undefined => leased.get(mac) ?? neighbours.get(mac);
  return { text: portMapText(plugged, config.geo.places, boards, addressOf) };
}

const nameOf = ({ uid, name }: Caller): string => `user ${uid}${name === undefined ? '' : ` (${name})`}`;
const answered = <T>(result: Result<T>): T | Failure => (result.ok ? result.value : result);
const recordOf = (params: unknown): Record<string, unknown> =>
  typeof params === 'object' && params !== null ? (params as Record<string, unknown>) : {};

function decision(params: unknown): Result<GeoDhcpMethods['enrolDecide']['params']> {
  const { decision: kind, code } = recordOf(params);
  if ((kind === 'approve' || kind === 'refuse') && typeof code === 'string') return ok({ decision: kind, code });
  return fail('RPC_INVALID_PARAMS', 'decision: approve or refuse; code: what the board shows');
}

/** A week at most: who gets a token for longer has forgotten it. */
const MINUTES_MAX = 7 * 24 * 60;

function tokenWish(params: unknown): Result<GeoDhcpMethods['enrolToken']['params']> {
  const { port, minutes } = recordOf(params);
  const span = typeof minutes === 'number' && Number.isInteger(minutes) && minutes >= 1 && minutes <= MINUTES_MAX;
  if (typeof port === 'string' && span) return ok({ port, minutes });
  return fail('RPC_INVALID_PARAMS', `port: SWITCH/PORT; minutes: 1 to ${MINUTES_MAX}`);
}

function textParam<K extends string>(name: K, good: (text: string) => boolean) {
  return (params: unknown): Result<Record<K, string>> => {
    const value = typeof params === 'object' && params !== null ? (params as Record<string, unknown>)[name] : undefined;
    if (typeof value === 'string' && good(value)) return ok({ [name]: value } as Record<K, string>);
    return fail(
      'RPC_INVALID_PARAMS',
      `${name}: ${JSON.stringify(value) ?? 'nothing'} is not ${name === 'mac' ? 'a MAC address' : 'an IPv4 address'}`,
    );
  };
}

type Leases = GeoDhcpTopics['leases'];

export function leaseTopic(server: () => Server): Topic<Leases | null, Leases> {
  return new Topic({ snapshot: () => ({ leases: keptOf(server().state).leases }) });
}
