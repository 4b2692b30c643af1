import { assert } from '@softset/base';
import { EINTR, errnoFailure, lastErrno } from './errno.js';
import { declare } from './libc.js';

const close = declare<(fd: number) => number>('int close(int fd)');
const ppoll = declare<(fds: Uint8Array, count: number, timeout: Uint8Array | null, mask: null) => number>(
  'int ppoll(void *fds, unsigned long count, const void *timeout, const void *mask)',
);

/** poll(2), <asm-generic/poll.h>. Errors and hang-ups are reported whether asked for or not. */
export const POLLIN = 0x001;
export const POLLOUT = 0x004;
const POLLFD_BYTES = 8;

/** close(2). An error is of no use to anyone: on Linux the descriptor is gone whatever close says. */
export function closeFd(fd: number): void {
  close(fd);
}

/**
 * A set of descriptors to wait for with ppoll(2), which takes nanoseconds where poll takes whole milliseconds.
 * Its buffers are made when descriptors are added, never while waiting.
 */
export class PollSet {
  #pollfds = new Uint8Array(8 * POLLFD_BYTES);
  #view = new DataView(this.#pollfds.buffer);
  #count = 0;
  readonly #timespec = new Uint8Array(16);
  readonly #time = new DataView(this.#timespec.buffer);
  readonly #ready: number[] = [];

  get size(): number {
    return this.#count;
  }

  /** Adds `fd`, or changes the events of one that is in the set. */
  add(fd: number, events = POLLIN): void {
    const known = this.#indexOf(fd);
    const at = (known < 0 ? this.#count : known) * POLLFD_BYTES;
    if (at + POLLFD_BYTES > this.#pollfds.length) {
      const larger = new Uint8Array(this.#pollfds.length * 2);
      larger.set(this.#pollfds);
      this.#pollfds = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#view.setInt32(at, fd, true);
    this.#view.setInt16(at + 4, events, true);
    this.#view.setInt16(at + 6, 0, true);
    if (known < 0) this.#count++;
  }

  /** Removing a descriptor that is not in the set does nothing. Remove before closing: numbers are used again. */
  remove(fd: number): void {
    const at = this.#indexOf(fd);
    if (at < 0) return;
    this.#count--;
    this.#pollfds.copyWithin(at * POLLFD_BYTES, this.#count * POLLFD_BYTES, (this.#count + 1) * POLLFD_BYTES);
  }

  #indexOf(fd: number): number {
    for (let i = 0; i < this.#count; i++) {
      if (this.#view.getInt32(i * POLLFD_BYTES, true) === fd) return i;
    }
    return -1;
  }

  /**
   * Blocks this thread until a descriptor is ready or `timeoutMs` has passed (fractions count; zero or less only looks;
   * Infinity waits for ever). A signal ends the wait early with nothing ready, so callers ask their clock, not this.
   * Returns the ready descriptors, those with an error or a hang-up among them; the array is valid until the next wait.
   */
  wait(timeoutMs: number): readonly number[] {
    const ready = this.#ready;
    ready.length = 0;
    const found = ppoll(this.#pollfds, this.#count, this.#timeout(timeoutMs), null);
    if (found < 0) {
      const errno = lastErrno();
      // EINVAL (more than RLIMIT_NOFILE), ENOMEM: no caller can go on, and returning would make it spin.
      assert(errno === EINTR, errnoFailure(`ppoll(${this.#count} descriptors)`, errno).message);
      return ready;
    }
    for (let i = 0, left = found; i < this.#count && left > 0; i++) {
      if (this.#view.getInt16(i * POLLFD_BYTES + 6, true) === 0) continue;
      ready.push(this.#view.getInt32(i * POLLFD_BYTES, true));
      left--;
    }
    return ready;
  }

  /** What the last wait found for `fd`: POLLIN, POLLOUT, and above them errors (8), hang-up (16), not open (32). */
  found(fd: number): number {
    const at = this.#indexOf(fd);
    return at < 0 ? 0 : this.#view.getInt16(at * POLLFD_BYTES + 6, true);
  }

  #timeout(timeoutMs: number): Uint8Array | null {
    if (timeoutMs === Number.POSITIVE_INFINITY) return null;
    const nanoseconds = timeoutMs > 0 ? Math.min(timeoutMs, 2 ** 31) * 1e6 : 0; // NaN only looks.
    const seconds = Math.floor(nanoseconds / 1e9);
    // struct timespec: two 64-bit words, whose upper halves stay zero.
    this.#time.setUint32(0, seconds, true);
    this.#time.setUint32(8, Math.floor(nanoseconds - seconds * 1e9), true);
    return this.#timespec;
  }
}

/** One wait for a few descriptors: for tests and start-up code. Loops keep a `PollSet`. */
export function pollFds(fds: readonly { fd: number; events: number }[], timeoutMs: number): readonly number[] {
  const set = new PollSet();
  for (const { fd, events } of fds) set.add(fd, events);
  return set.wait(timeoutMs);
}
