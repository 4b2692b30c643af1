import { NETWORKS } from '@softset/protocol';
import type { Facts } from './facts.js';
import { type Finding, fault, warning } from './finding.js';
import { chainsFor, type Frame, fateIn, type NftChain } from './firewall.js';

interface Caught {
  readonly chain: NftChain;
  readonly kind: 'dropped' | 'unclear';
  readonly by: string;
  readonly what: string[];
}

/** What nftables of others drops of ours, in or out, on either network; and who would empty our own table. */
export function firewallFindings(facts: Facts): Finding[] {
  const { ruleset = [], flushes = false, cluster } = facts;
  const { beat, relay, alert } = cluster?.ports ?? { beat: 7413, relay: 7414, alert: 7415 };
  const ports = [...new Set([beat, relay, alert])];
  const caught = new Map<string, Caught>();
  for (const frame of framesOf(facts, ports))
    for (const chain of chainsFor(ruleset, frame)) {
      const fate = fateIn(ruleset, chain, frame);
      if (fate.kind === 'passes') continue;
      const key = [chain.family, chain.table, chain.name, fate.kind, fate.by].join();
      const entry = caught.get(key) ?? { chain, kind: fate.kind, by: fate.by, what: [] };
      entry.what.push(`${frame.port === 0 ? 'ARP' : `UDP ${frame.port}`} on ${frame.device}`);
      caught.set(key, entry);
    }
  const todo = `let UDP ports ${ports.join(', ')} through on both private networks, in and out, and what your services serve; ARP is not theirs to drop`;
  return [
    ...[...caught.values()].map(({ chain, kind, by, what }) => {
      const { family, table, name, hook } = chain;
      const where = `nftables: ${family} ${table}, chain ${name} at ${hook}`;
      return kind === 'dropped'
        ? fault('FIREWALL_DROPS', `${where} drops ${what.join(', ')} ${by}`, todo)
        : warning(
            'FIREWALL_UNCLEAR',
            `${where} drops ${what.join(', ')} ${by}, unless a rule before it lets it through that only the kernel can judge`,
            todo,
          );
    }),
    ...(flushes
      ? [
          warning(
            'NFTABLES_FLUSHED',
            'nftables.service is enabled, and /etc/nftables.conf begins by emptying all tables: whoever restarts it takes the leases of this board away',
            'in /etc/nftables.conf, delete your own tables in place of "flush ruleset"; or keep the service off',
          ),
        ]
      : []),
  ];
}

/** One of each kind that has to come through on each network, in and out. */
function framesOf({ cluster, board, devices }: Facts, ports: readonly number[]): Frame[] {
  const own = cluster?.boards.find(({ name }) => name === board);
  if (own === undefined || cluster === undefined) return [];
  return NETWORKS.flatMap((network) => {
    const device = devices[network];
    if (device === undefined || !device.there) return [];
    const { subnet, multicast } = cluster.networks[network];
    const address = own.addresses[network];
    return [true, false].flatMap((incoming) =>
      [...ports, ...(address.includes(':') ? [] : [0])].map(
        (port): Frame => ({
          ...{ device: device.name, incoming, port, own: address, subnet },
          // Beats alone go to the group.
          multicast: multicast !== undefined && port === cluster.ports.beat,
        }),
      ),
    );
  });
}
