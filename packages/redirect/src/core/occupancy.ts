import { type BoardId, boardById, type Cluster, type NetrackState, type Service } from '@softset/protocol';

/** What a board without a capacity counts as when loads are compared. */
const CAPACITY = 100;

/**
 * Where services are, or may be: what `apart`, `together` and load are judged by. A service that moves is on both of
 * its boards, and one whose holder is silent is still there: only what is free is nowhere.
 */
export class Occupancy {
  readonly #cluster: Cluster;
  readonly #at = new Map<string, readonly BoardId[]>();
  readonly #used = new Map<BoardId, number>();
  readonly #leaves = new Map<BoardId, number>();

  constructor(cluster: Cluster, state: NetrackState, under: Readonly<Record<string, BoardId>>) {
    this.#cluster = cluster;
    for (const { service, phase, holder, next } of state.services) {
      const boards = phase === 'free' ? [] : [holder?.board, next?.board].filter((board) => board !== undefined);
      const going = under[service];
      this.#set(service, going === undefined || boards.includes(going) ? boards : [...boards, going]);
    }
  }

  #set(service: string, boards: readonly BoardId[]): void {
    const weight = weightOf(this.#cluster.services.find((one) => one.name === service));
    for (const board of this.#at.get(service) ?? []) this.#used.set(board, this.used(board) - weight);
    for (const board of boards) this.#used.set(board, this.used(board) + weight);
    this.#at.set(service, boards);
  }

  /** It is to come to `board`: until it has, it is where it was as well. */
  send(service: string, board: BoardId): void {
    const boards = this.at(service);
    if (boards.includes(board)) return;
    const weight = weightOf(this.#cluster.services.find((one) => one.name === service));
    for (const from of boards) this.#leaves.set(from, (this.#leaves.get(from) ?? 0) + weight);
    this.#set(service, [...boards, board]);
  }

  at(service: string): readonly BoardId[] {
    return this.#at.get(service) ?? [];
  }

  used(board: BoardId): number {
    return this.#used.get(board) ?? 0;
  }

  /** Load of a board that takes `weight` more: 1 is full. */
  load(board: BoardId, weight = 0): number {
    const capacity = boardById(this.#cluster, board)?.capacity ?? CAPACITY;
    return Math.round(((this.used(board) + weight) / capacity) * 1000) / 1000;
  }

  /** Load of a board once all that was sent elsewhere has left it. */
  loadAfter(board: BoardId): number {
    return this.load(board, -(this.#leaves.get(board) ?? 0));
  }

  fits(board: BoardId, weight: number): boolean {
    const capacity = boardById(this.#cluster, board)?.capacity;
    return capacity === undefined || weight === 0 || this.used(board) + weight <= capacity;
  }
}

export function weightOf(service: Service | undefined): number {
  return service?.weight ?? 1;
}

/** Lower is preferred; the pinned board stands before all others. */
export function rankOf(service: Service, board: BoardId, pin?: BoardId): number {
  if (pin === board) return 0;
  const position = service.pool.indexOf(board);
  return service.ranks?.[position] ?? position + 1;
}

/** Services that go together, each set once, in the order of the file: most are alone. */
export function unitsOf(cluster: Cluster): readonly (readonly Service[])[] {
  return cluster.services.flatMap((service) => {
    const names = [service.name, ...(service.together ?? [])];
    const unit = cluster.services.filter((one) => names.includes(one.name));
    return unit[0] === service ? [unit] : [];
  });
}
