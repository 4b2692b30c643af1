import { type Ip, isIpv6, type Mac, ok, type Result } from '@softset/base';
import { BROADCAST_MAC, decodeArp, encodeArp, ZERO_MAC } from '@softset/linux/arp.js';
import { decodeNdp, neighbourSolicitation } from '@softset/linux/ndp.js';
import { ETH_P_ARP, ETH_P_IPV6, openPacket, type PacketSocket } from '@softset/linux/packet.js';
import { ARP_REPLIES, attachFilter, type Instruction, NEIGHBOUR_ADVERTISEMENTS } from '@softset/linux/packet-filter.js';
import type { Board, BoardId, Cluster, Network } from '@softset/protocol';

const READS_MAX = 1024;

/** How kernels are asked for an address, in one family of addresses. */
interface Language {
  readonly etherType: number;
  /** What wakes the asker: answers, and nothing else of what passes. */
  readonly filter: readonly Instruction[];
  question(mac: Mac, own: Ip, target: Ip): Uint8Array;
  /** Who answered and from which MAC; undefined for what is no answer. */
  answer(frame: Uint8Array): { readonly ip: Ip; readonly mac: Mac } | undefined;
}

/** RFC 826. */
const ARP: Language = {
  etherType: ETH_P_ARP,
  filter: ARP_REPLIES,
  question: (senderMac, senderIp, targetIp) =>
    encodeArp({
      operation: 'request',
      senderMac,
      senderIp,
      targetMac: ZERO_MAC,
      targetIp,
      destination: BROADCAST_MAC,
    }),
  answer: (frame) => {
    const arp = decodeArp(frame);
    return arp.ok && arp.value.operation === 'reply' ? { ip: arp.value.senderIp, mac: arp.value.senderMac } : undefined;
  },
};

/** RFC 4861 §7.2: an announcement that nobody asked for is no answer. */
const NEIGHBOUR_DISCOVERY: Language = {
  etherType: ETH_P_IPV6,
  filter: NEIGHBOUR_ADVERTISEMENTS,
  question: (mac, own, target) => neighbourSolicitation(mac, target, own),
  answer: (frame) => {
    const ndp = decodeNdp(frame);
    if (!ndp.ok || ndp.value.kind !== 'advertisement' || !ndp.value.solicited) return undefined;
    const { target, mac } = ndp.value;
    return mac === undefined ? undefined : { ip: target, mac };
  },
};

/**
 * Asks a board's kernel whether it lives: an ARP request or a neighbour solicitation on the asked network's own device,
 * so that a host route over the other network cannot answer in its place.
 */
export class KernelAsker {
  readonly fd: number;
  readonly #socket: PacketSocket;
  readonly #language: Language;
  readonly #ownIp: Ip;
  readonly #boards: ReadonlyMap<BoardId, Ip>;
  readonly #byIp: ReadonlyMap<Ip, BoardId>;

  constructor(socket: PacketSocket, language: Language, cluster: Cluster, self: Board, network: Network) {
    this.#socket = socket;
    this.fd = socket.fd;
    this.#language = language;
    this.#ownIp = self.addresses[network];
    this.#boards = new Map(cluster.boards.map((board) => [board.id, board.addresses[network]]));
    this.#byIp = new Map(cluster.boards.map((board) => [board.addresses[network], board.id]));
  }

  get mac(): Mac {
    return this.#socket.mac;
  }

  ask(board: BoardId): void {
    const target = this.#boards.get(board);
    // A failure is a link that is down: its silence is the answer.
    if (target !== undefined) this.#socket.send(this.#language.question(this.#socket.mac, this.#ownIp, target));
  }

  drain(take: (board: BoardId, mac: Mac) => void): void {
    for (let reads = 0; reads < READS_MAX; reads++) {
      const frame = this.#socket.receive();
      if (frame === undefined) return;
      const answer = this.#language.answer(frame);
      if (answer === undefined) continue;
      const board = this.#byIp.get(answer.ip);
      if (board !== undefined) take(board, answer.mac);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

/** Errors: errno's names; `EPERM` wants CAP_NET_RAW. */
export function openKernelAsker(cluster: Cluster, self: Board, network: Network): Result<KernelAsker> {
  const language = isIpv6(self.addresses[network]) ? NEIGHBOUR_DISCOVERY : ARP;
  const socket = openPacket({ device: self.devices[network], etherType: language.etherType });
  if (!socket.ok) return socket;
  const filtered = attachFilter(socket.value.fd, language.filter);
  return filtered.ok ? ok(new KernelAsker(socket.value, language, cluster, self, network)) : filtered;
}
