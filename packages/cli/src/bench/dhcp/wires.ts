import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** One network of a chassis: a switch, a control node, and whoever asks in the name of all boards. */
export const CLIENTS = 250;
export const SERVER = '10.1.1.20';
export const SWITCH = '10.1.0.2';
const LOAD = '10.1.0.9';

/** The board on port `p1` and so on. */
export function macOf(index: number): string {
  return `02:00:00:00:10:${index.toString(16).padStart(2, '0')}`;
}

function run(program: string, words: string, input?: string): void {
  execFileSync(program, words.split(' '), {
    input,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'],
  });
}
const ip = (words: string): void => run('ip', words);

/**
 * In the namespaces of this process, which end with it. The switch is a bridge in the process's own network namespace,
 * with a port for each board; that they are plugged in is told to its forwarding table, as their own frames would.
 */
export function makeWires(): void {
  mkdirSync('/run/netns', { recursive: true });
  ip('link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0 ageing_time 600000');
  ip(`addr add ${SWITCH}/16 dev br0`);
  ip('link set br0 up');
  const legs = [
    { name: 'ccn', device: 'a0', address: SERVER },
    { name: 'load', device: 'eth0', address: LOAD },
  ];
  for (const { name, device, address } of legs) {
    ip(`netns add ${name}`);
    ip(`link add ${name} type veth peer name ${device} netns ${name}`);
    ip(`link set ${name} master br0 up`);
    ip(`-n ${name} link set lo up`);
    ip(`-n ${name} addr add ${address}/16 dev ${device}`);
    ip(`-n ${name} link set ${device} up`);
  }
  // Network B has a wire and nobody on it.
  ip('-n ccn link add b0 type veth peer name b1');
  ip('-n ccn addr add 20.1.1.20/16 dev b0');
  ip('-n ccn link set b0 up');
  const ports = Array.from({ length: CLIENTS }, (_, i) => i);
  const links = ports.flatMap((i) => [
    `link add p${i + 1} type veth peer name w${i + 1}`,
    `link set p${i + 1} master br0 up`,
    `link set w${i + 1} up`,
  ]);
  run('ip', '-batch -', `${links.join('\n')}\n`);
  const learned = ports.map((i) => `fdb replace ${macOf(i)} dev p${i + 1} master dynamic`);
  run('bridge', '-batch -', `${learned.join('\n')}\n`);
}
