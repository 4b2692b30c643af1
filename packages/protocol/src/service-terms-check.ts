import type { Service } from './cluster.js';
import type { Finding } from './cluster-check.js';
import type { ClusterFile } from './cluster-schema.js';

type Find = (path: Finding['path'], message: string) => void;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What services say of one another: `apart` and `together` are made to hold on both sides, names of the file stand for
 * all their instances, and what no placement could keep is refused.
 */
export function checkTerms(file: ClusterFile, services: Mutable<Service>[], find: Find): void {
  const instances = (name: string): Service[] => services.filter((one) => (one.group ?? one.name) === name);
  const apart = new Pairs();
  const together = new Pairs();
  for (const [name, entry] of Object.entries(file.services)) {
    for (const term of ['apart', 'together', 'requires'] as const) {
      entry[term].forEach((other, i) => {
        const at = ['services', name, term, i];
        if (!(other in file.services)) find(at, unknownService(other, file));
        else if (other === name && (term !== 'apart' || entry.redundancy === '2n'))
          find(at, 'names the service itself');
        else if (term === 'apart') apart.all(instances(name), instances(other));
        else if (term === 'together') together.all(instances(name), instances(other));
      });
    }
    if (entry.redundancy === 'n+1' || entry.redundancy === 'n+m') apart.all(instances(name), instances(name));
    for (const one of instances(name)) {
      const requires = entry.requires.flatMap((other) => instances(other).map((service) => service.name));
      if (requires.length > 0) (one as Mutable<Service>).requires = requires;
    }
  }
  for (const service of services) {
    const companions = together.closure(service.name);
    if (apart.of(service.name).length > 0) service.apart = apart.of(service.name);
    if (companions.length > 0) service.together = companions;
    const at = ['services', service.group ?? service.name];
    const torn = companions.find((other) => apart.of(service.name).includes(other));
    if (torn !== undefined) find([...at, 'together'], `${service.name} would be both apart from ${torn} and with it`);
    const pools = [service.name, ...companions].map((name) => services.find((one) => one.name === name)?.pool ?? []);
    const shared = service.pool.filter((board) => pools.every((pool) => pool.includes(board)));
    if (companions.length > 0 && shared.length === 0)
      find([...at, 'together'], `no board is in the pools of ${[service.name, ...companions].join(', ')}`);
    const circle = circleFrom(service.name, services);
    if (circle !== undefined) find([...at, 'requires'], `goes in a circle: ${circle.join(' requires ')}`);
  }
}

function unknownService(name: string, file: ClusterFile): string {
  return `unknown service "${name}"; known: ${Object.keys(file.services).sort().join(', ')}`;
}

/** The way back to `name` by `requires`, if there is one. */
function circleFrom(name: string, services: readonly Service[]): string[] | undefined {
  const visited = new Set<string>();
  const walk = (at: string, way: readonly string[]): string[] | undefined => {
    for (const next of services.find((one) => one.name === at)?.requires ?? []) {
      if (next === name) return [...way, next];
      if (visited.has(next)) continue;
      visited.add(next);
      const found = walk(next, [...way, next]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(name, [name]);
}

/** Which names go with which, told on both sides. */
class Pairs {
  readonly #of = new Map<string, Set<string>>();

  all(some: readonly Service[], others: readonly Service[]): void {
    for (const one of some) {
      for (const other of others) {
        if (one.name === other.name) continue;
        this.#add(one.name, other.name);
        this.#add(other.name, one.name);
      }
    }
  }

  #add(one: string, other: string): void {
    this.#of.set(one, (this.#of.get(one) ?? new Set()).add(other));
  }

  of(name: string): string[] {
    return [...(this.#of.get(name) ?? [])].sort();
  }

  /** All that `name` goes with, and what those go with. */
  closure(name: string): string[] {
    const found = new Set([name]);
    for (const one of found) for (const next of this.of(one)) found.add(next);
    found.delete(name);
    return [...found].sort();
  }
}
