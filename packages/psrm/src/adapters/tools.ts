import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';

/** Where Debian and most others keep what every system has. Not PATH: psrmd may run as root. */
const folders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const found = new Map<string, string>();

/** Absolute path of a tool of util-linux or coreutils. Error: `TOOL_MISSING`. */
export function tool(name: string): Result<string, 'TOOL_MISSING'> {
  const known = found.get(name) ?? folders.map((folder) => join(folder, name)).find(isExecutable);
  if (known === undefined) return fail('TOOL_MISSING', `${name} is in none of ${folders.join(', ')}`);
  found.set(name, known);
  return ok(known);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
