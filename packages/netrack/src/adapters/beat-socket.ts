import { type Ip, ok, type Result } from '@softset/base';
import { openUdp, type UdpSocket } from '@softset/linux/udp.js';
import type { Board, Cluster, Network } from '@softset/protocol';

/** Datagrams that one turn takes from one socket at most: a flood must not hold up our own beat. */
const READS_MAX = 2048;
/** Room for the beats of 64 boards during a stall of a second or so. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Above bulk traffic in the device's queue (SO_PRIORITY, socket(7)). */
const PRIORITY = 6;

/** Beats on one network: bound to its device, so that what comes in by another one is not heard here. */
export class BeatSocket {
  readonly fd: number;
  readonly #socket: UdpSocket;
  readonly #destinations: readonly Ip[];
  readonly #port: number;

  constructor(socket: UdpSocket, destinations: readonly Ip[], port: number) {
    this.#socket = socket;
    this.fd = socket.fd;
    this.#destinations = destinations;
    this.#port = port;
  }

  /** To everybody. Failures are counted, not told: a dead link must not stop the other one. Returns how many failed. */
  send(bytes: Uint8Array): number {
    let failed = 0;
    for (const ip of this.#destinations) if (!this.#socket.send(bytes, ip, this.#port).ok) failed++;
    return failed;
  }

  /** Everything that waits, each valid until the next one. */
  drain(take: (bytes: Uint8Array) => void): void {
    for (let reads = 0; reads < READS_MAX; reads++) {
      const bytes = this.#socket.receiveBytes();
      if (bytes === undefined) return;
      if (bytes instanceof Uint8Array) take(bytes);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

/** Errors: errno's names, `EADDRNOTAVAIL` where the private address is not on the device yet. */
export function openBeatSocket(cluster: Cluster, self: Board, network: Network): Result<BeatSocket> {
  const { multicast } = cluster.networks[network];
  const v6 = self.addresses[network].includes(':');
  const socket = openUdp({
    family: v6 ? 'ipv6' : 'ipv4',
    // A socket that joins a group must be bound to any address to hear it; the device keeps it apart all the same.
    ...(multicast === undefined ? { bind: self.addresses[network] } : {}),
    port: cluster.ports.beat,
    device: self.devices[network],
    receiveBuffer: RECEIVE_BUFFER_BYTES,
    priority: PRIORITY,
    ...(multicast === undefined ? {} : { multicast: { group: multicast, loop: false } }),
  });
  if (!socket.ok) return socket;
  const others = cluster.boards.filter((board) => board.id !== self.id).map((board) => board.addresses[network]);
  return ok(new BeatSocket(socket.value, multicast === undefined ? others : [multicast], cluster.ports.beat));
}
