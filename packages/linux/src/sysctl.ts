import { readFileSync, writeFileSync } from 'node:fs';
import { type Failure, fail, ok, type Result } from '@softset/base';

/**
 * The kernel's settings under /proc/sys, of the network namespace of this process. A key is written with dots, as
 * sysctl(8) has it; one with a slash in it is taken as a path, for devices with a dot in their name
 * (`net/ipv4/conf/eth0.7/arp_ignore`). Errors: `ENOENT` (no such setting), `EACCES`, `EROFS`, `EINVAL`,
 * `SYSCTL_INVALID` (not a key).
 */
export function readSysctl(key: string): Result<string> {
  const path = pathOf(key);
  if (!path.ok) return path;
  try {
    return ok(readFileSync(path.value, 'latin1').trim());
  } catch (cause) {
    return failed(`read ${path.value}`, cause);
  }
}

export function writeSysctl(key: string, value: string | number): Result<void> {
  const path = pathOf(key);
  if (!path.ok) return path;
  try {
    writeFileSync(path.value, String(value));
    return ok(undefined);
  } catch (cause) {
    return failed(`write ${value} to ${path.value}`, cause);
  }
}

function pathOf(key: string): Result<string> {
  const parts = key.split(key.includes('/') ? '/' : '.');
  const good = parts.length > 1 && parts.every((part) => /^[\w.@:-]+$/.test(part) && part !== '.' && part !== '..');
  if (!good) return fail('SYSCTL_INVALID', `"${key}" is not a setting like net.ipv4.conf.eth0.arp_ignore`);
  return ok(`/proc/sys/${parts.join('/')}`);
}

function failed(what: string, cause: unknown): Failure {
  const { code = 'EIO', message = '' } = cause as NodeJS.ErrnoException;
  return fail(code, `${what}: ${message}`, cause);
}
