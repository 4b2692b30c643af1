import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { fail, ok, type Result } from '@softset/base';
import { PACKED_MAX } from '@softset/protocol/board-message.js';

/** A cluster file of 64 boards has some thousands of bytes; what unpacks to more than this is none. */
const TEXT_BYTES_MAX = 512 * 1024;

/** For one relay message. Error: `CONFIG_TOO_LARGE`. */
export function packText(text: string): Result<string, 'CONFIG_TOO_LARGE'> {
  const packed = gzipSync(text, { level: 9 }).toString('base64');
  if (Buffer.byteLength(text) <= TEXT_BYTES_MAX && packed.length <= PACKED_MAX) return ok(packed);
  return fail('CONFIG_TOO_LARGE', `${Buffer.byteLength(text)} bytes are more than boards hand on: ${TEXT_BYTES_MAX}`);
}

/** Never throws. Error: `CONFIG_DAMAGED`: it is no gzip, too long, or has another hash than was said. */
export function unpackText(packed: string, hash: string): Result<string, 'CONFIG_DAMAGED'> {
  try {
    const text = gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: TEXT_BYTES_MAX }).toString('utf8');
    if (hashOf(text) === hash) return ok(text);
    return fail('CONFIG_DAMAGED', 'its text has another hash than was said');
  } catch (cause) {
    return fail('CONFIG_DAMAGED', `it cannot be unpacked: ${(cause as Error).message}`, cause);
  }
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
