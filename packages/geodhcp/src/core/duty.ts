import type { BoardId, NetrackState } from '@softset/protocol';

export interface Duty {
  readonly answering: boolean;
  readonly why: string;
}

type Seen = Pick<NetrackState, 'director' | 'boards'>;

/**
 * Which of the boards that run geodhcpd answers: the director, or the first of them that is up where the director is
 * none of them. Where netrackd says nothing each answers: all have the same map and ask the same switches, so that two
 * answers are the same answer, and silence would be worse.
 */
export function dutyOf(self: BoardId, servers: readonly BoardId[], seen: Seen | undefined): Duty {
  if (!servers.includes(self)) return { answering: false, why: 'this board is not among geodhcp.boards' };
  if (servers.length === 1) return { answering: true, why: 'the only board of geodhcp.boards' };
  if (seen === undefined) return { answering: true, why: 'netrackd says nothing' };
  const { director, boards } = seen;
  const nameOf = (id: BoardId): string => boards.find(({ board }) => board === id)?.name ?? `board ${id}`;
  if (servers.includes(director)) {
    return { answering: director === self, why: `${nameOf(director)} is the director` };
  }
  const up = (id: BoardId): boolean => {
    const verdict = boards.find(({ board }) => board === id)?.verdict;
    return id === self || verdict === 'up' || verdict === 'self';
  };
  const first = servers.find(up) ?? self;
  return { answering: first === self, why: `${nameOf(first)} is the first of geodhcp.boards that is up` };
}
