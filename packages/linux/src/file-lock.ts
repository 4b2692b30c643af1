import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { fail, ok, type Result } from '@softset/base';
import { EAGAIN, errnoFailure, lastErrno } from './errno.js';
import { declare } from './libc.js';

const flock = declare<(fd: number, operation: number) => number>('int flock(int fd, int operation)');
const LOCK_EX = 2;
const LOCK_NB = 4;

export interface FileLock {
  /** The file stays, empty: removing it would let two processes lock two files of one name. */
  release(): void;
}

/**
 * Locks `path`, which is made when absent, for this process alone (flock(2)) and writes the pid into it. The kernel
 * releases the lock when the process ends, however it ends. Errors: `LOCKED`, with the holder's pid in the message when
 * the file tells it; errno's names when the file cannot be opened.
 */
export function lockFile(path: string): Result<FileLock, string> {
  let fd: number;
  try {
    // Not emptied on opening: until the lock is ours, the pid in it is the holder's. O_CLOEXEC: Node always adds it.
    fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o640);
  } catch (cause) {
    return fail((cause as NodeJS.ErrnoException).code ?? 'EIO', `open ${path}: ${(cause as Error).message}`, cause);
  }
  if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
    const errno = lastErrno();
    const holder = errno === EAGAIN ? readPid(path) : undefined;
    closeSync(fd);
    if (errno !== EAGAIN) return errnoFailure(`flock(${path})`, errno);
    return fail('LOCKED', `${path} is locked by ${holder === undefined ? 'another process' : `process ${holder}`}`);
  }
  try {
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch {
    // A full disk: the lock holds without its label.
  }
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    ftruncateSync(fd);
    closeSync(fd);
  };
  return ok({ release });
}

function readPid(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'latin1').trim();
    return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
