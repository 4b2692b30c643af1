import type { BoardId, Cluster, NetrackState, Service, ServiceState } from '@softset/protocol';
import { EMPTY_HISTORY } from '@softset/redirect/core/history.js';
import { type Aside, type PendingWish, type Placement, place } from '@softset/redirect/core/placement.js';
import { board, cluster, state } from './fixture.js';

/** A chassis of `boards` boards with the services that are told; the rest of each is a 2n service's. */
export function chassisOf(
  boards: number,
  services: Readonly<Record<string, Partial<Service>>>,
  capacity: Readonly<Record<BoardId, number>> = {},
): Cluster {
  const base = cluster();
  const ids = Array.from({ length: boards }, (_, i) => i + 1);
  const [sample] = base.services;
  const [first] = base.boards;
  if (sample === undefined || first === undefined) throw new Error('the fixture has services and boards');
  return {
    ...base,
    boards: ids.map((id) => ({
      ...first,
      id,
      name: `io-${id}`,
      ...(capacity[id] === undefined ? {} : { capacity: capacity[id] }),
    })),
    services: Object.entries(services).map(([name, part], index) => ({
      ...sample,
      name,
      index,
      pool: ids,
      programs: [],
      ...part,
    })),
    programs: [],
  };
}

/** All boards well but those in `down`; services by their holder, `null` for free, or as they are told. */
export function stateOf(
  { boards }: Cluster,
  holders: Readonly<Record<string, BoardId | null | Partial<ServiceState>>>,
  down: readonly BoardId[] = [],
): NetrackState {
  return state({
    boards: boards.map(({ id, name }) => ({
      ...board(id, down.includes(id) ? { verdict: 'down' } : {}),
      name,
      programs: [],
    })),
    services: Object.entries(holders).map(([service, holder]) => ({ service, cause: '', ...placeOf(holder) })),
  });
}

function placeOf(holder: BoardId | null | Partial<ServiceState>): Pick<ServiceState, 'phase'> & Partial<ServiceState> {
  if (holder === null) return { phase: 'free' };
  if (typeof holder !== 'number') return { phase: 'held', ...holder };
  return { phase: 'held', holder: { board: holder, grant: { term: 1, n: 1 } } };
}

interface Given {
  readonly wellSinceMs?: Readonly<Record<BoardId, number>>;
  readonly wishes?: readonly PendingWish[];
  readonly aside?: Aside;
  readonly nowMs?: number;
}

export function placed(chassis: Cluster, seen: NetrackState, given: Given = {}): Placement {
  const history = { ...EMPTY_HISTORY, wellSinceMs: given.wellSinceMs ?? {} };
  return place(chassis, seen, history, given.nowMs ?? 100_000, given.wishes ?? [], undefined, given.aside ?? {});
}

/** `media-1: 3` for each service that is to move. */
export function moves({ serve }: Placement): Readonly<Record<string, BoardId>> {
  return Object.fromEntries(serve.map(({ service, board: to }) => [service, to]));
}
