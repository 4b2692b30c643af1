import { formatMac, type Mac, type Prefix, parseMac } from '@softset/base';
import type { Board, Service } from './cluster.js';
import type { Finding } from './cluster-check.js';
import type { ClusterFile } from './cluster-schema.js';
import { checkTerms } from './service-terms-check.js';

type Find = (path: Finding['path'], message: string) => void;

export interface ServiceParts {
  readonly byName: ReadonlyMap<string, Board>;
  /** Who has each address: boards' are there already, services' are added. */
  readonly owner: Map<string, string>;
  readonly prefix: (path: Finding['path'], text: string) => Prefix;
  readonly unknown: (what: string, name: string, known: Iterable<string>) => string;
}

/**
 * The services of a file. One that is not 2n becomes several, its instances `NAME-1`, `NAME-2`, …: each has its own
 * holder, grant and lease, so that everything below placement knows only services with one holder.
 */
export function checkServices(file: ClusterFile, parts: ServiceParts, find: Find): Service[] {
  const services: Service[] = [];
  const macs = new Map<Mac, string>();
  for (const [name, entry] of Object.entries(file.services)) {
    const at = ['services', name];
    const addresses = entry.addresses.map((text, i) => {
      const parsed = parts.prefix([...at, 'addresses', i], text);
      const first = parts.owner.get(parsed.ip);
      if (first !== undefined) find([...at, 'addresses', i], `${parsed.ip} is ${first}'s address already`);
      parts.owner.set(parsed.ip, `service ${name}`);
      return parsed;
    });
    const pool = entry.pool.flatMap((member, i) => {
      const board = parts.byName.get(member);
      if (!board) find([...at, 'pool', i], parts.unknown('board', member, parts.byName.keys()));
      else if (entry.pool.indexOf(member) !== i) find([...at, 'pool', i], `${member} is in this pool already`);
      return board ? [board.id] : [];
    });
    for (const member of Object.keys(entry.ranks ?? {})) {
      if (!entry.pool.includes(member)) find([...at, 'ranks', member], `${member} is not in the pool`);
    }
    if ((entry.failback === 'daily') !== (entry.failbackAt !== undefined))
      find([...at, 'failbackAt'], 'belongs to failback: daily, and is needed there');
    const powerless = entry.pool.find((member) => parts.byName.has(member) && !parts.byName.get(member)?.power);
    if (entry.fencing === 'power' && powerless !== undefined)
      find([...at, 'fencing'], `needs boards.${powerless}.power: how its power is taken away`);
    const portless = entry.pool.find((member) => parts.byName.has(member) && !parts.byName.get(member)?.switchPorts);
    if (entry.fencing === 'switch-port' && portless !== undefined)
      find([...at, 'fencing'], `needs boards.${portless}.switchPorts: where it is cut off`);
    const count = instancesOf(name, entry, file, find);
    const moved = macsOf(name, entry, count, macs, find);
    for (let i = 0; i < count; i++) {
      const mac = moved[i];
      const own = addresses.filter((_, position) => position % count === i);
      services.push({
        ...instance(name, i, count, entry, pool),
        index: services.length,
        addresses: own,
        ...(mac === undefined ? {} : { mac }),
      });
    }
  }
  checkTerms(file, services, find);
  return services;
}

type Entry = ClusterFile['services'][string];

/** The MAC of each instance: the written one and those that follow it; none where none is written, or it is wrong. */
function macsOf(name: string, entry: Entry, count: number, known: Map<Mac, string>, find: Find): readonly Mac[] {
  if (entry.mac === undefined) return [];
  const at = ['services', name, 'mac'];
  const none = (why: string): readonly Mac[] => {
    find(at, why);
    return [];
  };
  const parsed = parseMac(entry.mac);
  if (!parsed.ok) return none(parsed.message);
  const [first = 0, ...rest] = parsed.value;
  if (first % 2 === 1 || parsed.value.every((byte) => byte === 0)) return none(`${entry.mac} is no station's address`);
  if (!entry.announce.includes('arp')) return none('is told by ARP and neighbour advertisements: needs announce: arp');
  const number = rest.slice(2).reduce((sum, byte) => sum * 256 + byte, 0);
  if (number + count > 2 ** 24) return none(`${count} instances have no MACs after ${entry.mac}`);
  return Array.from({ length: count }, (_, i) => {
    const last = number + i;
    const mac = formatMac(Uint8Array.from([first, ...rest.slice(0, 2), last >> 16, (last >> 8) & 255, last & 255]));
    const whose = known.get(mac);
    if (whose !== undefined) find(at, `${mac} is service ${whose}'s MAC already`);
    known.set(mac, name);
    return mac;
  });
}

/** How many instances there are; what is wrong with their number is said. */
function instancesOf(name: string, entry: Entry, file: ClusterFile, find: Find): number {
  const at = ['services', name];
  const { redundancy, addresses, pool } = entry;
  if (redundancy === '2n') {
    if (entry.instances !== undefined) find([...at, 'instances'], 'a 2n service has one; use n+1, n+m or n-way');
    if (addresses.length > 16) find([...at, 'addresses'], `${addresses.length} addresses; one service has 16 at most`);
    return 1;
  }
  const count = entry.instances ?? addresses.length;
  if (addresses.length % count !== 0)
    find([...at, 'instances'], `${addresses.length} addresses cannot be dealt evenly to ${count} instances`);
  if (addresses.length / count > 16) find([...at, 'instances'], 'an instance has 16 addresses at most');
  const spares = pool.length - count;
  if (redundancy === 'n+1' && spares !== 1)
    find([...at, 'pool'], `n+1 with ${count} instances needs ${count + 1} boards, not ${pool.length}`);
  if (redundancy === 'n+m' && spares < 1)
    find([...at, 'pool'], `n+m with ${count} instances needs a spare: ${count + 1} boards or more, not ${pool.length}`);
  const last = `${name}-${count}`;
  if (last.length > 32) find(at, `${last} is longer than 32: give the service a shorter name`);
  for (let i = 1; i <= count; i++) {
    if (`${name}-${i}` in file.services) find(at, `its instance ${name}-${i} has the name of another service`);
  }
  const alone = redundancy === 'n+1' || redundancy === 'n+m' || entry.apart.includes(name);
  entry.programs.forEach((program, i) => {
    const shared = count > 1 && file.programs[program]?.exclusive === 'program';
    if (shared && (!alone || redundancy === 'n-way-active'))
      find(
        [...at, 'programs', i],
        `${program} is exclusive: program, and a ${redundancy} board may hold several instances: use exclusive: address`,
      );
  });
  return count;
}

function instance(name: string, i: number, count: number, entry: Entry, pool: readonly number[]) {
  const { redundancy, programs, takeover, announce, failback } = entry;
  const ranks = ranksOf(entry, i, count);
  const common = { pool, redundancy, programs, takeover, announce, failback } as const;
  return {
    name: redundancy === '2n' ? name : `${name}-${i + 1}`,
    ...common,
    ...(redundancy === '2n' ? {} : { group: name }),
    ...(ranks === undefined ? {} : { ranks }),
    ...(entry.fencing === 'none' ? {} : { fencing: entry.fencing }),
    ...(entry.weight === 1 ? {} : { weight: entry.weight }),
    ...(failback === 'manual' ? {} : { failbackStableMs: entry.failbackStableMs }),
    ...(entry.failbackAt === undefined ? {} : { failbackAtMin: minutesOf(entry.failbackAt) }),
  };
}

/** n+1, n+m: an instance's own board first, then the spares, then boards that are others' own. */
function ranksOf({ ranks, pool, redundancy }: Entry, i: number, count: number): readonly number[] | undefined {
  if (ranks !== undefined) return pool.map((member) => ranks[member] ?? 99);
  if (redundancy === 'n+1' || redundancy === 'n+m') {
    return pool.map((_, position) => (position === i ? 1 : position >= count ? 2 : 3));
  }
  return redundancy === '2n' ? undefined : pool.map(() => 1);
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
