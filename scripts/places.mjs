import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Downloads and unpacked Debian packages; never committed, safe to delete. */
export const cache = join(root, '.cache');

/** The folders of all packages below `at`, sorted by name. */
export function packages(at = root) {
  const folder = join(at, 'packages');
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'package.json')));
}
