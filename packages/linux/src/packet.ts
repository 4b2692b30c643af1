import { type Failure, formatMac, type Mac, ok, type Result } from '@softset/base';
import { EAGAIN, errnoFailure, lastErrno, lastFailure } from './errno.js';
import { closeFd } from './fd.js';
import { AF_PACKET, declare, SOCK_NONBLOCK, SOCK_RAW } from './libc.js';
import { bindSocket, interfaceIndex, openSocket, prepare, setIntOption, setOption } from './socket.js';

const send = declare<(fd: number, bytes: Uint8Array, length: number, flags: number) => number>(
  'intptr_t send(int fd, const void *bytes, size_t length, int flags)',
);
const recv = declare<(fd: number, bytes: Uint8Array, length: number, flags: number) => number>(
  'intptr_t recv(int fd, void *bytes, size_t length, int flags)',
);
const getsockname = declare<(fd: number, address: Uint8Array, length: Uint8Array) => number>(
  'int getsockname(int fd, void *address, void *length)',
);

/** <linux/if_packet.h>. */
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_IGNORE_OUTGOING = 23;
const PACKET_MR_PROMISC = 1;
const ADDRESS_BYTES = 20;
/** A jumbo frame (9000), its header and room to spare. Longer ones are cut. */
const FRAME_BYTES_MAX = 16_384;

export const ETH_P_ARP = 0x0806;
export const ETH_P_RARP = 0x8035;
export const ETH_P_IPV6 = 0x86dd;
export const ETH_P_ALL = 0x0003;

export interface PacketOptions {
  readonly device: string;
  /** 0x0806 for ARP, 0x86dd for IPv6, 3 for all (<linux/if_ether.h>). */
  readonly etherType: number;
  readonly promiscuous?: boolean;
  /** Frames that this machine sends, which sockets of type 3 see, are not shown (PACKET_IGNORE_OUTGOING, Linux 4.20).
   * Default true. */
  readonly filterOutgoing?: boolean;
}

const done = ok(undefined);

/** Raw Ethernet frames of one type on one device (packet(7)), never blocking. Made by `openPacket`. */
export class PacketSocket {
  readonly fd: number;
  readonly ifindex: number;
  /** The device's address when the socket was opened. */
  readonly mac: Mac;
  readonly #buffer = new Uint8Array(FRAME_BYTES_MAX);
  #lastError: Failure | undefined;
  #open = true;

  constructor(fd: number, ifindex: number, mac: Mac) {
    this.fd = fd;
    this.ifindex = ifindex;
    this.mac = mac;
  }

  /** The newest failure that `receive` met (`ENETDOWN` after the device went down). */
  get lastError(): Failure | undefined {
    return this.#lastError;
  }

  /** A whole frame with its header, no checksum. Errors: `ENETDOWN`, `ENXIO` (device gone), `EMSGSIZE`, `ENOBUFS`. */
  send(frame: Uint8Array): Result<void> {
    return send(this.fd, frame, frame.length, 0) < 0 ? lastFailure(`send(${frame.length} byte frame)`) : done;
  }

  /** The next frame, valid until the next call; undefined when none is left. */
  receive(): Uint8Array | undefined {
    const length = recv(this.fd, this.#buffer, FRAME_BYTES_MAX, 0);
    if (length >= 0) return this.#buffer.subarray(0, length);
    const errno = lastErrno();
    if (errno === EAGAIN) return undefined;
    this.#lastError = errnoFailure('recv(frame)', errno);
    return undefined;
  }

  close(): void {
    if (this.#open) closeFd(this.fd);
    this.#open = false;
  }
}

/** Needs CAP_NET_RAW. Errors: `ENODEV` (no such device), `EPERM`. */
export function openPacket(options: PacketOptions): Result<PacketSocket> {
  const { device, etherType } = options;
  const index = interfaceIndex(device);
  if (!index.ok) return index;
  // Protocol 0 until bind names the device: else frames of every device would queue up in between.
  const opened = openSocket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0, 'socket(AF_PACKET)');
  if (!opened.ok) return opened;
  const fd = opened.value;
  const address = packetAddress(index.value, etherType);
  const failure = prepare(fd, [
    () =>
      options.filterOutgoing === false
        ? done
        : setIntOption(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, 'setsockopt(PACKET_IGNORE_OUTGOING)'),
    () => bindSocket(fd, address, `bind(${device}, type 0x${etherType.toString(16)})`),
    () => {
      if (options.promiscuous !== true) return done;
      const request = new Uint8Array(16);
      const view = new DataView(request.buffer);
      view.setInt32(0, index.value, true);
      view.setUint16(4, PACKET_MR_PROMISC, true);
      return setOption(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request, `setsockopt(promiscuous, ${device})`);
    },
    () => {
      // The kernel fills in the device's own address (packet_getname, net/packet/af_packet.c).
      const length = getsockname(fd, address, new Uint8Array([ADDRESS_BYTES, 0, 0, 0]));
      return length < 0 ? lastFailure(`getsockname(${device})`) : done;
    },
  ]);
  return failure ?? ok(new PacketSocket(fd, index.value, formatMac(address.subarray(12, 18))));
}

/** struct sockaddr_ll (packet(7)). */
function packetAddress(ifindex: number, etherType: number): Uint8Array {
  const address = new Uint8Array(ADDRESS_BYTES);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType); // Network byte order.
  view.setInt32(4, ifindex, true);
  return address;
}
