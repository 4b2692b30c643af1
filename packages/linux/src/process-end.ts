import { fail, ok, type Result } from '@softset/base';
import { lastFailure } from './errno.js';
import { closeFd } from './fd.js';
import { declare } from './libc.js';
import { type ProcessName, processStart } from './signal.js';

const pidfdOpen = declare<(number: number, pid: number, flags: number) => number>(
  'intptr_t syscall(intptr_t number, intptr_t pid, uintptr_t flags)',
);
type Done = (error: unknown, result: number) => void;
const poll = declare<{ async(fds: Uint8Array, count: number, timeoutMs: number, done: Done): void }>(
  'int poll(void *fds, uintptr_t count, int timeout)',
);
const SYS_PIDFD_OPEN = 434;
const POLLIN = 1;
/** sizeof(struct pollfd): int fd, short events, short revents. */
const POLLFD_BYTES = 8;
/** Who is watched from now on is seen by the next round: so long it may take, ms, that a death is told late at most. */
const ROUND_MS = 100;

interface Watched {
  readonly fd: number;
  readonly ended: () => void;
}

/**
 * Tells of the end of processes that are nobody's children here, when it happens (pidfd_open(2), Linux 5.3): one thread of
 * libuv's pool waits in poll(2) for all of them, while there are any.
 */
export class EndWatch {
  readonly #watched = new Set<Watched>();
  #waiting = false;

  /**
   * `ended` is called once, later, unless the returned function was called before. Errors: `ESRCH` (ended, or the pid is
   * another's now), `ENOSYS`, `EMFILE` and the like: then it must be looked up.
   */
  watch(target: ProcessName, ended: () => void): Result<() => void> {
    const fd = pidfdOpen(SYS_PIDFD_OPEN, target.pid, 0);
    if (fd < 0) return lastFailure(`pidfd_open(${target.pid})`);
    // Opened first and compared after: whoever bears the pid then, is who the descriptor means.
    const start = processStart(target.pid);
    if (!start.ok || start.value !== target.startTicks) {
      closeFd(fd);
      return start.ok ? fail('ESRCH', `process ${target.pid} is another one`) : start;
    }
    const entry = { fd, ended };
    this.#watched.add(entry);
    if (!this.#waiting) {
      this.#waiting = true;
      // Those that are watched from this turn on, all in the first round.
      setImmediate(() => this.#wait());
    }
    return ok(() => this.#forget(entry));
  }

  #wait(): void {
    const round = [...this.#watched];
    if (round.length === 0) {
      this.#waiting = false;
      return;
    }
    const fds = new Uint8Array(round.length * POLLFD_BYTES);
    const view = new DataView(fds.buffer);
    for (const [i, { fd }] of round.entries()) {
      view.setInt32(i * POLLFD_BYTES, fd, true);
      view.setInt16(i * POLLFD_BYTES + 4, POLLIN, true);
    }
    poll.async(fds, round.length, ROUND_MS, (error, count) => {
      for (const [i, entry] of round.entries()) {
        if (count > 0 && view.getInt16(i * POLLFD_BYTES + 6, true) !== 0 && this.#forget(entry)) entry.ended();
      }
      // An error that lasts must not become a busy loop.
      if (error || count < 0) setTimeout(() => this.#wait(), ROUND_MS);
      else this.#wait();
    });
  }

  /** Its number must not be closed while a round waits for it: another file could get it. */
  #forget(entry: Watched): boolean {
    if (!this.#watched.delete(entry)) return false;
    setTimeout(() => closeFd(entry.fd), 2 * ROUND_MS).unref();
    return true;
  }
}
