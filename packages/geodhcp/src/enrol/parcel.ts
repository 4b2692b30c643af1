import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Cluster } from '@softset/protocol';
import { type EnrolledFile, inFolder } from '@softset/protocol/enrolment.js';
import { clusterText } from '@softset/runtime/cluster-text.js';
import { keyTextsInUse } from '@softset/runtime/key-files.js';

/**
 * What a board needs to be a member: the cluster file and the keys, as they are in use. What was rolled out or rotated lies
 * in the state directory (`directory`) and not beside the file that the operator wrote. Errors: errno's names, `KeyFileError`,
 * `KEY_ELSEWHERE` for a key outside of the folder of the cluster file: where would the new board put it?
 */
export function parcel(
  clusterFile: string,
  { keyFile, oldKeyFile }: Pick<Cluster, 'keyFile' | 'oldKeyFile'>,
  directory: string,
): Result<readonly EnrolledFile[]> {
  const folder = dirname(clusterFile);
  const outside = [keyFile, oldKeyFile].find((name) => name !== undefined && !inFolder(name));
  if (outside !== undefined) return fail('KEY_ELSEWHERE', `${outside} is not below the folder of the cluster file`);
  // While one is on trial all boards may go back: a newcomer takes what is kept from the others, whatever it began with.
  const source = clusterText(clusterFile, directory);
  if (!source.ok) return source;
  const keys = keyTextsInUse({
    keyFile: join(folder, keyFile),
    ...(oldKeyFile === undefined ? {} : { oldKeyFile: join(folder, oldKeyFile) }),
    directory,
  });
  if (!keys.ok) return keys;
  const secret = (name: string, inUse: string | undefined): EnrolledFile => {
    return { name, secret: true, text: inUse ?? readFileSync(join(folder, name), 'utf8') };
  };
  try {
    return ok([
      { name: basename(clusterFile), secret: false, text: source.value.text },
      secret(keyFile, keys.value?.keyFile),
      ...(oldKeyFile === undefined ? [] : [secret(oldKeyFile, keys.value?.oldKeyFile)]),
    ]);
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return fail(code, message);
  }
}
