import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { KEY_FILE_PATTERN } from '@softset/protocol/key-file.js';
import { checkedBody, writeChecked } from './atomic-file.js';

export type KeyFileError = 'KEY_MISSING' | 'KEY_EXPOSED' | 'KEY_MALFORMED' | 'KEY_ALIKE';

/** Where the keys of this board are. */
export interface KeyPlaces {
  readonly keyFile: string;
  readonly oldKeyFile?: string | undefined;
  /** State directory, or the run directory of a board without one: `keys` in it is what rotations by order left. */
  readonly directory?: string | undefined;
}

/** What a rotation by order left, for as long as nobody writes the key file anew: then that counts. */
export interface KeptKeys {
  /** SHA-256 of what the key files held. */
  readonly over: string;
  /** Hexadecimal; the one that seals first. */
  readonly keys: readonly string[];
  readonly serial: number;
  readonly rotation: string;
  readonly into: string;
  readonly outOf: string;
}

export interface ReadKeys {
  readonly keys: readonly Buffer[];
  /** Of the key files alone. */
  readonly over: string;
  /** The last rotation by order, whether its keys count still or the key file was written anew. */
  readonly kept: KeptKeys | undefined;
}

const KEPT_KEYS = 'keys';
const NO_WAIT = constants.O_RDONLY | constants.O_NONBLOCK;

/** Before the daemon serves: nothing else is to be done meanwhile. Errors: `KeyFileError`, with the file and the cure. */
export function readKeys(places: KeyPlaces): Result<ReadKeys, KeyFileError> {
  const read = (path: string): Text => {
    let fd: number | undefined;
    try {
      fd = openSync(path, NO_WAIT);
      // Of the open file, not of the path: what is checked is what is read.
      return { path, mode: fstatSync(fd).mode, text: readFileSync(fd, 'latin1') };
    } catch (cause) {
      return { path, cause };
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  };
  return judge(
    places,
    read(places.keyFile),
    places.oldKeyFile === undefined ? undefined : read(places.oldKeyFile),
    read(keptPath(places)),
  );
}

/** While the daemon serves: a disk that hangs must hold nothing up. */
export async function readKeysLater(places: KeyPlaces): Promise<Result<ReadKeys, KeyFileError>> {
  const read = async (path: string): Promise<Text> => {
    try {
      const file = await open(path, NO_WAIT);
      try {
        return { path, mode: (await file.stat()).mode, text: await file.readFile('latin1') };
      } finally {
        await file.close();
      }
    } catch (cause) {
      return { path, cause };
    }
  };
  const own = await read(places.keyFile);
  const old = places.oldKeyFile === undefined ? undefined : await read(places.oldKeyFile);
  return judge(places, own, old, await read(keptPath(places)));
}

/**
 * What the key files of a board that is to have the same keys must hold: after a rotation by order those in /etc are not
 * what is used. Texts by which of the two files, the second only where there is one; undefined: what they hold. Errors: `KeyFileError`.
 */
export function keyTextsInUse(
  places: KeyPlaces,
): Result<{ readonly keyFile: string; readonly oldKeyFile?: string } | undefined, KeyFileError> {
  const read = readKeys(places);
  if (!read.ok) return read;
  const { keys, kept, over } = read.value;
  if (kept?.over !== over) return ok(undefined);
  const [own = '', other] = keys.map((key) => key.toString('hex'));
  const lines = (...keys: (string | undefined)[]): string => keys.map((key) => (key ? `${key}\n` : '')).join('');
  if (places.oldKeyFile === undefined) return ok({ keyFile: lines(own, other) });
  return ok({ keyFile: lines(own), oldKeyFile: lines(other ?? own) });
}

/** Whole and on disk before it is answered. Errors: errno's names. */
export function writeKeptKeys(places: KeyPlaces, kept: KeptKeys): Promise<Result<void>> {
  return writeChecked(keptPath(places), JSON.stringify(kept), { fsync: true, mode: 0o600 });
}

function keptPath({ directory }: KeyPlaces): string {
  // Nothing is ever found there: a daemon that was told of no directory has none.
  return join(directory ?? '/dev/null', KEPT_KEYS);
}

type Text = { readonly path: string } & (
  | { readonly mode: number; readonly text: string }
  | { readonly cause: unknown }
);

function judge(places: KeyPlaces, own: Text, old: Text | undefined, copy: Text): Result<ReadKeys, KeyFileError> {
  const here = keysIn(own);
  if (!here.ok) return here;
  const before = old === undefined ? ok([]) : keysIn(old);
  if (!before.ok) return before;
  const keys = [...here.value, ...before.value];
  const over = createHash('sha256')
    .update(keys.map((key) => key.toString('hex')).join())
    .digest('hex');
  if (keys.length > 2) {
    const { keyFile, oldKeyFile } = places;
    return fail(
      'KEY_MALFORMED',
      `${keyFile} and ${oldKeyFile}: at most two keys are valid at once, found three or more`,
    );
  }
  const kept = keptIn(copy);
  const found = kept?.over === over ? kept : undefined;
  return ok({ keys: found ? found.keys.map((key) => Buffer.from(key, 'hex')) : keys, over, kept });
}

/** A copy that is damaged, or that others may read, is none: the key file's keys are tried, and others may refuse them. */
function keptIn(copy: Text): KeptKeys | undefined {
  if (!('text' in copy) || (copy.mode & 0o077) !== 0) return undefined;
  const body = checkedBody(copy.text, copy.path);
  if (!body.ok) return undefined;
  const kept = JSON.parse(body.value) as KeptKeys;
  const well = Array.isArray(kept.keys) && kept.keys.length > 0 && KEY_FILE_PATTERN.test(kept.keys.join('\n'));
  return well ? kept : undefined;
}

function keysIn(file: Text): Result<Buffer[], KeyFileError> {
  const { path } = file;
  if (!('text' in file)) {
    const why = file.cause instanceof Error ? file.cause.message : String(file.cause);
    return fail(
      'KEY_MISSING',
      `${path}: cannot read the key (${why}); copy it from another board, mode 0600`,
      file.cause,
    );
  }
  if ((file.mode & 0o077) !== 0) {
    const shown = (file.mode & 0o777).toString(8).padStart(4, '0');
    return fail('KEY_EXPOSED', `${path}: mode ${shown} lets others at the key; run: chmod 0600 ${path}`);
  }
  if (!KEY_FILE_PATTERN.test(file.text)) {
    const cure = `make one: (umask 077; openssl rand -hex 32 > ${path})`;
    const found = `found ${file.text.trim().length} characters`;
    const allowed = 'a key is 64 hexadecimal digits, and a second may follow on a line of its own';
    return fail('KEY_MALFORMED', `${path}: ${allowed}; ${found}; ${cure}`);
  }
  const lines = file.text.trim().split(/\s+/);
  return ok(lines.map((line) => Buffer.from(line, 'hex')));
}
