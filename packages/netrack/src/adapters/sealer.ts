import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { fail, ok, type Result } from '@softset/base';
import type { Sealer } from '@softset/protocol/beat.js';
import { HmacSha256 } from './hmac-sha256.js';

export type SealerError = 'KEY_MISSING' | 'KEY_EXPOSED' | 'KEY_MALFORMED' | 'KEY_ALIKE';

const KEY_PATTERN = /^[0-9a-fA-F]{64}\s*$/;

/**
 * Reads the cluster's key, and the old one that is still accepted while keys are rotated. Frames are sealed with the
 * first; either is believed. A key is named on the wire by the first byte of its SHA-256.
 *
 * Errors: `KEY_MISSING` (cannot be read), `KEY_EXPOSED` (group or others may read it), `KEY_MALFORMED` (not 64
 * hexadecimal digits), `KEY_ALIKE` (two keys that have the same name on the wire). Messages name the file and the cure.
 */
export function openSealer(keyFile: string, oldKeyFile?: string): Result<Sealer, SealerError> {
  const key = readKey(keyFile);
  if (!key.ok) return key;
  const own = keyIdOf(key.value);
  const keys = new Map([[own, new HmacSha256(key.value)]]);
  if (oldKeyFile !== undefined) {
    const old = readKey(oldKeyFile);
    if (!old.ok) return old;
    const id = keyIdOf(old.value);
    if (id === own && !old.value.equals(key.value)) {
      return fail('KEY_ALIKE', `${keyFile} and ${oldKeyFile}: both keys are called ${id} on the wire; make a new one`);
    }
    keys.set(id, new HmacSha256(old.value));
  }
  return ok({
    keyId: own,
    mac: (id, bytes) => keys.get(id)?.mac(bytes),
  });
}

function keyIdOf(key: Uint8Array): number {
  return createHash('sha256').update(key).digest()[0] ?? 0;
}

function readKey(path: string): Result<Buffer, SealerError> {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    // Of the open file, not of the path: what is checked is what is read.
    const { mode } = fstatSync(fd);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0');
      return fail('KEY_EXPOSED', `${path}: mode ${shown} lets others at the key; run: chmod 0600 ${path}`);
    }
    const text = readFileSync(fd, 'latin1');
    if (!KEY_PATTERN.test(text)) {
      const cure = `make one: (umask 077; openssl rand -hex 32 > ${path})`;
      return fail(
        'KEY_MALFORMED',
        `${path}: a key is 64 hexadecimal digits, found ${text.trim().length} characters; ${cure}`,
      );
    }
    return ok(Buffer.from(text.trim(), 'hex'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const cure = `copy it from another board, mode 0600`;
    return fail('KEY_MISSING', `${path}: cannot read the key (${why}); ${cure}`, cause);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
