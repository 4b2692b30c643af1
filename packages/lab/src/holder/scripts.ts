import { boardPaths } from '../board-paths.js';
import { privateRun, quote, reapFor } from '../shell.js';
import { bridge, observerMac, trunkPort } from '../switch-rules.js';
import type { Board, Network, Topology } from '../topology.js';

/** Every port of a switch is in this group, so that all of them can be named in one message. */
export const portGroup = 1;

export function switchName(network: Network): string {
  return network === 'A' ? 'switch-a' : 'switch-b';
}

/**
 * Index of the first device inside a board, far from those of the switches' ports. The two ends of a veth must not have
 * the same index by chance: the kernel then takes the device for one without a peer and tells of its carrier up to a
 * second late, in which it sends nothing (linkwatch_urgent_event, net/core/link_watch.c).
 */
const boardIndex = 1001;
const trunkIndex = 2001;

/** Input of `ip -batch`, run in namespace `name` where one is given. */
function batch(lines: readonly string[], name?: string): string {
  return `ip ${name === undefined ? '' : `-n ${name} `}-batch - <<'END'\n${lines.join('\n')}\nEND`;
}

const set = (key: string, value: string | number): string => {
  return `echo ${quote(String(value))} > /proc/sys/${key.replaceAll('.', '/')}`;
};

/** No spanning tree and no snooping: a port forwards from the moment it has a carrier. Addressless, both families. */
function bridgeLines(mac: string): string[] {
  return [
    `link add ${bridge} address ${mac} type bridge stp_state 0 mcast_snooping 0 forward_delay 0`,
    `link set lo up`,
    `link set ${bridge} up`,
  ];
}

/** A switch does not take frames through the machine's packet filter, where that is loaded (br_netfilter): pure cost. */
const unfiltered = ['iptables', 'ip6tables', 'arptables']
  .map((tables) => `/proc/sys/net/bridge/bridge-nf-call-${tables}`)
  .map((path) => `if [ -e ${path} ]; then echo 0 > ${path}; fi`)
  .join('; ');

/** Makes the two switches, the trunk between them and the outside segment with its client: everything but boards. */
export function chassisScript(topology: Topology): string {
  const lines = ['set -eu', 'mkdir -p /run/netns'];
  const off = [set('net.ipv6.conf.all.disable_ipv6', 1), set('net.ipv6.conf.default.disable_ipv6', 1)].join('; ');
  for (const network of ['A', 'B'] as const) {
    const name = switchName(network);
    lines.push(`ip netns add ${name}`, `nsenter --net=/run/netns/${name} sh -c ${quote(`${off}; ${unfiltered}`)}`);
    const agent = topology.snmp?.switches[network];
    const own = agent === undefined ? [] : [`addr add ${agent.address} dev ${bridge}`];
    lines.push(batch([...bridgeLines(observerMac), ...own], name));
  }
  if (topology.trunk) {
    lines.push(
      batch([`link add ${trunkPort} index ${trunkIndex} type veth peer name ${trunkPort} netns switch-b`], 'switch-a'),
    );
    for (const name of ['switch-a', 'switch-b']) {
      lines.push(batch([`link set ${trunkPort} group ${portGroup} master ${bridge} up`], name));
    }
  }
  if (topology.outside !== undefined) {
    const { client, gateway, routes } = topology.outside;
    const settings = ['accept_dad', 'accept_ra'].map((key) => set(`net.ipv6.conf.default.${key}`, 0)).join('; ');
    lines.push('ip netns add outside', `nsenter --net=/run/netns/outside sh -c ${quote(`${settings}; ${unfiltered}`)}`);
    const via = gateway === undefined ? [] : routes.map((to) => `route add ${to} via ${gateway}`);
    lines.push(batch([...bridgeLines('02:00:00:00:00:0a'), `addr add ${client} dev ${bridge}`, ...via], 'outside'));
  }
  return lines.join('\n');
}

/**
 * Settings of a board's kernel. With the trunk both switches are one broadcast domain: without arp_ignore and
 * arp_announce a board would answer for its B address on A, and a dead link would look alive; rp_filter 2 (loose), since
 * what is sent over A may be answered over B (Documentation/networking/ip-sysctl.rst).
 */
function boardSysctls(board: Board): [string, string | number][] {
  const both = (key: string, value: number): [string, number][] =>
    ['all', 'default'].map((which) => [`net.ipv4.conf.${which}.${key}`, value]);
  return [
    ...both('arp_ignore', 1),
    ...both('arp_announce', 2),
    ...both('rp_filter', 2),
    // Addresses serve at once: nobody else in the lab has them, and duplicate detection takes a second.
    ['net.ipv6.conf.all.accept_dad', 0],
    ['net.ipv6.conf.default.accept_dad', 0],
    ['net.ipv6.conf.default.accept_ra', 0],
    ['net.ipv4.ip_forward', board.forward ? 1 : 0],
    ['net.ipv6.conf.all.forwarding', board.forward ? 1 : 0],
    ...Object.entries(board.sysctls),
  ];
}

/**
 * Boots a board: run by `unshare --net --mount --uts`, it becomes the board's own namespaces, plugs the board into the
 * switches, and ends as the process that holds the board's process namespace.
 */
export function boardScript(board: Board, labDir: string, node: string, initMain: string): string {
  const paths = boardPaths(labDir, board.name);
  // Settings of one device must wait until it is there; the others come first, so that devices inherit them.
  const sysctls = boardSysctls(board);
  const ofDevice = /\.(a0|b0|out0)\./;
  const inside = ['link set lo up'];
  const plug: string[] = [];
  for (const { network, device, prefixes, mac } of board.ports) {
    const index = network === 'A' ? boardIndex : boardIndex + 1;
    inside.push(
      `link add ${device} index ${index} address ${mac} type veth peer name ${board.name} netns ${switchName(network)}`,
      `link set ${device} up`,
      ...prefixes.map((prefix) => `addr add ${prefix} dev ${device}`),
    );
    plug.push(batch([`link set ${board.name} group ${portGroup} master ${bridge} up`], switchName(network)));
  }
  if (board.outside !== undefined) {
    inside.push(
      `link add out0 index ${boardIndex + 2} type veth peer name ${board.name} netns outside`,
      'link set out0 up',
    );
    inside.push(`addr add ${board.outside} dev out0`);
    plug.push(batch([`link set ${board.name} master ${bridge} up`], 'outside'));
  }
  const routes = board.routes.map(({ to, via, device, metric }) => {
    const parts = [to, via && `via ${via}`, device && `dev ${device}`, metric !== undefined && `metric ${metric}`];
    return `route add ${parts.filter(Boolean).join(' ')}`;
  });
  const last = [
    'set -eu',
    // What asks the kernel for its boot id is told the board's, not the machine's.
    `mount --bind ${quote(paths.bootIdFile)} /proc/sys/kernel/random/boot_id`,
    // The init runs under SCHED_RR: without threads of V8's, since it would spin for ever beside one that it keeps from
    // running (its heap's sweeper asks again and again whether a helper is done; seen as a machine that stood still).
    reapFor([node, '--single-threaded', initMain, labDir, board.name]),
  ].join('\n');
  return [
    'set -eu',
    `hostname ${board.name}`,
    ...sysctls.filter(([key]) => !ofDevice.test(key)).map(([key, value]) => set(key, value)),
    batch(inside),
    ...plug,
    batch(routes),
    ...sysctls.filter(([key]) => ofDevice.test(key)).map(([key, value]) => set(key, value)),
    privateRun(labDir),
    `ln -s ${quote(paths.runDir)} /run/softset`,
    `exec unshare --pid --fork --kill-child=KILL --mount-proc sh -c ${quote(last)} softset-lab-board:${board.name}`,
  ].join('\n');
}
