import { setTimeout as sleep } from 'node:timers/promises';
import type { Prober } from '@softset/lab';
import { echoPort, publicAddress } from '../../demo/programs.js';
import type { KeepalivedVariant } from './keepalived.js';
import { otherBoard, type PeerLab } from './peer-lab.js';
import { fromOutage, type Taken } from './taken.js';

/** What is done to keepalived's holder, by the case's name; it resolves to the instant. */
const acts = {
  crash: ({ lab }, holder) => lab.fault('crash', holder).then(({ atMs }) => atMs),
  link: ({ lab }, holder) => lab.fault('link-down', `${holder}:A`).then(({ atMs }) => atMs),
  network: ({ lab }) => lab.fault('switch-down', 'A').then(({ atMs }) => atMs),
  mute: ({ lab }) => lab.fault('switch-mute', 'A').then(({ atMs }) => atMs),
  planned: async ({ lab }, holder, prober) => {
    const atMs = prober.mark();
    await lab.board(holder).init.stop('keepalived');
    return atMs;
  },
  'daemons-restart': async (peer, holder, prober) => {
    const atMs = prober.mark();
    await peer.kill(holder);
    return atMs;
  },
} as const satisfies Record<string, (peer: PeerLab, holder: string, prober: Prober) => Promise<number>>;
export type PeerCase = keyof typeof acts;

export const peerCases = Object.keys(acts) as readonly PeerCase[];
export const isPeerCase = (id: string): id is PeerCase => id in acts;

/** Twenty-five of its longest detection times: who is silent for longer does not recover by itself. */
const windowMs = 1_000;

/** One fault of one variant, from nothing running to nothing running. */
export async function peerRun(peer: PeerLab, variant: KeepalivedVariant, id: PeerCase): Promise<Taken> {
  const prober = await peer.lab.prober({ address: publicAddress, port: echoPort });
  try {
    const why = await peer.begin(variant, prober);
    const holder = await peer.holder(prober);
    if (why !== undefined || holder === undefined)
      return { unable: why ?? 'no single board answered just before the fault' };
    const atMs = await acts[id](peer, holder, prober);
    const outage = await prober.outage(atMs, windowMs);
    await sleep(100);
    const { count, boards } = await prober.replies(atMs + windowMs);
    if (count === 0) return { unable: notRecovered(id) };
    const moves = id === 'crash' || id === 'link' || id === 'planned';
    if (moves && (boards[otherBoard(holder)] ?? 0) === 0) return { unable: `${holder} still answered after the fault` };
    return fromOutage(outage);
  } finally {
    await prober.stop();
    await peer.rest();
  }
}

function notRecovered(id: PeerCase): string {
  const lost = `nothing answered for ${windowMs / 1000} s`;
  return id === 'network' || id === 'mute' ? `${lost}: VRRP and its address are on that one network` : lost;
}
