import { type BoardId, boardById, type Cluster, NETWORKS, type Network } from '@softset/protocol/cluster.js';
import type { PulseBoard, PulseReport } from '@softset/protocol/pulse-socket.js';

/** Who hears whom, on which network, as far as this board knows: its own ears, and what the boards it hears say of theirs. */
export interface Matrix {
  readonly self: BoardId;
  /** This board and those it calls up, ascending: only their word is fresh. */
  readonly live: readonly BoardId[];
  /** `x` hears `y` on the network. Both live. */
  hears(x: BoardId, y: BoardId, network: Network): boolean;
  carrier(x: BoardId, network: Network): boolean;
  board(id: BoardId): PulseBoard | undefined;
  name(id: BoardId): string;
}

/** One more than the largest board number. */
const WIDTH = 65;

export function matrixOf(cluster: Cluster, self: BoardId, report: PulseReport): Matrix {
  const boards = new Map(report.boards.map((board) => [board.board, board]));
  const up = report.boards.filter((board) => board.verdict === 'up').map((board) => board.board);
  // Asked 64 × 64 times for each network: a table, since searching the lists took milliseconds.
  const tables = { A: new Uint8Array(WIDTH * WIDTH), B: new Uint8Array(WIDTH * WIDTH) };
  for (const network of NETWORKS) {
    const table = tables[network];
    for (const { board, paths, hears } of report.boards) {
      if (paths[network]) table[self * WIDTH + board] = 1;
      for (const y of hears[network]) if (y < WIDTH) table[board * WIDTH + y] = 1;
    }
  }
  return {
    self,
    live: [self, ...up].sort((a, b) => a - b),
    hears: (x, y, network) => tables[network][x * WIDTH + y] === 1,
    carrier: (x, network) => (x === self ? report.carrier : boards.get(x)?.carrier)?.[network] === true,
    board: (id) => boards.get(id),
    name: (id) => boardById(cluster, id)?.name ?? `board ${id}`,
  };
}

/** Boards among `ids` that hear `y` on the network. */
export function listeners(matrix: Matrix, ids: readonly BoardId[], y: BoardId, network: Network): BoardId[] {
  return ids.filter((x) => x !== y && matrix.hears(x, y, network));
}

/** Boards among `ids` that `x` hears on the network. */
export function heardBy(matrix: Matrix, ids: readonly BoardId[], x: BoardId, network: Network): BoardId[] {
  return ids.filter((y) => x !== y && matrix.hears(x, y, network));
}

const EVIDENCE_MAX = 100;

/** One line for people, cut where it would be longer than 100 characters. */
export function evidence(text: string): string {
  return text.length <= EVIDENCE_MAX ? text : `${text.slice(0, EVIDENCE_MAX - 1)}…`;
}

/** `nobody`, `cpu-2 alone`, `3 of 6`, `all 6`. */
export function howMany(matrix: Matrix, ids: readonly BoardId[], of: number): string {
  const [first] = ids;
  if (first === undefined) return 'nobody';
  if (ids.length === of) return of === 1 ? matrix.name(first) : `all ${of}`;
  return ids.length === 1 ? `${matrix.name(first)} alone` : `${ids.length} of ${of}`;
}
