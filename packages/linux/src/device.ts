import { fail, type Result } from '@softset/base';
import { SOL_SOCKET } from './libc.js';
import { setOption } from './socket.js';

const SO_BINDTODEVICE = 25;
/** IFNAMSIZ, <linux/if.h>: sixteen bytes with the closing zero. */
const NAME_BYTES_MAX = 15;

/**
 * SO_BINDTODEVICE (socket(7)): the socket sends and receives by this device only, whatever the routes say. For a socket
 * of node:dgram too. A socket that is bound already needs CAP_NET_RAW to change. Errors: `ENODEV`, `EPERM`.
 */
export function bindToDevice(fd: number, device: string): Result<void> {
  const name = new TextEncoder().encode(device);
  if (name.length === 0 || name.length > NAME_BYTES_MAX) {
    return fail('ENODEV', `"${device}" is not a device's name: 1 to ${NAME_BYTES_MAX} bytes`);
  }
  return setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, name, `setsockopt(SO_BINDTODEVICE, ${device})`);
}
