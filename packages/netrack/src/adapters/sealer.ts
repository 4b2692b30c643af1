import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '@softset/base';
import type { Sealer } from '@softset/protocol/beat.js';
import {
  type KeptKeys,
  type KeyFileError,
  type KeyPlaces,
  type ReadKeys,
  readKeys,
  readKeysLater,
} from '@softset/runtime/key-files.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { HmacSha256 } from './hmac-sha256.js';

export type SealerError = KeyFileError | 'KEY_LEAP' | 'KEY_IN_USE';

/** What another board sealed so long ago, ms, says that it may do so still: beats come far more often. */
const IN_USE_MS = 1000;

/** At most two, by their names on the wire. */
interface Ring {
  readonly own: number;
  readonly keys: ReadonlyMap<number, { readonly hmac: HmacSha256; readonly key: Buffer }>;
  readonly over: string;
  readonly kept: KeptKeys | undefined;
}

export interface RotatingSealer extends Sealer {
  /**
   * Reads the files again, without waiting for a disk. A failure leaves the keys that were valid before, whole. Errors:
   * those of `openSealer`; `KEY_LEAP`: a step was left out, and another board could refuse this one or be refused by it;
   * `KEY_IN_USE`: another board sealed a moment ago with the key that would go.
   */
  reload(): Promise<Result<void, SealerError>>;
  /** What `reload` would say of these. */
  judge(keys: readonly Buffer[]): Result<void, SealerError>;
  /** The keys themselves, the one that seals first. */
  keys(): readonly Buffer[];
  /** Of the key files, and what a rotation by order left in their place. */
  source(): { readonly over: string; readonly kept: KeptKeys | undefined };
  /** Names on the wire of all that are believed. */
  ids(): readonly number[];
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
export function openSealer(places: KeyPlaces): Result<RotatingSealer, SealerError> {
  const first = ringOf(places, readKeys(places));
  if (!first.ok) return first;
  let ring = first.value;
  /** When another board's frame was last right, by the name of its key. */
  const believedMs = new Map<number, number>();
  const refusalOf = (next: Ring): Result<void, SealerError> => {
    const leap = leapOf(ring, next);
    if (leap !== undefined) return fail('KEY_LEAP', `${places.keyFile}: ${leap}; the keys stay as they were`);
    const used = [...ring.keys.keys()].find(
      (id) => !holds(next, ring, id) && nowMs() - (believedMs.get(id) ?? Number.NEGATIVE_INFINITY) < IN_USE_MS,
    );
    if (used === undefined) return ok(undefined);
    const message = `${places.keyFile}: another board seals with key ${used}, which is no longer in it`;
    return fail('KEY_IN_USE', `${message}: use the other one on all boards first; the keys stay as they were`);
  };
  return ok({
    get keyId() {
      return ring.own;
    },
    mac: (id, bytes) => ring.keys.get(id)?.hmac.mac(bytes),
    believed: (id) => {
      // What everybody seals with needs no note; and a pulse checks a thousand beats a second.
      if (id !== ring.own) believedMs.set(id, nowMs());
    },
    reload: async () => {
      const next = ringOf(places, await readKeysLater(places));
      if (!next.ok) return next;
      const refusal = refusalOf(next.value);
      if (!refusal.ok) return refusal;
      ring = next.value;
      return ok(undefined);
    },
    judge: (keys) => {
      const next = ringOf(places, ok({ keys, over: ring.over, kept: ring.kept }));
      return next.ok ? refusalOf(next.value) : next;
    },
    keys: () => [...ring.keys.values()].map(({ key }) => key),
    source: () => ({ over: ring.over, kept: ring.kept }),
    ids: () => [...ring.keys.keys()],
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

function ringOf({ keyFile }: KeyPlaces, read: Result<ReadKeys, KeyFileError>): Result<Ring, KeyFileError> {
  if (!read.ok) return read;
  const { keys, over, kept } = read.value;
  const [own, other] = keys;
  if (own === undefined) return fail('KEY_MALFORMED', `${keyFile}: it holds no key`);
  const ownId = keyIdOf(own);
  const ring = new Map([[ownId, { hmac: new HmacSha256(own), key: own }]]);
  if (other !== undefined && !other.equals(own)) {
    const id = keyIdOf(other);
    if (id === ownId) return fail('KEY_ALIKE', `${keyFile}: both keys are called ${id} on the wire; make a new one`);
    ring.set(id, { hmac: new HmacSha256(other), key: other });
  }
  return ok({ own: ownId, keys: ring, over, kept });
}

export function keyIdOf(key: Uint8Array): number {
  return createHash('sha256').update(key).digest()[0] ?? 0;
}
