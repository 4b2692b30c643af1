import { type Failure, fail, ok, type Result } from '@softset/base';
import { EINTR, errnoFailure, lastErrno, lastFailure } from './errno.js';
import { closeFd } from './fd.js';
import { AF_NETLINK, declare, SOCK_NONBLOCK, SOCK_RAW, SOL_SOCKET } from './libc.js';
import {
  decodeError,
  decodeMessages,
  encodeMessage,
  type NetlinkMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './netlink-message.js';
import { bindSocket, int32, openSocket, prepare, setIntOption, setOption, setReceiveBuffer } from './socket.js';

const sendto = declare<(fd: number, b: Uint8Array, n: number, flags: number, to: Uint8Array, m: number) => number>(
  'intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *to, unsigned int toLength)',
);
const recvfrom = declare<
  (fd: number, b: Uint8Array, n: number, flags: number, from: Uint8Array, m: Uint8Array) => number
>('intptr_t recvfrom(int fd, void *bytes, size_t length, int flags, void *from, void *fromLength)');

export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const SO_RCVTIMEO = 20;
/** A dump comes in datagrams of at most 32 KiB (NLMSG_GOODSIZE and netlink_dump, net/netlink/af_netlink.c). */
const BUFFER_BYTES = 65_536;
/** The kernel answers at once, within the call; two seconds mean that it never will. */
const ANSWER_SECONDS = 2;
/** Dumps that the kernel says were disturbed (NLM_F_DUMP_INTR) are asked for again this often. */
const DUMP_TRIES = 5;

/** struct sockaddr_nl of the kernel: family, padding, port 0, no groups. */
const kernelAddress = new Uint8Array([AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** Shared by the two kinds of sockets below: one datagram from the kernel, or errno. */
function receiveFrom(fd: number, buffer: Uint8Array, from: Uint8Array, fromLength: Uint8Array): Uint8Array | number {
  for (;;) {
    fromLength[0] = from.length;
    const length = recvfrom(fd, buffer, buffer.length, 0, from, fromLength);
    if (length < 0) {
      const errno = lastErrno();
      if (errno === EINTR) continue;
      return errno;
    }
    // Port 0 is the kernel; processes may write to one another here, and none is believed.
    if (from[4] === 0 && from[5] === 0 && from[6] === 0 && from[7] === 0) return buffer.subarray(0, length);
  }
}

/** Requests to the kernel, one at a time, each answered before the call returns. */
export class NetlinkRequests {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #from = new Uint8Array(12);
  readonly #fromLength = new Uint8Array(4);
  #sequence = 1;
  #open = true;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Sends and waits for the acknowledgement. The failure carries the kernel's errno and, where given, its words. */
  request(what: string, type: number, flags: number, ...parts: readonly Uint8Array[]): Result<void> {
    const failure = this.#send(what, type, flags | NLM_F_REQUEST | NLM_F_ACK, parts);
    if (failure !== undefined) return failure;
    for (;;) {
      const messages = this.#receive(what);
      if ('code' in messages) return messages;
      for (const message of messages) {
        const answer = message.type === NLMSG_ERROR ? decodeError(message) : undefined;
        if (answer === undefined) continue;
        return answer.errno === 0 ? ok(undefined) : errnoFailure(what, answer.errno, answer.text);
      }
    }
  }

  /** Asks for all objects of a kind. `read` sees each message; what it returns as undefined is left out. */
  dump<T>(
    what: string,
    type: number,
    header: Uint8Array,
    read: (message: NetlinkMessage) => T | undefined,
  ): Result<T[]> {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      const failure = this.#send(what, type, NLM_F_REQUEST | NLM_F_DUMP, [header]);
      if (failure !== undefined) return failure;
      const found = this.#collect(what, read);
      if (!found.ok || found.value !== undefined) return found as Result<T[]>;
    }
    return fail('EINTR', `${what}: changed during each of ${DUMP_TRIES} readings`);
  }

  /** Undefined when the list changed while it was read. */
  #collect<T>(what: string, read: (message: NetlinkMessage) => T | undefined): Result<T[] | undefined> {
    const found: T[] = [];
    let disturbed = false;
    for (;;) {
      const messages = this.#receive(what);
      if ('code' in messages) return messages;
      for (const message of messages) {
        disturbed ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
        if (message.type === NLMSG_DONE) return ok(disturbed ? undefined : found);
        if (message.type === NLMSG_ERROR) {
          const answer = decodeError(message);
          return errnoFailure(what, answer?.errno ?? 5, answer?.text);
        }
        const item = read(message);
        if (item !== undefined) found.push(item);
      }
    }
  }

  #send(what: string, type: number, flags: number, parts: readonly Uint8Array[]): Failure | undefined {
    this.#sequence = (this.#sequence + 1) >>> 0;
    const message = encodeMessage(type, flags, this.#sequence, ...parts);
    const sent = sendto(this.#fd, message, message.length, 0, kernelAddress, kernelAddress.length);
    return sent < 0 ? lastFailure(what) : undefined;
  }

  /** Answers to the newest request; those to an earlier one, whose caller gave up, are dropped. */
  #receive(what: string): NetlinkMessage[] | Failure {
    const got = receiveFrom(this.#fd, this.#buffer, this.#from, this.#fromLength);
    if (typeof got === 'number') return errnoFailure(`${what}: no answer`, got);
    return decodeMessages(got).filter((message) => message.sequence === this.#sequence);
  }

  close(): void {
    if (this.#open) closeFd(this.#fd);
    this.#open = false;
  }
}

/** A socket for requests. Opening needs no permission; each request is judged by itself. */
export function openNetlinkRequests(protocol: number): Result<NetlinkRequests> {
  const opened = openSocket(AF_NETLINK, SOCK_RAW, protocol, `socket(AF_NETLINK, ${protocol})`);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const timeout = int32(ANSWER_SECONDS, 0, 0, 0); // struct timeval: two 64-bit words.
  const failure = prepare(fd, [
    () => bindSocket(fd, kernelAddress, 'bind(AF_NETLINK)'),
    () => setOption(fd, SOL_SOCKET, SO_RCVTIMEO, timeout, 'setsockopt(SO_RCVTIMEO)'),
    () => setIntOption(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1, 'setsockopt(NETLINK_CAP_ACK)'),
    () => setIntOption(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1, 'setsockopt(NETLINK_EXT_ACK)'),
  ]);
  return failure ?? ok(new NetlinkRequests(fd));
}

/** Notifications of the kernel, never blocking. */
export class NetlinkListener {
  readonly fd: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #from = new Uint8Array(12);
  readonly #fromLength = new Uint8Array(4);
  #open = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** The messages of one datagram, valid until the next call; errno when there is none (EAGAIN), or some were lost
   * because nobody read (ENOBUFS). */
  receive(): NetlinkMessage[] | number {
    const got = receiveFrom(this.fd, this.#buffer, this.#from, this.#fromLength);
    return typeof got === 'number' ? got : decodeMessages(got);
  }

  close(): void {
    if (this.#open) closeFd(this.fd);
    this.#open = false;
  }
}

/** Joins multicast groups by number (netlink(7), NETLINK_ADD_MEMBERSHIP). */
export function openNetlinkListener(protocol: number, groups: readonly number[]): Result<NetlinkListener> {
  const opened = openSocket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, protocol, `socket(AF_NETLINK, ${protocol})`);
  if (!opened.ok) return opened;
  const fd = opened.value;
  // Room for some thousand notifications: a program that changes many routes at once must not make us blind.
  setReceiveBuffer(fd, 4 << 20);
  const failure = prepare(fd, [
    () => bindSocket(fd, kernelAddress, 'bind(AF_NETLINK)'),
    ...groups.map(
      (group) => () =>
        setIntOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group, `setsockopt(netlink group ${group})`),
    ),
  ]);
  return failure ?? ok(new NetlinkListener(fd));
}
