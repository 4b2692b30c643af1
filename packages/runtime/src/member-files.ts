import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Cluster } from '@softset/protocol';
import { type EnrolledFile, inFolder } from '@softset/protocol/enrolment.js';
import { clusterText } from './cluster-text.js';
import { readKeys } from './key-files.js';

export interface MemberFiles {
  /** The cluster file first, named as it is here; keys by the names that it has for them. */
  readonly files: readonly EnrolledFile[];
  /** Names of those whose content is not that of the file in the folder: a roll-out or a rotation came since. */
  readonly renewed: readonly string[];
}

/**
 * What a board needs to be a member now: the configuration that runs here and the keys that are used here. A roll-out and a
 * rotation by order leave both in the state directory, and the files beside the cluster file as they were.
 * Errors: errno's names and those of key files; `KEY_ELSEWHERE` for a key outside of the folder of the cluster file: where
 * would another board put it? `KEY_OLD_FILE` where the cluster file names an old key that was removed since.
 */
export function memberFiles(
  clusterFile: string,
  { keyFile, oldKeyFile }: Pick<Cluster, 'keyFile' | 'oldKeyFile'>,
  directory: string,
): Result<MemberFiles> {
  const names = [keyFile, ...(oldKeyFile === undefined ? [] : [oldKeyFile])];
  const outside = names.find((name) => !inFolder(name));
  if (outside !== undefined) return fail('KEY_ELSEWHERE', `${outside} is not below the folder of the cluster file`);
  const source = clusterText(clusterFile, directory);
  if (!source.ok) return source;
  const beside = (name: string): string => resolve(dirname(clusterFile), name);
  const read = readKeys({
    keyFile: beside(keyFile),
    ...(oldKeyFile === undefined ? {} : { oldKeyFile: beside(oldKeyFile) }),
    directory,
  });
  if (!read.ok) return read;
  const { text, kept } = source.value;
  const rotated = read.value.kept !== undefined && read.value.kept.over === read.value.over;
  const keys = read.value.keys.map((key) => key.toString('hex'));
  if (rotated && oldKeyFile !== undefined && keys.length < 2)
    return fail('KEY_OLD_FILE', `${oldKeyFile} was removed by a rotation: take oldKeyFile out of the cluster file`);
  // Two files have a key each; one has all.
  const inUse = oldKeyFile === undefined ? [keys.join('\n')] : keys;
  const secret = (name: string, i: number): EnrolledFile => ({
    name,
    secret: true,
    text: rotated ? `${inUse[i]}\n` : readFileSync(beside(name), 'utf8'),
  });
  return ok({
    files: [{ name: basename(clusterFile), secret: false, text }, ...names.map(secret)],
    renewed: [...(kept?.running === undefined ? [] : [basename(clusterFile)]), ...(rotated ? names : [])],
  });
}
