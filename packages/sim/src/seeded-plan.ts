import type { Random } from '@softset/base';
import { type BoardId, type Change, type Cluster, NETWORKS } from '@softset/protocol';
import { PROCESSES } from './board.js';
import { shuffled } from './chassis.js';
import { type BoardRef, between, type Fault, oneWay } from './fault.js';

/** Faults come from here until a little before the end. */
const FROM_MS = 300;
const UNTIL_MS = 4950;
const HOUR_MS = 3_600_000;

/** One in eight runs has none in its first half second, so that a cold start is tried with and without faults. */
export function seededPlan(cluster: Cluster, random: Random): Fault[] {
  const calm = random.integer(1, 5);
  const count = random.integer(2, 6) * calm;
  return Array.from({ length: count }, (): Fault => {
    const fromMs = random.chance(0.1) ? 0 : FROM_MS;
    return draw(cluster, random, fromMs + random.next() * (UNTIL_MS - fromMs));
  }).sort((a, b) => a.atMs - b.atMs);
}

function draw(cluster: Cluster, random: Random, atMs: number): Fault {
  const ids = cluster.boards.map((board) => board.id);
  const board = someBoard(ids, random);
  const network = random.pick(NETWORKS);
  const networks = random.chance(0.6) ? NETWORKS : [network];
  const ms = duration(random);
  const process = random.pick(PROCESSES);
  const when = random.chance(0.6) ? {} : { steps: random.integer(0, 12) };
  const kind = random.next() * 100;
  if (kind < 4) return { atMs, kind: 'change', change: someChange(cluster, random) };
  if (kind < 18) {
    const service = random.pick(cluster.services);
    return { atMs, kind: 'wish', service: service.name, board: random.pick(service.pool) };
  }
  if (kind < 19) return { atMs, kind: 'copies', board, byMs: 20 + random.next() * 500, ms };
  if (kind < 20) return { atMs, kind: 'trunk', ms };
  if (kind < 21) return { atMs, kind: 'clock-step', board, byMs: random.chance(0.5) ? HOUR_MS : ms };
  if (kind < 22) return { atMs, kind: 'twin', board, ms };
  if (kind < 24) return { atMs, kind: 'loss', network, percent: random.integer(5, 60), pairs: pairs(ids, random), ms };
  if (kind < 40) return { atMs, kind: 'freeze', board, process: random.chance(0.2) ? 'board' : process, ms, ...when };
  if (kind < 48) return { atMs, kind: 'kill', board, process, ms: 2 + random.next() * 300, ...when };
  if (kind < 57)
    return {
      atMs,
      kind: 'reboot',
      board,
      ms: 20 + random.next() * 1500,
      disk: random.chance(0.75) ? 'kept' : 'lost',
      ...when,
    };
  if (kind < 63) return { atMs, kind: 'link', board, network, ms };
  if (kind < 69) return { atMs, kind: 'mute', board, networks, way: random.pick(['tx', 'rx', 'both'] as const), ms };
  if (kind < 80) return { atMs, kind: 'cut', networks, pairs: pairs(ids, random), ms };
  if (kind < 83) return { atMs, kind: 'switch', network, ms };
  if (kind < 87) return { atMs, kind: 'loss', network, percent: random.integer(5, 60), ms };
  if (kind < 90) return { atMs, kind: 'late', network, percent: random.integer(5, 60), ms };
  if (kind < 93)
    return { atMs, kind: 'relay-late', percent: random.integer(20, 90), upToMs: random.integer(20, 400), ms };
  if (kind < 98) return { atMs, kind: 'misjudge', boards: shuffled(ids, random).slice(0, 2) };
  return { atMs, kind: 'flush', board };
}

/** More boards are drained and left alone than given back: the operator does that once all is healed. */
function someChange(cluster: Cluster, random: Random): Change {
  const service = random.pick(cluster.services);
  if (random.chance(0.25)) return { kind: 'pin', service: service.name, board: random.pick(service.pool) };
  const admin = random.pick(['drained', 'drained', 'maintenance', 'standby', 'in-service'] as const);
  return { kind: 'admin', board: random.pick(service.pool), admin };
}

function someBoard(ids: readonly BoardId[], random: Random): BoardRef {
  return random.chance(0.5) ? random.pick(ids) : random.pick(['director', 'holder', 'deputy'] as const);
}

/** 5 ms to 2 s, as many short ones as long ones. */
function duration(random: Random): number {
  return 5 * 400 ** random.next();
}

/** Partitions into two, a board that hears and is not heard, single pairs, and rings in which only one hears all. */
function pairs(ids: readonly BoardId[], random: Random): (readonly [BoardId, BoardId])[] {
  const order = shuffled(ids, random);
  const at = random.integer(1, order.length - 1);
  const [one, others] = [order.slice(0, at), order.slice(at)];
  switch (random.integer(0, 4)) {
    case 0:
    case 1:
      return between(one, others);
    case 2:
      return oneWay(one, others);
    case 3:
      return between(order.slice(0, 1), order.slice(1, 2));
    default: {
      // Neighbours on a line hear one another, and the one in the middle hears everybody.
      const middle = order[Math.floor(order.length / 2)];
      return order.flatMap((a, i) =>
        order.flatMap((b, j): [BoardId, BoardId][] =>
          Math.abs(i - j) > 1 && a !== middle && b !== middle ? [[a, b]] : [],
        ),
      );
    }
  }
}
