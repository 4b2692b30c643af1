import { assert } from '@softset/base';
import koffi from 'koffi';

// Structures are laid out by hand in this package: as 64-bit little-endian Linux has them (x86-64, arm64, riscv64).
assert(new Uint8Array(new Uint16Array([1]).buffer)[0] === 1, '@softset/linux needs a little-endian machine');

/** The C library that this process already runs on: `dlopen(NULL)` costs nothing and is right for glibc and musl alike. */
const library = koffi.load(null);

/**
 * Declares one C function. `F` is what TypeScript sees; `definition` is what the machine sees, and must agree with it.
 * `intptr_t` stands for `ssize_t` and `long`; typed arrays are passed as the address of their first byte, and must stay
 * alive for the duration of the call only.
 */
export function declare<F>(definition: string): F {
  return library.func(definition) as F;
}

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const SOL_SOCKET = 1;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
