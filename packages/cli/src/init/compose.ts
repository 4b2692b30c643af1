import type { Answers } from './answers.js';

/** The cluster file, with what an operator wants to know beside it. Checked by `parseClusterFile` before it is written. */
export function composeClusterFile(answers: Answers, keyFile: string): string {
  const { name, number, networks, boards, votes, splitBrain } = answers;
  const network = (which: 'A' | 'B'): string => {
    const { subnet, device, multicast } = networks[which];
    const group = multicast === undefined ? '' : `, multicast: ${JSON.stringify(multicast)}`;
    return `  ${which}: { subnet: ${JSON.stringify(`${subnet.ip}/${subnet.length}`)}, device: ${JSON.stringify(device)}${group} }`;
  };
  const rows = boards.map((board, i) => {
    const vote = votes.includes(board.name) ? ', vote: true' : '';
    return `  ${board.name}: { id: ${i + 1}, role: ${board.role}, A: ${JSON.stringify(board.A)}, B: ${JSON.stringify(board.B)}${vote} }`;
  });
  const router = boards.find(({ role }) => role === 'router');
  return `# SOFTSET cluster file, the same on every board: softset-cluster(5) has all fields.
# After a change: copy it to every board, then softset doctor.
version: 1
cluster:
  name: ${name}
  # Tells this cluster from others on the same wire.
  number: ${number}
  # The shared key, beside this file: the same on every board, mode 0600, the daemons' own.
  keyFile: ${keyFile}
${
  splitBrain
    ? '  # Two votes and no witness: after a cut between them both boards may serve, or neither.\n  splitBrain: accepted\n'
    : ''
}
# The defaults, in ms. A board is down after three beats without a sign; it lets an address go a lease after the last
# proof that a director with a majority hears it. Slower beats for a busy machine: 50, 1250, 250.
timing: { intervalMs: 10, leaseMs: 250, proofMs: 50 }

# Two networks with no link between them. A device may be a bond or a VLAN (bond0, eth0.100). Where the switches carry
# multicast (a querier, if they snoop IGMP), add multicast: 224.0.0.254: fewer frames for many boards.
networks:
${network('A')}
${network('B')}

# Every board that runs SOFTSET. id is its number for ever. An odd few vote; a board without a disk must not.
boards:
${rows.join('\n')}
${router === undefined ? '' : `\n# The way to the outside, and what lies there.\ngateway: ${router.name}\n# outside: [203.0.113.0/24]\n`}
# What must stay reachable. An example, to be made yours:
#
# services:
#   web:
#     addresses: [192.0.2.10/32]
#     pool: [${boards
    .slice(0, 2)
    .map((board) => board.name)
    .join(', ')}]
#     programs: [nginx]
# programs:
#   nginx:
#     command: [/usr/sbin/nginx, -g, daemon off;]
#     exclusive: address
#     probe: { tcp: { port: 80 }, intervalMs: 1000, timeoutMs: 500, fall: 3 }
`;
}
