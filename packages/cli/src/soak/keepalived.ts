import type { KeepalivedVariant } from '../bench/failover/keepalived.js';
import { PeerLab } from '../bench/failover/peer-lab.js';
import { echoPort, publicAddress } from '../demo/programs.js';
import type { Soaked } from './show.js';
import { watch } from './watch.js';

/** keepalived on two boards for as long, under the same load. */
export async function soakKeepalived(variant: KeepalivedVariant, ms: number, name: string): Promise<Soaked> {
  const who = variant === 'keepalived-rt' ? 'keepalived, real time' : 'keepalived';
  const peer = await PeerLab.start(name);
  try {
    const prober = await peer.lab.prober({ address: publicAddress, port: echoPort, intervalMs: 5 });
    const why = await peer.begin(variant, prober);
    await prober.stop();
    if (why !== undefined) return { who, unable: why };
    const observer = await peer.lab.observer([publicAddress]);
    const tally = await watch(observer, ms);
    await observer.stop();
    return { who, tally };
  } finally {
    await peer.stop();
  }
}
