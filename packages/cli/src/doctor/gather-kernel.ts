import type { Chain, Facts } from './facts.js';
import { tool } from './tool.js';

/** The table that holds our own leases (ADR 0006). */
const OWN = 'softset';

/** nftables and real-time scheduling, by trying. `devices`: those of the board. */
export async function gatherKernel(devices: readonly string[]): Promise<Pick<Facts, 'chains' | 'leases' | 'realTime'>> {
  const root = process.getuid?.() === 0;
  const [chains, leases, realTime] = await Promise.all([
    root ? chainsOfOthers() : undefined,
    root && devices.length > 0 ? triedLeases() : undefined,
    triedRealTime(),
  ]);
  return {
    ...(chains === undefined ? {} : { chains }),
    ...(leases === undefined ? {} : { leases }),
    ...(realTime === undefined ? {} : { realTime }),
  };
}

async function chainsOfOthers(): Promise<readonly Chain[] | undefined> {
  const { code, out } = await tool('nft', ['-j', 'list', 'chains']);
  if (code !== 0) return undefined;
  try {
    const { nftables } = JSON.parse(out) as { nftables: readonly { chain?: Record<string, string> }[] };
    return nftables.flatMap(({ chain }) => {
      if (chain?.hook === undefined || chain.table === OWN) return [];
      const { family = '', table = '', name = '', hook, policy = 'accept' } = chain;
      return [{ table: `${family} ${table}`, name, hook, policy }];
    });
  } catch {
    return undefined;
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
