import type { Cluster } from '@softset/protocol';

/** What names there are: of the cluster file, or, where there is none, boards of the file's own groups. */
export interface World {
  /** Whether it is a cluster file's: else no name is looked up in it. */
  readonly whole: boolean;
  readonly boards: readonly string[];
  readonly services: readonly { readonly name: string; readonly pool: readonly string[] }[];
  readonly programs: readonly {
    readonly name: string;
    readonly boards: readonly string[];
    readonly service?: string;
  }[];
  /** Boards and switches that may be asked by SNMP. */
  readonly agents: readonly string[];
}

export const NO_WORLD: World = { whole: false, boards: [], services: [], programs: [], agents: [] };

export function worldOf(cluster: Cluster): World {
  const names = new Map(cluster.boards.map((board) => [board.id, board.name]));
  const named = (ids: readonly number[]): string[] => ids.map((id) => names.get(id) ?? '');
  const boards = cluster.boards.map((board) => board.name);
  const switches = (cluster.geodhcp?.switches ?? []).map((one) => one.name);
  const agents = cluster.snmp?.agents.map((one) => one.name) ?? ['switch-a', 'switch-b'];
  return {
    whole: true,
    boards,
    services: cluster.services.map(({ name, pool }) => ({ name, pool: named(pool) })),
    programs: cluster.programs.map(({ name, boards: on, service }) => ({
      name,
      boards: named(on),
      ...(service === undefined ? {} : { service }),
    })),
    agents: [...boards, ...new Set([...switches, ...agents])],
  };
}
