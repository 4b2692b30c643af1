import { type Ip, ok, type Result } from '@softset/base';
import { openUdp, type UdpSocket } from '@softset/linux/udp.js';
import { stampArrivals, UdpBatch } from '@softset/linux/udp-batch.js';
import { BEAT_MAX_BYTES, type Board, type Cluster, type Network } from '@softset/protocol';
import { nowMs } from '@softset/runtime/now-ms.js';

/** Datagrams that one turn takes from one network at most: a flood must not hold up our own beat. */
const READS_MAX = 2048;
/** Datagrams that one call takes: a beat of each of 64 boards, and room for those that bring news. */
const BATCH = 80;
/** Room for the beats of 64 boards during a stall of a second or so. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Above bulk traffic in the device's queue (SO_PRIORITY, socket(7)). */
const PRIORITY = 6;

/**
 * Beats on one network, on two sockets bound to its device, so that what comes in by another one is not heard here:
 * one for the beats that are due, which wait until this board has a reason to look, and one for those that bring news.
 */
export class BeatSocket {
  readonly fd: number;
  readonly alertFd: number;
  readonly #due: UdpSocket;
  readonly #alert: UdpSocket;
  readonly #batch = new UdpBatch(BATCH, BEAT_MAX_BYTES + 1);
  readonly #destinations: readonly Ip[];
  readonly #ports: Cluster['ports'];

  constructor(due: UdpSocket, alert: UdpSocket, destinations: readonly Ip[], ports: Cluster['ports']) {
    this.#due = due;
    this.#alert = alert;
    this.fd = due.fd;
    this.alertFd = alert.fd;
    this.#destinations = destinations;
    this.#ports = ports;
  }

  /**
   * To everybody, or to these. Failures are counted, not told: a dead link must not stop the other one. Returns how many
   * failed.
   */
  send(bytes: Uint8Array, alert: boolean, to = this.#destinations): number {
    const socket = alert ? this.#alert : this.#due;
    const port = alert ? this.#ports.alert : this.#ports.beat;
    let failed = 0;
    for (const ip of to) if (!socket.send(bytes, ip, port).ok) failed++;
    return failed;
  }

  /**
   * Everything that waits, the last first, each with how long before `readMs` it came, both in ms. What is handed over
   * had come by `readMs`; its bytes are valid until `take` returns.
   */
  drain(take: (bytes: Uint8Array, ageMs: number, readMs: number) => void): void {
    for (let reads = 0; reads < READS_MAX; ) {
      const alerts = this.#batch.receive(this.alertFd);
      const count = alerts + (alerts < BATCH ? this.#batch.receive(this.fd, alerts) : 0);
      if (count === 0) return;
      const readMs = nowMs();
      const wallMs = this.#batch.wallMs();
      for (let slot = count - 1; slot >= 0; slot--) {
        take(this.#batch.bytes(slot), this.#batch.ageMs(slot, wallMs), readMs);
      }
      if (count < BATCH) return;
      reads += count;
    }
  }

  close(): void {
    this.#due.close();
    this.#alert.close();
  }
}

/** Errors: errno's names, `EADDRNOTAVAIL` where the private address is not on the device yet. */
export function openBeatSocket(cluster: Cluster, self: Board, network: Network): Result<BeatSocket> {
  const { multicast } = cluster.networks[network];
  const v6 = self.addresses[network].includes(':');
  const open = (port: number): Result<UdpSocket> => {
    const socket = openUdp({
      family: v6 ? 'ipv6' : 'ipv4',
      // A socket that joins a group must be bound to any address to hear it; the device keeps it apart all the same.
      ...(multicast === undefined ? { bind: self.addresses[network] } : {}),
      port,
      device: self.devices[network],
      receiveBuffer: RECEIVE_BUFFER_BYTES,
      priority: PRIORITY,
      ...(multicast === undefined ? {} : { multicast: { group: multicast, loop: false } }),
    });
    if (!socket.ok) return socket;
    const stamped = stampArrivals(socket.value.fd);
    if (stamped.ok) return socket;
    socket.value.close();
    return stamped;
  };
  const due = open(cluster.ports.beat);
  if (!due.ok) return due;
  const alert = open(cluster.ports.alert);
  if (!alert.ok) {
    due.value.close();
    return alert;
  }
  const others = cluster.boards.filter((board) => board.id !== self.id).map((board) => board.addresses[network]);
  return ok(new BeatSocket(due.value, alert.value, multicast === undefined ? others : [multicast], cluster.ports));
}
