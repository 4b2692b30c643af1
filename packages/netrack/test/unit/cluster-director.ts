import type { BoardId, Grant } from '@softset/protocol';
import { expect } from 'chai';
import { bootOf, CLUSTER_NUMBER, ClusterWorld, type Options } from './cluster-world.js';

/** Board 1 directs; all boards have reported that they hold nothing, and all have its register. */
export function director(options: Options = {}): ClusterWorld {
  const world = new ClusterWorld(options).elect();
  for (const board of [3, 4]) world.stockOf(board);
  world.ack(2, 3, 4);
  world.run(20);
  world.ack(2, 3, 4);
  return world;
}

/** And the service is held there. */
export function held(service: string, board: BoardId, options: Options = {}): { world: ClusterWorld; grant: Grant } {
  const world = director(options);
  const { grant } = world.serve(service, board);
  if (!grant) throw new Error('not served');
  world.ack(2, 3);
  world.outcome(board, service, grant, 'taken');
  world.ack(2, 3);
  expect(world.entry(service)?.holder).to.deep.equal({ board, grant });
  return { world, grant };
}

export function dies(world: ClusterWorld, board: BoardId): void {
  world.set(board, { verdict: 'down', paths: { A: false, B: false } });
  world.report();
}

export function phase(world: ClusterWorld, service: string): string | undefined {
  return world.view().services.find((one) => one.service === service)?.phase;
}

export const CLAIM_STAMP = { boot: bootOf(2), incarnation: 1, sequence: 500 };

export function claim(world: ClusterWorld, from: BoardId, term: number, register = { term: 0, index: 0 }) {
  return world.hear(from, { kind: 'claim', term, stamp: CLAIM_STAMP, register });
}

/** Board 3 has directed term 5 for long, and is well. */
export function led(
  world = new ClusterWorld({ memory: { cluster: CLUSTER_NUMBER, term: 5, candidate: 3 } }),
): ClusterWorld {
  world.pulse = { ...world.pulse, term: 5, director: 3 };
  for (const board of [2, 3, 4])
    world.set(board, { term: 5, director: 3, elected: board === 3, ...(board === 3 ? { deputy: 2 } : {}) });
  return world.start();
}
