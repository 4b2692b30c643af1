import { type Ip, isIpv6, type Mac, ok, type Result } from '@softset/base';
import { BROADCAST_MAC, decodeArp, encodeArp, ZERO_MAC } from '@softset/linux/arp.js';
import { ETH_P_ARP, openPacket, type PacketSocket } from '@softset/linux/packet.js';
import { ARP_REPLIES, attachFilter } from '@softset/linux/packet-filter.js';
import type { Board, BoardId, Cluster, Network } from '@softset/protocol';

const READS_MAX = 1024;

/**
 * Asks a board's kernel whether it lives: an ARP request on the asked network's own device, so that a host route over
 * the other network cannot answer in its place.
 */
export class KernelAsker {
  readonly fd: number;
  readonly #socket: PacketSocket;
  readonly #ownIp: Ip;
  readonly #boards: ReadonlyMap<BoardId, Ip>;
  readonly #byIp: ReadonlyMap<Ip, BoardId>;

  constructor(socket: PacketSocket, cluster: Cluster, self: Board, network: Network) {
    this.#socket = socket;
    this.fd = socket.fd;
    this.#ownIp = self.addresses[network];
    this.#boards = new Map(cluster.boards.map((board) => [board.id, board.addresses[network]]));
    this.#byIp = new Map(cluster.boards.map((board) => [board.addresses[network], board.id]));
  }

  get mac(): Mac {
    return this.#socket.mac;
  }

  ask(board: BoardId): void {
    const targetIp = this.#boards.get(board);
    if (targetIp === undefined || isIpv6(targetIp)) return;
    // A failure is a link that is down: its silence is the answer.
    this.#socket.send(
      encodeArp({
        operation: 'request',
        senderMac: this.#socket.mac,
        senderIp: this.#ownIp,
        targetMac: ZERO_MAC,
        targetIp,
        destination: BROADCAST_MAC,
      }),
    );
  }

  drain(take: (board: BoardId, mac: Mac) => void): void {
    for (let reads = 0; reads < READS_MAX; reads++) {
      const frame = this.#socket.receive();
      if (frame === undefined) return;
      const arp = decodeArp(frame);
      const board = arp.ok && arp.value.operation === 'reply' ? this.#byIp.get(arp.value.senderIp) : undefined;
      if (arp.ok && board !== undefined) take(board, arp.value.senderMac);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

/** Errors: errno's names; `EPERM` wants CAP_NET_RAW. */
export function openKernelAsker(cluster: Cluster, self: Board, network: Network): Result<KernelAsker> {
  const socket = openPacket({ device: self.devices[network], etherType: ETH_P_ARP });
  if (!socket.ok) return socket;
  const filtered = attachFilter(socket.value.fd, ARP_REPLIES);
  return filtered.ok ? ok(new KernelAsker(socket.value, cluster, self, network)) : filtered;
}
