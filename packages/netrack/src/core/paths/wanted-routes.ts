import { formatIp, type Ip, isIpv6, type Prefix, parseIp } from '@softset/base';
import { type Board, type BoardId, boardById, type Cluster, NETWORKS } from '@softset/protocol/cluster.js';
import type { ServiceState } from '@softset/protocol/methods/netrack.js';
import type { PulseReport } from '@softset/protocol/pulse-socket.js';
import type { PathBook } from './path-book.js';

/** A route that this board should have. Plain data, so that lists of them can be compared. */
export interface WantedRoute {
  /** With its length and without host bits, as the kernel lists it: `10.1.1.2/32`. */
  readonly destination: string;
  readonly via: Ip;
  readonly device: string;
}

/**
 * The routes by which programs that never heard of NETRACK reach boards and services (002 ¶0047, ¶0049–0051):
 * - a board's private address on the network that does not work between us goes by its address on the other;
 * - a public address that is announced by route goes to its holder's private address;
 * - what is outside goes by the gateway, except on routers, which have their own way out.
 * `book` must have noted this report.
 */
export function wantedRoutes(
  cluster: Cluster,
  self: BoardId,
  report: PulseReport,
  services: readonly ServiceState[],
  book: PathBook,
  nowMs: number,
): WantedRoute[] {
  const own = boardById(cluster, self);
  if (own === undefined) return [];
  const others = report.boards.flatMap(({ board }) => boardById(cluster, board) ?? []);
  const gateway = own.role === 'router' ? undefined : cluster.gateway;
  const routes = [
    ...others.flatMap((board) => detours(own, board, book, nowMs)),
    ...services.flatMap((state) => publicRoutes(cluster, own, state, book)),
    ...cluster.outside.flatMap((prefix) => toBoard(cluster, own, networkOf(prefix), gateway, book)),
  ];
  // One route for each destination: the kernel would keep the last, and the next comparison would never come to rest.
  return [...new Map(routes.reverse().map((route) => [route.destination, route])).values()].reverse();
}

function detours(own: Board, board: Board, book: PathBook, nowMs: number): WantedRoute[] {
  const by = book.network(board.id);
  const other = NETWORKS.find((n) => n !== by);
  if (by === undefined || other === undefined || book.steady(board.id, other, nowMs)) return [];
  const [to, via] = [board.addresses[other], board.addresses[by]];
  return isIpv6(to) === isIpv6(via) ? [{ destination: hostPrefix(to), via, device: own.devices[by] }] : [];
}

function publicRoutes(cluster: Cluster, own: Board, state: ServiceState, book: PathBook): WantedRoute[] {
  const service = cluster.services.find(({ name }) => name === state.service);
  if (service === undefined || !service.announce.includes('route')) return [];
  return service.addresses.flatMap(({ ip }) => toBoard(cluster, own, hostPrefix(ip), state.holder?.board, book));
}

/** By way of a board, on the best network to it. None where the families differ, nor on the board itself: it has no path
 * to itself. */
function toBoard(
  cluster: Cluster,
  own: Board,
  destination: string,
  id: BoardId | undefined,
  book: PathBook,
): WantedRoute[] {
  const board = id === undefined ? undefined : boardById(cluster, id);
  const network = board === undefined ? undefined : book.network(board.id);
  if (board === undefined || network === undefined) return [];
  const via = board.addresses[network];
  return isIpv6(via) === isIpv6(destination) ? [{ destination, via, device: own.devices[network] }] : [];
}

function hostPrefix(ip: Ip): string {
  return `${ip}/${isIpv6(ip) ? 128 : 32}`;
}

/** The kernel refuses a route whose destination has host bits (EINVAL). */
function networkOf(prefix: Prefix): string {
  const bytes = parseIp(prefix.ip);
  if (!bytes.ok) return `${prefix.ip}/${prefix.length}`;
  const masked = bytes.value.map((byte, i) => byte & ~(0xff >> Math.min(8, Math.max(0, prefix.length - 8 * i))));
  return `${formatIp(masked)}/${prefix.length}`;
}
