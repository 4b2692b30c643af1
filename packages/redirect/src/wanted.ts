import { fail, ok, type Result } from '@softset/base';
import {
  type Board,
  boardById,
  boardByName,
  type Change,
  type Cluster,
  NETWORKS,
  type OperatorWish,
  type Service,
} from '@softset/protocol';
import { explain } from './core/placement.js';
import type { DirectorShell } from './director-shell.js';

/** What operators name, found; or what there is. */
export function serviceOf(cluster: Cluster, name: string): Result<Service> {
  const service = cluster.services.find((entry) => entry.name === name);
  if (service !== undefined) return ok(service);
  return fail('UNKNOWN_SERVICE', `no service "${name}"; known: ${cluster.services.map((one) => one.name).join(', ')}`);
}

export function boardOf(cluster: Cluster, name: string): Result<Board> {
  const board = boardByName(cluster, name);
  if (board !== undefined) return ok(board);
  return fail('UNKNOWN_BOARD', `no board "${name}"; known: ${cluster.boards.map((one) => one.name).join(', ')}`);
}

const ADMIN = { drain: 'drained', maintenance: 'maintenance', standby: 'standby', activate: 'in-service' } as const;

export function changeOf(cluster: Cluster, wish: Exclude<OperatorWish, { kind: 'move' }>): Result<Change> {
  if (wish.kind === 'unpin') {
    const service = serviceOf(cluster, wish.service);
    return service.ok ? ok({ kind: 'unpin', service: wish.service }) : service;
  }
  if (wish.kind === 'prefer') {
    const network = NETWORKS.find((one) => one === wish.network);
    if (network !== undefined) return ok({ kind: 'prefer', network });
    return fail('UNKNOWN_NETWORK', `no network "${wish.network}"; known: ${NETWORKS.join(', ')}`);
  }
  const board = boardOf(cluster, wish.board);
  if (!board.ok) return board;
  if (wish.kind === 'leave' || wish.kind === 'return') return ok({ kind: wish.kind, board: board.value.id });
  if (wish.kind !== 'pin') return ok({ kind: 'admin', board: board.value.id, admin: ADMIN[wish.kind] });
  const service = serviceOf(cluster, wish.service);
  return service.ok ? ok({ kind: 'pin', service: wish.service, board: board.value.id }) : service;
}

/** The board that was named, or the best other one by this board's own view. */
export function targetOf(cluster: Cluster, director: DirectorShell, name: string, board?: string): Result<string> {
  const service = serviceOf(cluster, name);
  if (!service.ok) return service;
  if (board !== undefined) {
    const named = boardOf(cluster, board);
    return named.ok ? ok(named.value.name) : named;
  }
  const seen = director.seen;
  const now = seen?.services.find((entry) => entry.service === name);
  if (seen === undefined || now === undefined) return fail('NOT_CONNECTED', 'netrackd has not told its state yet');
  const best = explain(cluster, seen, director.state.history, service.value, now);
  const found = best.board === undefined ? undefined : boardById(cluster, best.board);
  if (found !== undefined) return ok(found.name);
  const why = best.reasons.map((reason) => `${boardById(cluster, reason.board)?.name}: ${reason.why}`).join('; ');
  return fail('NO_OTHER_BOARD', `no other board can take ${name} (${why})`);
}
