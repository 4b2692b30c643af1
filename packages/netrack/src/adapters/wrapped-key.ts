import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { fail, ok, type Result } from '@softset/base';
import { keyIdOf } from './sealer.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** Who a wrapped key is for: it opens nowhere else, and in no other rotation. */
export interface Wrapping {
  readonly cluster: number;
  readonly rotation: string;
  readonly serial: number;
  readonly to: number;
}

/** Names a key and tells nothing of it: 16 hexadecimal digits. */
export function fingerprint(key: Uint8Array): string {
  return createHash('sha256').update('softset key fingerprint\0').update(key).digest('hex').slice(0, 16);
}

/** Never one that is called on the wire like the one in use. */
export function freshKey(beside: Uint8Array): Buffer {
  for (;;) {
    const key = randomBytes(KEY_BYTES);
    if (keyIdOf(key) !== keyIdOf(beside)) return key;
  }
}

/** AES-256-GCM under a key derived (HKDF, RFC 5869) from the one that both boards have. Base64. */
export function wrapKey(key: Uint8Array, under: Uint8Array, wrapping: Wrapping): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', derived(under, wrapping), nonce);
  cipher.setAAD(said(wrapping));
  const body = Buffer.concat([cipher.update(key), cipher.final()]);
  return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64');
}

/** Never throws. Error: `KEY_UNREADABLE`. */
export function unwrapKey(wrapped: string, under: Uint8Array, wrapping: Wrapping): Result<Buffer, 'KEY_UNREADABLE'> {
  const bytes = Buffer.from(wrapped, 'base64');
  if (bytes.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES)
    return fail('KEY_UNREADABLE', 'the wrapped key is malformed');
  try {
    const decipher = createDecipheriv('aes-256-gcm', derived(under, wrapping), bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(said(wrapping));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return ok(Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]));
  } catch (cause) {
    return fail('KEY_UNREADABLE', 'the wrapped key is not for this board, or was changed on the way', cause);
  }
}

function derived(under: Uint8Array, { rotation }: Wrapping): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', under, rotation, 'softset key rotate', KEY_BYTES));
}

function said({ cluster, rotation, serial, to }: Wrapping): Buffer {
  return Buffer.from(JSON.stringify([cluster, rotation, serial, to]));
}
