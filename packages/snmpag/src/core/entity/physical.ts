import type { Board, Cluster } from '@softset/protocol';
import type { Behind } from '../relay/behind.js';
import { integerOf, type MergedInterface } from './merged-interfaces.js';

/** What the system is made of (ENTITY-MIB, RFC 6933): one chassis, in it boards and switches, in those ports. */
export type Entity =
  | { readonly kind: 'chassis'; readonly index: number; readonly cluster: Cluster }
  | { readonly kind: 'board'; readonly index: number; readonly board: Board; readonly behind: Behind | undefined }
  | { readonly kind: 'switch'; readonly index: number; readonly behind: Behind }
  | { readonly kind: 'port'; readonly index: number; readonly port: MergedInterface };

export const CHASSIS = 1;
/** Of a board or switch: behind the chassis, and far in front of the ports, whose index is that of their merged ifIndex. */
export const moduleIndex = (number: number): number => 1000 + number;
/** IANAifType: what has a socket. Bridges, bonds and VLANs are interfaces, and no entities. */
const ETHERNET = 6;

export function entities(
  cluster: Cluster,
  behind: readonly Behind[],
  interfaces: readonly MergedInterface[],
): readonly Entity[] {
  const of = (board: Board): Behind | undefined => behind.find(({ agent }) => agent.board === board.id);
  return [
    { kind: 'chassis', index: CHASSIS, cluster },
    ...cluster.boards.map(
      (board): Entity => ({ kind: 'board', index: moduleIndex(board.id), board, behind: of(board) }),
    ),
    ...behind
      .filter(({ agent }) => agent.board === undefined)
      .map((one): Entity => ({ kind: 'switch', index: moduleIndex(one.agent.number), behind: one })),
    ...interfaces
      .filter(({ own }) => integerOf(own, 3) === ETHERNET)
      .map((port): Entity => ({ kind: 'port', index: port.index, port })),
  ];
}

export function containerOf(entity: Entity): number {
  if (entity.kind === 'chassis') return 0;
  return entity.kind === 'port' ? moduleIndex(entity.port.behind.agent.number) : CHASSIS;
}
