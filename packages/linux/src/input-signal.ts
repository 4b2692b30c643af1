import { ok, type Result } from '@softset/base';
import { lastFailure } from './errno.js';
import { declare } from './libc.js';

const fcntl = declare<(fd: number, command: number, value: number) => number>(
  'int fcntl(int fd, int command, intptr_t value)',
);
const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const O_ASYNC = 0o20000;

/**
 * From now on SIGIO comes to this process whenever `fd` has something to read (fcntl(2), O_ASYNC): so Node's loop hears
 * of a socket that it cannot watch itself. Listen to SIGIO first: unheard, it ends the process. Signals of one kind are
 * told once however many they are, so read until nothing is left. Errors: errno's names.
 */
export function signalOnInput(fd: number): Result<void> {
  const flags = fcntl(fd, F_GETFL, 0);
  if (flags < 0) return lastFailure(`fcntl(${fd}, F_GETFL)`);
  if (fcntl(fd, F_SETOWN, process.pid) < 0) return lastFailure(`fcntl(${fd}, F_SETOWN)`);
  return fcntl(fd, F_SETFL, flags | O_ASYNC) < 0 ? lastFailure(`fcntl(${fd}, F_SETFL)`) : ok(undefined);
}
