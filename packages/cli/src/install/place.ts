import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Where the Debian package puts things, and the units look for them. */
export const installed = {
  cluster: '/etc/softset/cluster.yaml',
  runDir: '/run/softset',
  stateDir: '/var/lib/softset',
  defaults: '/etc/default/softset',
  user: 'softset',
} as const;

/** This board's name: given, else $SOFTSET_BOARD, else BOARD in /etc/default/softset, else the host's, as the units say. */
export function ownBoard(given?: string, defaults: string = installed.defaults): string {
  return given ?? process.env.SOFTSET_BOARD ?? boardIn(textOf(defaults)) ?? hostname().split('.', 1)[0] ?? '';
}

/** `BOARD=cpu-1`, the last one counting, with or without quotes (systemd.exec(5), EnvironmentFile). */
export function boardIn(text: string): string | undefined {
  const found = [...text.matchAll(/^\s*BOARD=(["']?)(.*?)\1\s*$/gm)].at(-1)?.[2];
  return found === undefined || found === '' ? undefined : found;
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The daemons' user by passwd(5); undefined where there is none. */
export function accountOf(name: string = installed.user, passwd = textOf('/etc/passwd')): Account | undefined {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([user]) => user === name);
  const [, , uid, gid] = fields ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
