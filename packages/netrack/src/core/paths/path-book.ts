import { type BoardId, NETWORKS, type Network } from '@softset/protocol/cluster.js';
import type { PulseReport } from '@softset/protocol/pulse-socket.js';
import { bestPath, holdMs, isSteady, type Losses, type PathMemory } from './best-path.js';

/** The ways to all boards, kept from one report to the next. */
export class PathBook {
  readonly #self: BoardId;
  readonly #paths = new Map<BoardId, PathMemory>();
  #prefers: Network = 'A';

  constructor(self: BoardId) {
    this.#self = self;
  }

  /** Which network is used from the next report on while it works. */
  prefer(network: Network): void {
    this.#prefers = network;
  }

  /** Takes in a report; also to be called with the last one again when `nextMs` has come. */
  note(report: PulseReport, nowMs: number): void {
    for (const { board } of report.boards) {
      this.#paths.set(board, bestPath(this.#self, report, board, this.#paths.get(board), nowMs, this.#prefers));
    }
  }

  /** Network to reach a board by now; undefined when there is none. */
  network(board: BoardId): Network | undefined {
    return this.#paths.get(board)?.network;
  }

  /** Whether the network works between us and the board, and has for a while: its own address can be used directly. */
  steady(board: BoardId, network: Network, nowMs: number): boolean {
    const memory = this.#paths.get(board);
    return memory !== undefined && isSteady(memory, network, nowMs);
  }

  /** Boards whose network was lost and did not work steadily since, and how often in a row. */
  unsteady(network: Network, nowMs: number): ReadonlyMap<BoardId, Losses> {
    return new Map(
      [...this.#paths].flatMap(([board, memory]): [BoardId, Losses][] => {
        const losses = memory.losses[network];
        return losses === undefined || isSteady(memory, network, nowMs) ? [] : [[board, losses]];
      }),
    );
  }

  get boards(): number {
    return this.#paths.size;
  }

  /** When a network that came back will have worked long enough; undefined when none came back of late. */
  nextMs(nowMs: number): number | undefined {
    const times = [...this.#paths.values()].flatMap(({ worksSinceMs, losses }) =>
      NETWORKS.flatMap((network) => {
        const sinceMs = worksSinceMs[network];
        return sinceMs === undefined ? [] : sinceMs + holdMs(losses[network]);
      }),
    );
    const coming = times.filter((atMs) => atMs > nowMs);
    return coming.length === 0 ? undefined : Math.min(...coming);
  }
}
