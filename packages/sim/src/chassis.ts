import type { Mac, Random } from '@softset/base';
import type { BoardId, Cluster, Network, Program, Service } from '@softset/protocol';

export const TIMING = { intervalMs: 10, leaseMs: 250, proofMs: 50 } as const;

export interface Chassis {
  readonly cluster: Cluster;
  /** How fast each board's clock runs; only one of them runs wrong. */
  readonly rates: ReadonlyMap<BoardId, number>;
}

/** Runs on one board at a time, so that a service which has it is never handed over while it is held (M8). */
export const EXCLUSIVE = 'server';

function exclusive(boards: readonly BoardId[]): Program {
  return {
    name: EXCLUSIVE,
    command: ['/bin/true'],
    environment: {},
    directory: '/',
    after: [],
    requires: [],
    log: { bytesMax: 1_048_576 },
    exclusive: 'program',
    restart: 'permanent',
    exits: { normal: [0], final: [], again: [] },
    pause: { minMs: 50, maxMs: 1000, quietMs: 10_000 },
    giveUp: { deaths: 3, withinMs: 10_000 },
    stop: { signal: 'TERM', timeoutMs: 100 },
    boards,
  };
}

export function macOf(board: BoardId, network: Network): Mac {
  return `02:00:00:00:${network === 'A' ? '0a' : '0b'}:${board.toString(16).padStart(2, '0')}`;
}

/**
 * A chassis of `boards` boards, an odd few of which vote. Two boards get a third for a witness: it votes and holds
 * nothing. One to three services, some strict, half of them with a program, with pools in any order.
 */
export function chassis(boards: number, random: Random): Chassis {
  const witness = boards === 2;
  const count = witness ? 3 : boards;
  const ids = Array.from({ length: count }, (_, i) => i + 1);
  const votes = witness || count < 5 || random.chance(0.5) ? 3 : 5;
  const voters = new Set(witness ? ids : shuffled(ids, random).slice(0, votes));
  const hosts = witness ? ids.slice(0, 2) : ids;
  const services = Array.from({ length: random.integer(1, 3) }, (_, index): Service => {
    const pool = shuffled(hosts, random).slice(0, random.integer(2, Math.min(4, hosts.length)));
    return {
      name: ['web', 'media', 'mail'][index] ?? 'more',
      index,
      addresses: [{ ip: `192.168.1.${index + 1}`, length: 32 }],
      pool,
      redundancy: '2n',
      programs: random.chance(0.5) ? [EXCLUSIVE] : [],
      takeover: random.chance(0.5) ? 'fast' : 'strict',
      ...(random.chance(0.2) ? { fencing: random.chance(0.5) ? ('power' as const) : ('switch-port' as const) } : {}),
      announce: ['arp'],
      failback: 'manual',
    };
  });
  const terms = withTerms(services, hosts, random);
  const wrong = random.pick(ids);
  const rates = new Map(ids.map((id) => [id, id === wrong ? 0.96 + random.next() * 0.08 : 1]));
  const cluster: Cluster = {
    name: 'chassis',
    number: 7,
    keyFile: 'key',
    timing: TIMING,
    ports: { beat: 7413, relay: 7414, alert: 7415 },
    networks: {
      A: { subnet: { ip: '10.1.0.0', length: 16 } },
      B: { subnet: { ip: '10.2.0.0', length: 16 } },
    },
    boards: ids.map((id) => ({
      name: `cpu-${id}`,
      id,
      role: 'node',
      addresses: { A: `10.1.0.${id}`, B: `10.2.0.${id}` },
      devices: { A: 'a0', B: 'b0' },
      vote: voters.has(id),
      disk: true,
    })),
    outside: [],
    services: terms,
    programs: [exclusive(ids)],
  };
  return { cluster, rates };
}

/** Some chassis have n+m, services that go together, or one that requires another. */
function withTerms(services: readonly Service[], hosts: readonly BoardId[], random: Random): Service[] {
  const kind = random.next();
  const [first] = services;
  if (first === undefined || services.length < 2) return [...services];
  const names = services.map(({ name }) => name);
  if (kind < 0.3 && hosts.length > services.length) {
    const pool = shuffled(hosts, random).slice(0, random.integer(services.length + 1, hosts.length));
    return services.map((service, i) => ({
      ...service,
      redundancy: 'n+m',
      group: 'all',
      pool,
      ranks: pool.map((_, at) => (at === i ? 1 : at >= services.length ? 2 : 3)),
      apart: names.filter((name) => name !== service.name),
    }));
  }
  if (kind < 0.5) {
    const { pool } = first;
    const pair = names.slice(0, 2);
    return services.map((service) =>
      pair.includes(service.name)
        ? { ...service, pool, together: pair.filter((name) => name !== service.name) }
        : service,
    );
  }
  if (kind < 0.6) return services.map((service, i) => (i === 1 ? { ...service, requires: [first.name] } : service));
  return [...services];
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
