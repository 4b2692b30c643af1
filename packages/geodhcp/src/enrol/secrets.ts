import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { fail, ok, type Result } from '@softset/base';

/**
 * The secrets of one channel (ADR 0023): X25519 (RFC 7748), HKDF with SHA-256 (RFC 5869), ChaCha20-Poly1305 (RFC 8439),
 * by OpenSSL. Fresh keys on both sides for each connection; a token, where there is one, goes into the keys and thereby
 * proves each side to the other. Without a token both sides show a code that people compare. The newcomer commits to its
 * key before it has seen ours, so that somebody between them has one guess in 2^40, and no time to search.
 */
export const PUBLIC_BYTES = 32;
export const COMMIT_BYTES = 32;
export const TAG_BYTES = 16;
/** X25519 public keys as SubjectPublicKeyInfo (RFC 8410 §4): this, then 32 bytes. */
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const MAGIC = 'softset-enrol-1';

export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicBytes: Buffer;
}

export function freshPair(): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return { privateKey, publicBytes: publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI.length) };
}

export function commitmentTo(publicBytes: Uint8Array): Buffer {
  return createHash('sha256').update(`${MAGIC} commit`).update(publicBytes).digest();
}

/** What a token's secret is on the control node's disk, and in the keys. */
export function pskOf(secret: string): string {
  return createHash('sha256').update(`${MAGIC} token ${secret}`).digest('hex');
}

export interface Keys {
  readonly toControl: Buffer;
  readonly toBoard: Buffer;
  /** Ten digits of base 16 in two groups: both sides show it. */
  readonly code: string;
}

/** `transcript`: all that was said in the clear, in order. Error: `KEY_INVALID`, for a point that gives no secret. */
export function keysOf(
  own: Pair,
  theirs: Uint8Array,
  transcript: readonly Uint8Array[],
  psk: string | undefined,
): Result<Keys, 'KEY_INVALID'> {
  let shared: Buffer;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI, theirs]), format: 'der', type: 'spki' });
    shared = diffieHellman({ privateKey: own.privateKey, publicKey });
  } catch (error) {
    return fail('KEY_INVALID', 'the other side sent a key that gives no secret', error);
  }
  const salt = createHash('sha256').update(MAGIC);
  for (const part of transcript) {
    // Lengths go in, so that no two conversations read the same.
    salt.update(`${part.length}:`).update(part);
  }
  const secret = Buffer.concat([shared, Buffer.from(psk ?? '', 'hex')]);
  const bytes = Buffer.from(hkdfSync('sha256', secret, salt.digest(), MAGIC, 69));
  const hex = bytes.subarray(64).toString('hex');
  return ok({
    toControl: bytes.subarray(0, 32),
    toBoard: bytes.subarray(32, 64),
    code: `${hex.slice(0, 5)}-${hex.slice(5)}`,
  });
}

/** Message `number` of one direction: each has a nonce of its own, and none may be left out, doubled or swapped. */
export function seal(key: Uint8Array, number: number, text: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, nonceOf(number), { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

/** Error: `SEAL_BROKEN`. */
export function open(key: Uint8Array, number: number, sealed: Uint8Array): Result<Buffer, 'SEAL_BROKEN'> {
  const broken = (): Result<Buffer, 'SEAL_BROKEN'> => fail('SEAL_BROKEN', 'a message was not sealed by the other side');
  if (sealed.length < TAG_BYTES) return broken();
  try {
    const cipher = createDecipheriv('chacha20-poly1305', key, nonceOf(number), { authTagLength: TAG_BYTES });
    cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    return ok(Buffer.concat([cipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), cipher.final()]));
  } catch {
    return broken();
  }
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(number), 4);
  return nonce;
}
