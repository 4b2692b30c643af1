import { parseIp, parsePrefix } from '@softset/base';
import type { Board, Snmp, SnmpAgent } from './cluster.js';
import { type Finding, unknown } from './cluster-check.js';
import type { ClusterFile } from './cluster-schema.js';

type SnmpFile = NonNullable<ClusterFile['snmp']>;
type Find = (path: Finding['path'], message: string) => void;

/** The `snmp` part: that boards, users and agents are there, and that each has one way to be spoken to. */
export function checkSnmp(file: SnmpFile, boards: readonly Board[], find: Find): Snmp {
  const names = boards.map((one) => one.name);
  const named = file.boards?.flatMap((name, i) => {
    const board = boards.find((one) => one.name === name);
    if (!board) find(['snmp', 'boards', i], unknown('board', name, names));
    return board ? [board.id] : [];
  });
  const { users, communities, targets, listen, agentx, traps } = file;
  communities.forEach(({ from, context }, i) => {
    const prefix = parsePrefix(from);
    if (!prefix.ok) find(['snmp', 'communities', i, 'from'], prefix.message);
    if (context !== undefined && !(context in file.agents)) {
      find(['snmp', 'communities', i, 'context'], unknown('agent', context, Object.keys(file.agents)));
    }
  });
  targets.forEach(({ user, communityFile }, i) => {
    if ((user === undefined) === (communityFile === undefined)) {
      find(['snmp', 'targets', i], 'needs exactly one of user and communityFile');
    }
    if (user !== undefined && !(user in users)) {
      find(['snmp', 'targets', i, 'user'], unknown('user', user, Object.keys(users)));
    }
  });
  const runs = named ?? boards.filter(({ role }) => role === 'control').map(({ id }) => id);
  return {
    boards: runs,
    listen,
    ...(agentx === undefined ? {} : { agentx }),
    ...(traps === undefined ? {} : { traps }),
    users: Object.entries(users).map(([name, user]) => ({ ...user, name })),
    communities,
    targets,
    agents: checkAgents(file, boards, runs, find),
  };
}

function checkAgents(file: SnmpFile, boards: readonly Board[], runs: readonly number[], find: Find): SnmpAgent[] {
  const numbers = new Map<number, string>();
  const agents = Object.entries(file.agents).map(([name, agent]): SnmpAgent => {
    const path = ['snmp', 'agents', name];
    const board = boards.find((one) => one.name === name);
    if (board !== undefined && agent.number !== undefined) {
      find([...path, 'number'], `${name} is a board, and has its number from there`);
    }
    if (board === undefined && agent.number === undefined)
      find(path, `needs a number, for there is no board "${name}"`);
    if (board === undefined && agent.addresses === undefined) {
      find(path, `needs addresses, for there is no board "${name}"`);
    }
    const number = board?.id ?? agent.number ?? 0;
    const other = numbers.get(number);
    if (other !== undefined) find([...path, 'number'], `${number} is the number of ${other}`);
    numbers.set(number, name);
    agent.addresses?.forEach((address, i) => {
      const ip = parseIp(address);
      if (!ip.ok) find([...path, 'addresses', i], ip.message);
    });
    const v3 = agent.user !== undefined && agent.passwordFile !== undefined;
    const half = (agent.user === undefined) !== (agent.passwordFile === undefined);
    if (half || v3 === (agent.communityFile !== undefined)) {
      find(path, 'needs either communityFile, or user and passwordFile');
    }
    // An agent that is the system's own front would be asked for what it asks of us, round and round.
    if (board !== undefined && runs.includes(board.id) && file.listen.includes(`udp:${agent.port}`)) {
      find([...path, 'port'], `${agent.port} of ${name} is where SNMP/ag itself answers: its own agent needs another`);
    }
    const ways = agent.addresses ?? (board === undefined ? [] : [board.addresses.A, board.addresses.B]);
    return { ...agent, name, number, ...(board === undefined ? {} : { board: board.id }), addresses: ways };
  });
  return agents.sort((a, b) => a.number - b.number);
}
