import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { fail, ok, type Result } from '@softset/base';
import type { Sealer } from '@softset/protocol/beat.js';
import { KEY_FILE_PATTERN } from '@softset/protocol/key-file.js';
import { HmacSha256 } from './hmac-sha256.js';

export type SealerError = 'KEY_MISSING' | 'KEY_EXPOSED' | 'KEY_MALFORMED' | 'KEY_ALIKE' | 'KEY_LEAP';

/** At most two, by their names on the wire. */
interface Ring {
  readonly own: number;
  readonly keys: ReadonlyMap<number, { readonly hmac: HmacSha256; readonly key: Buffer }>;
}

export interface RotatingSealer extends Sealer {
  /** Reads the files again. A failure leaves the keys that were valid before, whole. Errors: those of `openSealer`, and
   *  `KEY_LEAP`: a step was left out, and another board could refuse this one or be refused by it. */
  reload(): Result<void, SealerError>;
}

/**
 * Reads the cluster's keys. Frames are sealed with the first; either is believed. A key is named on the wire by the
 * first byte of its SHA-256. The second stands in the same file (renamed into place, the change of both is one step), or
 * in an old key file.
 *
 *   old ──install──► old, new ──use──► new, old ──remove──► new      each done on all boards before the next
 *
 * Errors: `KEY_MISSING` (cannot be read), `KEY_EXPOSED` (group or others may read it), `KEY_MALFORMED` (not 64
 * hexadecimal digits, or more than two keys), `KEY_ALIKE` (two keys that have the same name on the wire). Messages name
 * the file and the cure.
 */
export function openSealer(keyFile: string, oldKeyFile?: string): Result<RotatingSealer, SealerError> {
  const first = readRing(keyFile, oldKeyFile);
  if (!first.ok) return first;
  let ring = first.value;
  return ok({
    get keyId() {
      return ring.own;
    },
    mac: (id, bytes) => ring.keys.get(id)?.hmac.mac(bytes),
    reload: () => {
      const next = readRing(keyFile, oldKeyFile);
      if (!next.ok) return next;
      const leap = leapOf(ring, next.value);
      if (leap !== undefined) return fail('KEY_LEAP', `${keyFile}: ${leap}; the keys stay as they were`);
      ring = next.value;
      return ok(undefined);
    },
  });
}

/**
 * Boards take a step one after another. While the first has taken it and the last has not, both must still believe
 * each other: so no board seals with a key that it did not believe before, nor forgets the one that it sealed with.
 */
function leapOf(before: Ring, after: Ring): string | undefined {
  if (!holds(before, after, after.own)) {
    return 'its first key was not believed here before: install it as the second on all boards first';
  }
  if (!holds(after, before, before.own)) {
    return 'the key in use is no longer in it: others may still seal with that, so keep it as the second first';
  }
  return undefined;
}

/** Whether `ring` has the key that `other` calls `id`: the very key, for a byte is soon taken twice. */
function holds(ring: Ring, other: Ring, id: number): boolean {
  const key = other.keys.get(id)?.key;
  return key !== undefined && ring.keys.get(id)?.key.equals(key) === true;
}

function readRing(keyFile: string, oldKeyFile: string | undefined): Result<Ring, SealerError> {
  const here = readKeys(keyFile);
  if (!here.ok) return here;
  const old = oldKeyFile === undefined ? ok([]) : readKeys(oldKeyFile);
  if (!old.ok) return old;
  const [key, ...others] = [...here.value, ...old.value];
  if (key === undefined || others.length > 1) {
    return fail(
      'KEY_MALFORMED',
      `${keyFile} and ${oldKeyFile}: at most two keys are valid at once, found three or more`,
    );
  }
  const own = keyIdOf(key);
  const keys = new Map([[own, { hmac: new HmacSha256(key), key }]]);
  for (const other of others) {
    const id = keyIdOf(other);
    if (id === own && !other.equals(key)) {
      const files = here.value.length > 1 ? keyFile : `${keyFile} and ${oldKeyFile}`;
      return fail('KEY_ALIKE', `${files}: both keys are called ${id} on the wire; make a new one`);
    }
    keys.set(id, { hmac: new HmacSha256(other), key: other });
  }
  return ok({ own, keys });
}

function keyIdOf(key: Uint8Array): number {
  return createHash('sha256').update(key).digest()[0] ?? 0;
}

function readKeys(path: string): Result<Buffer[], SealerError> {
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
    if (!KEY_FILE_PATTERN.test(text)) {
      const cure = `make one: (umask 077; openssl rand -hex 32 > ${path})`;
      return fail(
        'KEY_MALFORMED',
        `${path}: a key is 64 hexadecimal digits, and a second may follow on a line of its own; found ${text.trim().length} characters; ${cure}`,
      );
    }
    return ok(
      text
        .trim()
        .split(/\s+/)
        .map((line) => Buffer.from(line, 'hex')),
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const cure = `copy it from another board, mode 0600`;
    return fail('KEY_MISSING', `${path}: cannot read the key (${why}); ${cure}`, cause);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
