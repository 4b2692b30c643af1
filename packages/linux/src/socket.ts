import { type Failure, ok, type Result } from '@softset/base';
import { lastFailure } from './errno.js';
import { closeFd } from './fd.js';
import { declare, SOCK_CLOEXEC } from './libc.js';

const cSocket = declare<(domain: number, type: number, protocol: number) => number>(
  'int socket(int domain, int type, int protocol)',
);
const cSetsockopt = declare<(fd: number, level: number, name: number, value: Uint8Array, length: number) => number>(
  'int setsockopt(int fd, int level, int name, const void *value, unsigned int length)',
);
const cBind = declare<(fd: number, address: Uint8Array, length: number) => number>(
  'int bind(int fd, const void *address, unsigned int length)',
);
const cConnect = declare<(fd: number, address: Uint8Array, length: number) => number>(
  'int connect(int fd, const void *address, unsigned int length)',
);
const cIfNameToIndex = declare<(name: string) => number>('unsigned int if_nametoindex(const char *name)');

const done = ok(undefined);

/** socket(2), always close-on-exec: nothing that a daemon starts inherits its sockets. */
export function openSocket(domain: number, type: number, protocol: number, what: string): Result<number> {
  const fd = cSocket(domain, type | SOCK_CLOEXEC, protocol);
  return fd < 0 ? lastFailure(what) : ok(fd);
}

export function setOption(fd: number, level: number, name: number, value: Uint8Array, what: string): Result<void> {
  return cSetsockopt(fd, level, name, value, value.length) < 0 ? lastFailure(what) : done;
}

export function setIntOption(fd: number, level: number, name: number, value: number, what: string): Result<void> {
  return setOption(fd, level, name, int32(value), what);
}

export function bindSocket(fd: number, address: Uint8Array, what: string): Result<void> {
  return cBind(fd, address, address.length) < 0 ? lastFailure(what) : done;
}

export function connectSocket(fd: number, address: Uint8Array, what: string): Result<void> {
  return cConnect(fd, address, address.length) < 0 ? lastFailure(what) : done;
}

/** connect(2) alone; where it fails, errno says how: made for sockets whose connection takes its time. */
export function tryConnect(fd: number, address: Uint8Array): boolean {
  return cConnect(fd, address, address.length) === 0;
}

/** if_nametoindex(3). `ENODEV` where there is no such device. */
export function interfaceIndex(device: string): Result<number> {
  const index = cIfNameToIndex(device);
  return index === 0 ? lastFailure(`if_nametoindex(${device})`) : ok(index);
}

/** A C int, or several of them. */
export function int32(...values: number[]): Uint8Array {
  return new Uint8Array(new Int32Array(values).buffer);
}

/**
 * The receive buffer in bytes. SO_RCVBUFFORCE (socket(7)) passes the limit net.core.rmem_max with CAP_NET_ADMIN; without
 * it the kernel gives what it may, which is not a failure.
 */
export function setReceiveBuffer(fd: number, bytes: number): void {
  const SO_RCVBUF = 8;
  const SO_RCVBUFFORCE = 33;
  if (cSetsockopt(fd, 1, SO_RCVBUFFORCE, int32(bytes), 4) < 0) cSetsockopt(fd, 1, SO_RCVBUF, int32(bytes), 4);
}

/** Runs the steps in order until one fails; then closes `fd` and returns that failure. */
export function prepare(fd: number, steps: readonly (() => Result<unknown>)[]): Failure | undefined {
  for (const step of steps) {
    const result = step();
    if (result.ok) continue;
    closeFd(fd);
    return result;
  }
  return undefined;
}
