import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { fail, ok, type Result } from '@softset/base';
import { errnoFailure } from './errno.js';

/** sun_path holds 108 bytes with the closing zero (unix(7)); longer paths would be cut silently. */
const socketPathBytesMax = 107;

/** What a connection attempt says: its errno's name, or that somebody accepted. */
function probe(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path)
      .once('connect', () => {
        socket.destroy();
        resolve('ACCEPTED');
      })
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EUNKNOWN'));
  });
}

/**
 * Makes way for a listener: a socket file that nobody serves any more is removed. Two that start in the same moment are
 * kept apart by the daemon's lock, not here. Errors: `SOCKET_IN_USE` where a living process serves it,
 * `SOCKET_PATH_TOO_LONG`, `NOT_A_SOCKET`, errno's names.
 */
export async function clearSocketPath(path: string): Promise<Result<void>> {
  if (Buffer.byteLength(path) > socketPathBytesMax) {
    return fail(
      'SOCKET_PATH_TOO_LONG',
      `${path} is longer than the ${socketPathBytesMax} bytes that a socket's name may have`,
    );
  }
  try {
    const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (stat === undefined) return ok(undefined);
    if (!stat.isSocket()) return fail('NOT_A_SOCKET', `${path} exists and is not a socket: it is left alone`);
    const answer = await probe(path);
    if (answer === 'ECONNREFUSED') await unlink(path);
    else if (answer !== 'ENOENT') return fail('SOCKET_IN_USE', `${path} is served by a living process (${answer})`);
    return ok(undefined);
  } catch (error) {
    return errnoFailure(error, `make way for the socket ${path}`);
  }
}
