import { ok, type Result } from '@softset/base';
import { lastFailure } from './errno.js';
import { declare, SOL_SOCKET } from './libc.js';

const getsockopt = declare<(fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number>(
  'int getsockopt(int fd, int level, int name, void *value, void *length)',
);
const SO_PEERCRED = 17;
const UCRED_BYTES = 12;

export interface PeerCredentials {
  /** As our pid namespace sees it; 0 for a process outside of it. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who connected to a UNIX stream socket, as the kernel noted it at connect(2) (unix(7), SO_PEERCRED): it cannot be
 * forged, and it tells nothing about who holds the descriptor now. For sockets of node:net too. Errors: `EBADF`,
 * `ENOTSOCK`; a socket of another family tells pid 0, uid and gid 4294967295.
 */
export function peerCredentials(fd: number): Result<PeerCredentials> {
  const credentials = new Uint8Array(UCRED_BYTES);
  const length = new Uint8Array([UCRED_BYTES, 0, 0, 0]);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length) < 0)
    return lastFailure(`getsockopt(SO_PEERCRED, ${fd})`);
  return ok(decodeCredentials(credentials));
}

/** struct ucred: pid, uid, gid. */
export function decodeCredentials(bytes: Uint8Array): PeerCredentials {
  const view = new DataView(bytes.buffer, bytes.byteOffset, UCRED_BYTES);
  return { pid: view.getInt32(0, true), uid: view.getUint32(4, true), gid: view.getUint32(8, true) };
}
