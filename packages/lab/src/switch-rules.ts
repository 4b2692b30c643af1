import type { Fault } from './fault.js';
import type { Network, Topology } from './topology.js';

/**
 * What one switch does to frames under a set of faults, as one nftables transaction: all its ports change at the same
 * instant. Ingress of a port is what its board sends, egress what its board is to hear (nft(8), netdev family).
 *
 * Both chains hang on every port all the time; a fault only changes their rules. Hooks of a port that is taken away go
 * with it, so they are made anew whenever a board boots (`hookRules`).
 */
export const trunkPort = 'trunk';
export const bridge = 'br0';
/** The observer asks as the bridge itself, with this address on both switches. */
export const observerMac = '02:00:00:00:0b:5e';

const list = (items: readonly string[]): string => `{ ${items.map((item) => `"${item}"`).join(', ')} }`;

/** Ports of `network` with a board behind them; boards in `absent` have none now. */
export function boardPorts(topology: Topology, network: Network, absent: ReadonlySet<string> = new Set()): string[] {
  return topology.boards
    .filter((b) => !absent.has(b.name) && b.ports.some((p) => p.network === network))
    .map((b) => b.name);
}

/** Makes the table and its chains on `ports`, together with the rules of `faults`, in place of what was there. */
export function hookRules(
  topology: Topology,
  network: Network,
  ports: readonly string[],
  faults: readonly Fault[],
): string {
  const devices = [...ports, ...(topology.trunk ? [trunkPort] : [])];
  const chain = (name: string, hook: string): string =>
    `add chain netdev lab ${name} { type filter hook ${hook} devices = ${list(devices)} priority -500; policy accept; }`;
  const lines = ['add table netdev lab', 'delete table netdev lab', 'add table netdev lab'];
  if (devices.length > 0)
    lines.push(chain('in', 'ingress'), chain('out', 'egress'), ...rules(topology, network, faults));
  return `${lines.join('\n')}\n`;
}

/** Changes the rules to those of `faults`. */
export function faultRules(topology: Topology, network: Network, faults: readonly Fault[]): string {
  const lines = ['flush chain netdev lab in', 'flush chain netdev lab out', ...rules(topology, network, faults)];
  return `${lines.join('\n')}\n`;
}

function rules(topology: Topology, network: Network, faults: readonly Fault[]): string[] {
  const into: string[] = [];
  // The observers of both switches ask their own ports only: over the trunk every request would be answered twice.
  const out: string[] = topology.trunk ? [`oifname "${trunkPort}" ether saddr ${observerMac} drop`] : [];
  for (const fault of faults) {
    if ('network' in fault && fault.network !== network) continue;
    switch (fault.kind) {
      case 'switch-mute':
      case 'switch-down':
        into.unshift('drop');
        out.unshift('drop');
        break;
      case 'one-way':
        into.push(`iifname "${fault.board}" drop`);
        break;
      case 'deaf':
        out.push(`oifname "${fault.board}" drop`);
        break;
      case 'loss': {
        // Each direction loses its share by itself.
        const chance = `numgen random mod 100 < ${fault.percent} drop`;
        into.push(`iifname "${fault.board}" ${chance}`);
        out.push(`oifname "${fault.board}" ${chance}`);
        break;
      }
      case 'partition':
        partition(topology, network, fault.sides, into, out);
        break;
      default:
        break; // Links and processes: not the business of the switch's rules.
    }
  }
  return [
    ...into.map((rule) => `add rule netdev lab in ${rule}`),
    ...out.map((rule) => `add rule netdev lab out ${rule}`),
  ];
}

/**
 * Frames are marked with their sender's side where they enter, and dropped where the other side is. A mark does not
 * cross from one namespace to the next (skb_scrub_packet, net/core/skbuff.c), so behind the trunk the side is known by
 * the source's MAC; a moved MAC, which the lab did not give out, does not pass the trunk to either side meanwhile.
 */
function partition(
  topology: Topology,
  network: Network,
  sides: readonly (readonly string[])[],
  into: string[],
  out: string[],
): void {
  const macs = (names: readonly string[]): string =>
    topology.boards
      .filter((b) => names.includes(b.name))
      .flatMap((b) => b.ports.map((p) => p.mac))
      .join(', ');
  const here = new Set(boardPorts(topology, network));
  sides.forEach((side, i) => {
    const ports = side.filter((name) => here.has(name));
    if (ports.length > 0) into.push(`iifname ${list(ports)} meta mark set ${i + 1}`);
    if (topology.trunk) into.push(`iifname "${trunkPort}" ether saddr { ${macs(side)} } meta mark set ${i + 1}`);
    if (ports.length > 0) out.push(`oifname ${list(ports)} meta mark { ${2 - i}, 3 } drop`);
  });
  const all = macs(topology.boards.map((b) => b.name));
  if (topology.trunk) into.push(`iifname "${trunkPort}" ether saddr != { ${all} } meta mark set 3`);
}
