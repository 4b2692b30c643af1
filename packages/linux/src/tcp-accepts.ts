import { type Failure, type Ip, isIpv6, type Result } from '@softset/base';
import { EALREADY, EINPROGRESS, errnoFailure, lastErrno } from './errno.js';
import { closeFd } from './fd.js';
import { AF_INET, AF_INET6, SOCK_NONBLOCK, SOCK_STREAM } from './libc.js';
import { encodeInetAddress } from './sockaddr.js';
import { openSocket, tryConnect } from './socket.js';

/** Who is asked is asked again and again. */
const known = new Map<string, Result<Uint8Array>>();
const knownMax = 1024;

function addressOf(ip: Ip, port: number): Result<Uint8Array> {
  const key = `${ip} ${port}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= knownMax) known.clear();
  const address = encodeInetAddress(ip, port);
  known.set(key, address);
  return address;
}

/**
 * Whether a TCP port accepts, as far as that is known at once: a port of this machine has answered, or refused, before
 * connect(2) returns, though it says EINPROGRESS; the second connect(2) tells. It never waits, and costs a tenth of a
 * socket of Node's. `later`: no answer yet. Errors: `ECONNREFUSED`, and errno's other names.
 */
export function tcpAccepts(ip: Ip, port: number): 'accepts' | 'later' | Failure {
  const address = addressOf(ip, port);
  if (!address.ok) return address;
  const opened = openSocket(isIpv6(ip) ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0, 'socket(TCP)');
  if (!opened.ok) return opened;
  const fd = opened.value;
  try {
    for (let tries = 0; tries < 2; tries++) {
      if (tryConnect(fd, address.value)) return 'accepts';
      const errno = lastErrno();
      if (errno !== EINPROGRESS && errno !== EALREADY) return errnoFailure(`connect(${ip} port ${port})`, errno);
    }
    return 'later';
  } finally {
    closeFd(fd);
  }
}
