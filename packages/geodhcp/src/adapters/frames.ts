import type { ArpPacket } from '@softset/linux/arp.js';
import type { Network } from '@softset/protocol';

/** What the reading thread is told to read. Descriptors are the process's own: both threads may use them. */
export interface Source {
  readonly network: Network;
  readonly kind: 'dhcp' | 'arp';
  readonly fd: number;
}

export type Received =
  | { readonly kind: 'dhcp'; readonly network: Network; readonly bytes: Uint8Array }
  | { readonly kind: 'arp'; readonly network: Network; readonly arp: ArpPacket };

export interface ReaderSetting {
  readonly sources: readonly Source[];
  /** [0]: batches that the main thread has not dealt with yet. */
  readonly waiting: Int32Array;
}

/** Batches under way; beyond it the reader waits, and the kernel's queues drop: a flood costs no memory of ours. */
export const BATCHES_MAX = 4;
/** What one turn reads of one socket. */
export const BATCH_MAX = 128;
