import { type Failure, type Ip, isIpv6, ok, parseIp, type Result } from '@softset/base';
import { bindToDevice } from './device.js';
import { EAGAIN, errnoFailure, lastErrno, lastFailure } from './errno.js';
import { closeFd } from './fd.js';
import { AF_INET, AF_INET6, declare, SOCK_DGRAM, SOCK_NONBLOCK, SOL_SOCKET } from './libc.js';
import { decodeInetAddress, encodeInetAddress, INET_ADDRESS_BYTES } from './sockaddr.js';
import {
  bindSocket,
  connectSocket,
  int32,
  interfaceIndex,
  openSocket,
  prepare,
  setIntOption,
  setOption,
  setReceiveBuffer,
} from './socket.js';

const sendto = declare<(fd: number, b: Uint8Array, n: number, flags: number, to: Uint8Array, m: number) => number>(
  'intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *to, unsigned int toLength)',
);
const recvfrom = declare<
  (fd: number, b: Uint8Array, n: number, flags: number, from: Uint8Array, m: Uint8Array) => number
>('intptr_t recvfrom(int fd, void *bytes, size_t length, int flags, void *from, void *fromLength)');

const recv = declare<(fd: number, b: Uint8Array, n: number, flags: number) => number>(
  'intptr_t recv(int fd, void *bytes, size_t length, int flags)',
);

const SO_REUSEADDR = 2;
const SO_PRIORITY = 12;
const SO_REUSEPORT = 15;
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** The largest datagram: nothing is ever cut. */
const DATAGRAM_BYTES_MAX = 65_535;
/** Encoded destinations that are kept. Boards talk to few; when the limit is reached all are forgotten at once. */
const DESTINATIONS_MAX = 512;

export interface UdpOptions {
  readonly family: 'ipv4' | 'ipv6';
  /** Local address; any when absent. */
  readonly bind?: Ip;
  /** Local port; 0 lets the kernel choose. */
  readonly port: number;
  /** SO_BINDTODEVICE: in and out by this device alone. */
  readonly device?: string;
  readonly reusePort?: boolean;
  /** Bytes. */
  readonly receiveBuffer?: number;
  /** Joins `group` on `device` (which is then required) and sends to groups by it, with a hop limit of 1. */
  readonly multicast?: { readonly group: Ip; readonly loop: false };
  /** SO_PRIORITY, 0 to 6 without CAP_NET_ADMIN: the queue of the device. */
  readonly priority?: number;
  /** A connected socket receives from this peer alone, and is told ECONNREFUSED when nobody listens there. */
  readonly connect?: { readonly ip: Ip; readonly port: number };
}

export interface Datagram {
  /** Valid until the next `receive`. */
  readonly bytes: Uint8Array;
  readonly ip: Ip;
  readonly port: number;
}

const done = ok(undefined);

/** A UDP socket (udp(7)) that never blocks. Made by `openUdp`. */
export class UdpSocket {
  readonly fd: number;
  readonly #buffer = new Uint8Array(DATAGRAM_BYTES_MAX);
  readonly #from = new Uint8Array(INET_ADDRESS_BYTES);
  readonly #fromLength = new Uint8Array(4);
  readonly #destinations = new Map<Ip, Map<number, Uint8Array>>();
  #open = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** Errors: `EAGAIN` (the queue is full), `ENETUNREACH`, `ENETDOWN`, `ECONNREFUSED` (of an earlier datagram), `EPERM`
   * (a packet filter drops it), `ADDRESS_INVALID`. */
  send(bytes: Uint8Array, ip: Ip, port: number): Result<void> {
    const to = this.#destinations.get(ip)?.get(port) ?? this.#encode(ip, port);
    if (!(to instanceof Uint8Array)) return to;
    const sent = sendto(this.fd, bytes, bytes.length, 0, to, to.length);
    return sent < 0 ? lastFailure(`sendto(${ip} port ${port}, ${bytes.length} bytes)`) : done;
  }

  #encode(ip: Ip, port: number): Uint8Array | Failure {
    const address = encodeInetAddress(ip, port);
    if (!address.ok) return address;
    if (this.#destinations.size >= DESTINATIONS_MAX) this.#destinations.clear();
    const ports = this.#destinations.get(ip) ?? new Map<number, Uint8Array>();
    if (ports.size >= DESTINATIONS_MAX) ports.clear();
    this.#destinations.set(ip, ports.set(port, address.value));
    return address.value;
  }

  /** The next datagram; undefined when none is left. A failure (`ECONNREFUSED`, `ENETDOWN`) is reported once. */
  receive(): Datagram | Failure | undefined {
    this.#fromLength[0] = INET_ADDRESS_BYTES;
    const length = recvfrom(this.fd, this.#buffer, DATAGRAM_BYTES_MAX, 0, this.#from, this.#fromLength);
    if (length < 0) {
      const errno = lastErrno();
      return errno === EAGAIN ? undefined : errnoFailure('recvfrom', errno);
    }
    const from = decodeInetAddress(this.#from);
    return { bytes: this.#buffer.subarray(0, length), ip: from?.ip ?? '', port: from?.port ?? 0 };
  }

  /** The next datagram's bytes alone, for who need not know where it came from: it saves decoding the address. */
  receiveBytes(): Uint8Array | Failure | undefined {
    const length = recv(this.fd, this.#buffer, DATAGRAM_BYTES_MAX, 0);
    if (length >= 0) return this.#buffer.subarray(0, length);
    const errno = lastErrno();
    return errno === EAGAIN ? undefined : errnoFailure('recv', errno);
  }

  close(): void {
    if (this.#open) closeFd(this.fd);
    this.#open = false;
  }
}

/** Opens, sets up and binds. Errors: errno's names; `EPERM` wants CAP_NET_RAW or CAP_NET_ADMIN. */
export function openUdp(options: UdpOptions): Result<UdpSocket> {
  const v6 = options.family === 'ipv6';
  const opened = openSocket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0, `socket(${options.family}, UDP)`);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const { device, multicast, connect, priority } = options;
  const steps: (() => Result<unknown>)[] = [];
  const set = (level: number, name: number, value: number, what: string): void => {
    steps.push(() => setIntOption(fd, level, name, value, `setsockopt(${what}, ${value})`));
  };
  if (v6) set(IPPROTO_IPV6, IPV6_V6ONLY, 1, 'IPV6_V6ONLY');
  // Several pulses of one machine may listen to one group; without it a restart must wait for nothing.
  if (multicast !== undefined) set(SOL_SOCKET, SO_REUSEADDR, 1, 'SO_REUSEADDR');
  if (options.reusePort === true) set(SOL_SOCKET, SO_REUSEPORT, 1, 'SO_REUSEPORT');
  if (priority !== undefined) set(SOL_SOCKET, SO_PRIORITY, priority, 'SO_PRIORITY');
  if (options.receiveBuffer !== undefined) setReceiveBuffer(fd, options.receiveBuffer);
  if (device !== undefined) steps.push(() => bindToDevice(fd, device));
  steps.push(() => {
    const local = encodeInetAddress(options.bind ?? (v6 ? '::' : '0.0.0.0'), options.port);
    if (!local.ok) return local;
    return bindSocket(fd, local.value, `bind(${options.bind ?? 'any'} port ${options.port})`);
  });
  if (multicast !== undefined) steps.push(() => joinGroup(fd, multicast.group, device ?? ''));
  if (connect !== undefined) {
    steps.push(() => {
      const peer = encodeInetAddress(connect.ip, connect.port);
      return peer.ok ? connectSocket(fd, peer.value, `connect(${connect.ip} port ${connect.port})`) : peer;
    });
  }
  return prepare(fd, steps) ?? ok(new UdpSocket(fd));
}

/** Membership and sending interface by index (ip(7) ip_mreqn; RFC 3493 §5.2), no copy to ourselves. */
function joinGroup(fd: number, group: Ip, device: string): Result<void> {
  const address = parseIp(group);
  if (!address.ok) return address;
  const index = interfaceIndex(device);
  if (!index.ok) return index;
  const v6 = isIpv6(group);
  const request = new Uint8Array(v6 ? 20 : 12);
  request.set(address.value);
  request.set(int32(index.value), v6 ? 16 : 8);
  const level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
  // IP_ADD_MEMBERSHIP 35 / IPV6_JOIN_GROUP 20; IP_MULTICAST_IF 32 / IPV6_MULTICAST_IF 17;
  // IP_MULTICAST_LOOP 34 / IPV6_MULTICAST_LOOP 19; IP_MULTICAST_ALL 49 / IPV6_MULTICAST_ALL 29: own groups only.
  const [join, sendBy, loop, all] = v6 ? [20, 17, 19, 29] : [35, 32, 34, 49];
  for (const [name, value] of [
    [join, request],
    [sendBy, v6 ? int32(index.value) : request],
    [loop, int32(0)],
    [all, int32(0)],
  ] as [number, Uint8Array][]) {
    const result = setOption(fd, level, name, value, `setsockopt(multicast ${group} on ${device}, option ${name})`);
    if (!result.ok) return result;
  }
  return done;
}
