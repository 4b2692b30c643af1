import { readFileSync } from 'node:fs';

/** The pid in a PID file: a number on the first line. Undefined while there is none. Whose it is, is another question. */
export function readPidFile(path: string): number | undefined {
  try {
    const line = readFileSync(path, 'latin1').slice(0, 64).split('\n')[0]?.trim() ?? '';
    const pid = /^\d{1,10}$/.test(line) ? Number(line) : 0;
    return pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}
