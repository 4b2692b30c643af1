import { closeSync, openSync } from 'node:fs';
import { assert } from '@softset/base';
import { lastFailure } from '@softset/linux/errno.js';
import { declare } from '@softset/linux/libc.js';

const setns = declare<(fd: number, kind: number) => number>('int setns(int fd, int kind)');
/** <linux/sched.h>. */
const CLONE_NEWNET = 0x4000_0000;

/**
 * A network namespace, kept open. setns(2) moves the calling thread alone, and everything synchronous runs on it: a
 * socket that is opened inside `run` stays in the namespace, whatever the thread does later.
 */
export class NetworkNamespace {
  static #own: number | undefined;
  readonly fd: number;

  /** `path` is `/proc/PID/ns/net` or a mount of it. Throws what open(2) says. */
  constructor(path: string) {
    NetworkNamespace.#own ??= openSync('/proc/thread-self/ns/net', 'r');
    this.fd = openSync(path, 'r');
  }

  /** Calls `work` inside; it must not wait for anything. */
  run<T>(work: () => T): T {
    enter(this.fd);
    try {
      return work();
    } finally {
      assert(NetworkNamespace.#own !== undefined, 'opened in the constructor');
      enter(NetworkNamespace.#own);
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

function enter(fd: number): void {
  if (setns(fd, CLONE_NEWNET) < 0) throw new Error(lastFailure('setns(network namespace)').message);
}
