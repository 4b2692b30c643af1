import { calmTiming } from '@softset/cli/demo/cluster-file.js';
import type { Beat } from '@softset/protocol/beat.js';

/** A beat on network A that says it is io-3's, but for `more`: what a stranger with the right key could send. */
export function beatOfIo3(more: Partial<Beat> & Pick<Beat, 'boot' | 'term' | 'director'>): Beat {
  return {
    incarnation: 1,
    sequence: 1,
    board: 5,
    network: 'A',
    cluster: 4711,
    config: 0,
    health: 0,
    intervalMs: calmTiming.intervalMs,
    deputy: 0,
    elected: false,
    amnesiac: false,
    leaving: false,
    carrier: { A: true, B: true },
    daemons: [],
    leases: 0n,
    hears: { A: 0n, B: 0n },
    kernels: 0n,
    mac: '02:00:0a:01:01:0d',
    echo: undefined,
    gone: [],
    echoes: [],
    ...more,
  };
}
