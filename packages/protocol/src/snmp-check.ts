import { parsePrefix } from '@softset/base';
import type { Board, Snmp } from './cluster.js';
import { type Finding, unknown } from './cluster-check.js';
import type { ClusterFile } from './cluster-schema.js';

/** The `snmp` part: that boards and users are there, and that each receiver has one way to be spoken to. */
export function checkSnmp(
  file: NonNullable<ClusterFile['snmp']>,
  boards: readonly Board[],
  find: (path: Finding['path'], message: string) => void,
): Snmp {
  const named = file.boards?.flatMap((name, i) => {
    const board = boards.find((one) => one.name === name);
    if (!board) {
      find(
        ['snmp', 'boards', i],
        unknown(
          'board',
          name,
          boards.map((one) => one.name),
        ),
      );
    }
    return board ? [board.id] : [];
  });
  const { users, communities, targets, listen, agentx } = file;
  communities.forEach(({ from }, i) => {
    const prefix = parsePrefix(from);
    if (!prefix.ok) find(['snmp', 'communities', i, 'from'], prefix.message);
  });
  targets.forEach(({ user, communityFile }, i) => {
    if ((user === undefined) === (communityFile === undefined)) {
      find(['snmp', 'targets', i], 'needs exactly one of user and communityFile');
    }
    if (user !== undefined && !(user in users)) {
      find(['snmp', 'targets', i, 'user'], unknown('user', user, Object.keys(users)));
    }
  });
  return {
    boards: named ?? boards.filter(({ role }) => role === 'control').map(({ id }) => id),
    listen,
    ...(agentx === undefined ? {} : { agentx }),
    users: Object.entries(users).map(([name, user]) => ({ ...user, name })),
    communities,
    targets,
  };
}
