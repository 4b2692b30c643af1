import { type Ip, isIpv6 } from '@softset/base';
import { openUdp, type UdpSocket } from '@softset/linux/udp.js';
import type { Board, BoardId, Cluster, Network } from '@softset/protocol';

/** Says nothing: a pulse that lives passes it over. */
const NOTHING = new Uint8Array(0);

/**
 * Tells a pulse that died from a board that did: a datagram to the pulse's port on a connected socket, which a living
 * kernel refuses where nobody listens (RFC 1122 §4.1.3.1; ECONNREFUSED, udp(7)). One socket for each board and network
 * that was ever silent, opened when it is first asked and bound to the network's device.
 */
export class PortProbe {
  readonly #cluster: Cluster;
  readonly #self: Board;
  readonly #watch: (fd: number) => void;
  readonly #asked: {
    readonly board: BoardId;
    readonly network: Network;
    readonly ip: Ip;
    readonly socket: UdpSocket;
  }[] = [];

  /** `watch` is given each descriptor to wait for. */
  constructor(cluster: Cluster, self: Board, watch: (fd: number) => void) {
    this.#cluster = cluster;
    this.#self = self;
    this.#watch = watch;
  }

  /** Nothing can be done about a socket that does not open or a link that is down: silence is no refusal. */
  ask(board: BoardId, network: Network): void {
    const known =
      this.#asked.find((one) => one.board === board && one.network === network) ?? this.#open(board, network);
    known?.socket.send(NOTHING, known.ip, this.#cluster.ports.beat);
  }

  #open(board: BoardId, network: Network) {
    const ip = this.#cluster.boards.find(({ id }) => id === board)?.addresses[network];
    if (ip === undefined) return undefined;
    const opened = openUdp({
      family: isIpv6(ip) ? 'ipv6' : 'ipv4',
      bind: this.#self.addresses[network],
      port: 0,
      device: this.#self.devices[network],
      connect: { ip, port: this.#cluster.ports.beat },
    });
    if (!opened.ok) return undefined;
    const asked = { board, network, ip, socket: opened.value };
    this.#asked.push(asked);
    this.#watch(opened.value.fd);
    return asked;
  }

  /** Reads what a descriptor has; false when it is none of these. Other errors are no refusal: a host that is not there. */
  drain(fd: number, refused: (board: BoardId) => void): boolean {
    const asked = this.#asked.find(({ socket }) => socket.fd === fd);
    if (!asked) return false;
    for (let read = asked.socket.receive(); read !== undefined; read = asked.socket.receive()) {
      if ('code' in read && read.code === 'ECONNREFUSED') refused(asked.board);
    }
    return true;
  }

  close(): void {
    for (const { socket } of this.#asked) socket.close();
  }
}
