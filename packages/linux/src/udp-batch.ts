import koffi from 'koffi';
import { declare, MSG_DONTWAIT, SOL_SOCKET } from './libc.js';
import { setIntOption } from './socket.js';

const recvmmsg = declare<(fd: number, messages: Uint8Array, count: number, flags: number, timeout: null) => number>(
  'int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)',
);
const clockGettime = declare<(clock: number, time: Uint8Array) => number>('int clock_gettime(int clock, void *time)');

/** <asm-generic/socket.h>; the control message has the same number. */
const SO_TIMESTAMPNS = 35;
const CLOCK_REALTIME = 0;
/** struct mmsghdr on 64-bit Linux: a msghdr of 56 bytes, then the length of what came. */
const MESSAGE_BYTES = 64;
const VECTOR_BYTES = 16;
/** One control message with a struct timespec: CMSG_SPACE(16). */
const CONTROL_BYTES = 32;

/**
 * Takes many datagrams by one call (recvmmsg(2)), each with the time at which the kernel received it: who reads its
 * socket once in a while reads no less exactly when they came. A datagram that is longer than `bytesMax` is cut to it.
 */
export class UdpBatch {
  readonly slots: number;
  readonly #bytesMax: number;
  // The kernel is given addresses inside these, so they must not move: Buffers of their own, never pooled.
  readonly #data: Buffer;
  readonly #control: Buffer;
  readonly #vectors: Buffer;
  readonly #messages: Buffer;
  readonly #view: DataView;
  readonly #stamps: DataView;
  readonly #time = Buffer.allocUnsafeSlow(16);

  constructor(slots: number, bytesMax: number) {
    this.slots = slots;
    this.#bytesMax = bytesMax;
    this.#data = Buffer.allocUnsafeSlow(slots * bytesMax);
    this.#control = Buffer.allocUnsafeSlow(slots * CONTROL_BYTES);
    this.#vectors = Buffer.allocUnsafeSlow(slots * VECTOR_BYTES);
    this.#messages = Buffer.allocUnsafeSlow(slots * MESSAGE_BYTES).fill(0);
    this.#view = new DataView(this.#messages.buffer, this.#messages.byteOffset, this.#messages.length);
    this.#stamps = new DataView(this.#control.buffer, this.#control.byteOffset, this.#control.length);
    const [data, control, vectors] = [this.#data, this.#control, this.#vectors].map((part) => koffi.address(part));
    for (let i = 0; i < slots; i++) {
      setVector(this.#vectors, i, (data ?? 0n) + BigInt(i * bytesMax), bytesMax);
      const at = i * MESSAGE_BYTES;
      this.#messages.writeBigUInt64LE((vectors ?? 0n) + BigInt(i * VECTOR_BYTES), at + 16);
      this.#messages.writeBigUInt64LE(1n, at + 24);
      this.#messages.writeBigUInt64LE((control ?? 0n) + BigInt(i * CONTROL_BYTES), at + 32);
    }
  }

  /** Takes what waits at `fd` into the slots from `first` on; returns how many came. None on any error: a device that is
   * down (`ENETDOWN`) reports it once, and its silence says the rest. */
  receive(fd: number, first = 0): number {
    for (let i = first; i < this.slots; i++) this.#view.setUint32(i * MESSAGE_BYTES + 40, CONTROL_BYTES, true);
    const messages = first === 0 ? this.#messages : this.#messages.subarray(first * MESSAGE_BYTES);
    return Math.max(0, recvmmsg(fd, messages, this.slots - first, MSG_DONTWAIT, null));
  }

  /** What is in a slot; valid until the next `receive`. */
  bytes(slot: number): Uint8Array {
    const at = slot * this.#bytesMax;
    return this.#data.subarray(at, at + this.#view.getUint32(slot * MESSAGE_BYTES + 56, true));
  }

  /** How long ago the kernel received it, ms, by the wall clock, which may have been set meanwhile; 0 where the kernel
   * did not say. `nowMs` is `wallMs()` of now. */
  ageMs(slot: number, nowMs: number): number {
    const at = slot * CONTROL_BYTES;
    const stamped =
      this.#view.getUint32(slot * MESSAGE_BYTES + 40, true) >= CONTROL_BYTES &&
      this.#stamps.getInt32(at + 8, true) === SOL_SOCKET &&
      this.#stamps.getInt32(at + 12, true) === SO_TIMESTAMPNS;
    return stamped ? nowMs - timespecMs(this.#stamps, at + 16) : 0;
  }

  /** CLOCK_REALTIME with fractions, ms. */
  wallMs(): number {
    clockGettime(CLOCK_REALTIME, this.#time);
    return timespecMs(new DataView(this.#time.buffer, this.#time.byteOffset, 16), 0);
  }
}

function setVector(vectors: Buffer, slot: number, address: bigint, bytes: number): void {
  vectors.writeBigUInt64LE(address, slot * VECTOR_BYTES);
  vectors.writeBigUInt64LE(BigInt(bytes), slot * VECTOR_BYTES + 8);
}

/** Seconds and nanoseconds, 64 bits each; in whole ms 53 bits leave fractions of a microsecond. */
function timespecMs(view: DataView, at: number): number {
  const seconds = view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32;
  return seconds * 1000 + view.getUint32(at + 8, true) / 1e6;
}

/** Has the kernel say when it received each datagram of this socket. */
export function stampArrivals(fd: number) {
  return setIntOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1, 'setsockopt(SO_TIMESTAMPNS)');
}
