import { existsSync, readFileSync } from 'node:fs';
import type { Facts } from './facts.js';
import type { NftObject } from './firewall.js';
import { tool } from './tool.js';

/** The table that holds our own leases (ADR 0006). */
const OWN = 'softset';

/** nftables and real-time scheduling, by trying. `devices`: those of the board. */
export async function gatherKernel(
  devices: readonly string[],
): Promise<Pick<Facts, 'ruleset' | 'flushes' | 'leases' | 'realTime'>> {
  const root = process.getuid?.() === 0;
  const [ruleset, leases, realTime] = await Promise.all([
    root ? rulesOfOthers() : undefined,
    root && devices.length > 0 ? triedLeases() : undefined,
    triedRealTime(),
  ]);
  return {
    ...(ruleset === undefined ? {} : { ruleset }),
    flushes: flushesAtBoot(),
    ...(leases === undefined ? {} : { leases }),
    ...(realTime === undefined ? {} : { realTime }),
  };
}

async function rulesOfOthers(): Promise<readonly NftObject[] | undefined> {
  const { code, out } = await tool('nft', ['-j', 'list', 'ruleset']);
  if (code !== 0) return undefined;
  try {
    const { nftables } = JSON.parse(out) as { nftables: readonly NftObject[] };
    return nftables.filter(({ chain, rule, set }) => (chain ?? rule ?? set)?.table !== OWN);
  } catch {
    return undefined;
  }
}

/** Debian's /etc/nftables.conf begins with `flush ruleset`, and its unit is off unless somebody enables it. */
function flushesAtBoot(): boolean {
  if (!existsSync('/etc/systemd/system/sysinit.target.wants/nftables.service')) return false;
  try {
    return /^\s*flush ruleset\b/m.test(readFileSync('/etc/nftables.conf', 'utf8'));
  } catch {
    return false;
  }
}

/** The kernel is asked for all that a lease needs, and told to forget it (nft -c). */
async function triedLeases(): Promise<string | undefined> {
  const rules = [
    'table netdev softset_doctor {',
    'set leases { type ipv4_addr; flags timeout; }',
    'chain ingress { type filter hook ingress device "lo" priority 0; policy accept; }',
    '}',
  ];
  const { code, err } = await tool('nft', ['-c', '-f', '-'], `${rules.join('\n')}\n`);
  if (code === undefined) return undefined;
  return code === 0 ? '' : (err.trim().split('\n')[0] ?? 'refused');
}

/** chrt(1) asks for what the pulse asks for. */
async function triedRealTime(): Promise<boolean | undefined> {
  const { code } = await tool('chrt', ['--rr', '40', 'true']);
  return code === undefined ? undefined : code === 0;
}
