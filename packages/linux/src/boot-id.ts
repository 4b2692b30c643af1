import { readFileSync } from 'node:fs';
import { fail, ok, type Result } from '@softset/base';

/**
 * What the kernel drew at this boot (random(4), /proc/sys/kernel/random/boot_id), as lower-case text of 36 characters.
 * Another `file` stands in for it where several boards share one kernel. Errors: `ENOENT`, `EACCES`, `BOOT_ID_INVALID`.
 */
export function bootId(file = '/proc/sys/kernel/random/boot_id'): Result<string, string> {
  try {
    const text = readFileSync(file, 'latin1').trim().toLowerCase();
    const good = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
    return good
      ? ok(text)
      : fail(
          'BOOT_ID_INVALID',
          `${file} does not hold a boot id (8-4-4-4-12 hexadecimal digits): "${text.slice(0, 60)}"`,
        );
  } catch (cause) {
    return fail((cause as NodeJS.ErrnoException).code ?? 'EIO', `read ${file}: ${(cause as Error).message}`, cause);
  }
}
