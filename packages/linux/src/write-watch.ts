import { ok, type Result } from '@softset/base';
import { lastFailure } from './errno.js';
import { closeFd } from './fd.js';
import { declare } from './libc.js';

const inotifyInit = declare<(flags: number) => number>('int inotify_init1(int flags)');
const inotifyAdd = declare<(fd: number, path: string, mask: number) => number>(
  'int inotify_add_watch(int fd, const char *path, uint32_t mask)',
);
const read = declare<(fd: number, into: Uint8Array, bytes: number) => number>(
  'intptr_t read(int fd, void *into, uintptr_t bytes)',
);
/** <linux/inotify.h>. */
const IN_MODIFY = 0x2;
const IN_Q_OVERFLOW = 0x4000;
const IN_ONESHOT = 0x80000000;
const IN_NONBLOCK_CLOEXEC = 0o2004000;
/** struct inotify_event: int wd, u32 mask, u32 cookie, u32 len, and a name where the watch is a folder's. */
const EVENT_BYTES = 16;

/**
 * Which files were written to since that was last asked (inotify(7)): two hundred quiet files cost one system call, and
 * nobody is woken by busy ones. A watch tells of the first write after it was made, and is over then: so what waits in
 * the kernel is bounded by the number of files, however much is written.
 */
export class WriteWatch {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(256 * EVENT_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);

  /** Errors: `EMFILE` (also: this user has `fs.inotify.max_user_instances` of them) and the like. */
  static open(): Result<WriteWatch> {
    const fd = inotifyInit(IN_NONBLOCK_CLOEXEC);
    return fd < 0 ? lastFailure('inotify_init1') : ok(new WriteWatch(fd));
  }

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** The number by which `written` will name the next write to an open file. Errors: `ENOSPC` (`max_user_watches`). */
  next(fd: number): Result<number> {
    // By its descriptor: the path may have come to mean another file.
    const watch = inotifyAdd(this.#fd, `/proc/self/fd/${fd}`, IN_MODIFY | IN_ONESHOT);
    return watch < 0 ? lastFailure(`watch descriptor ${fd}`) : ok(watch);
  }

  /** The watches that are over, since their files were written to; `unknown` when the kernel lost count. */
  written(): ReadonlySet<number> | 'unknown' {
    const found = new Set<number>();
    for (;;) {
      const bytes = read(this.#fd, this.#buffer, this.#buffer.length);
      // EAGAIN: nothing more.
      if (bytes <= 0) return found;
      for (let at = 0; at + EVENT_BYTES <= bytes; at += EVENT_BYTES + this.#view.getUint32(at + 12, true)) {
        const mask = this.#view.getUint32(at + 4, true);
        if (mask & IN_Q_OVERFLOW) return 'unknown';
        // Each tells of its end as well (IN_IGNORED).
        if (mask & IN_MODIFY) found.add(this.#view.getInt32(at, true));
      }
    }
  }

  close(): void {
    closeFd(this.#fd);
  }
}
