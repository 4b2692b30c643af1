import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { type EnrolledFile, inFolder } from '@softset/protocol/enrolment.js';

/**
 * What a board needs to be a member: the cluster file as it is on disk now, and the keys that it names. Errors: errno's
 * names, `KEY_ELSEWHERE` for a key outside of the folder of the cluster file: where would the new board put it?
 */
export function parcel(clusterFile: string, keys: readonly (string | undefined)[]): Result<readonly EnrolledFile[]> {
  const files: EnrolledFile[] = [];
  const wanted = [
    { name: basename(clusterFile), secret: false },
    ...keys.filter((name) => name !== undefined).map((name) => ({ name, secret: true })),
  ];
  for (const { name, secret } of wanted) {
    if (!inFolder(name)) return fail('KEY_ELSEWHERE', `${name} is not below the folder of the cluster file`);
    try {
      files.push({ name, secret, text: readFileSync(join(dirname(clusterFile), name), 'utf8') });
    } catch (error) {
      const { code = 'EIO', message } = error as NodeJS.ErrnoException;
      return fail(code, message);
    }
  }
  return ok(files);
}
