import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { EnrolledFile } from '@softset/protocol/enrolment.js';
import { writeFileAtomicSync } from '@softset/runtime/atomic-file.js';

export interface Place {
  /** Where the cluster file goes; the others lie beside it. */
  readonly cluster: string;
  /** /etc/default/softset. */
  readonly defaults: string;
  /** The daemons' user; undefined: whoever does this. */
  readonly account?: { readonly uid: number; readonly gid: number };
}

/** What is there is not written over: asked before a token is spent. Error: `FILE_EXISTS`. */
export function nothingThere({ cluster }: Place): Result<void> {
  if (!existsSync(cluster)) return ok(undefined);
  return fail('FILE_EXISTS', `${cluster} is there: this board belongs to a cluster already; move it away first`);
}

/** Keys first, the cluster file last: units wait for it. Errors: errno's names, `NO_CLUSTER_FILE`. */
export function installFiles(place: Place, board: string, files: readonly EnrolledFile[]): Result<void> {
  const folder = dirname(place.cluster);
  const clusterFile = files.find(({ secret }) => !secret);
  if (clusterFile === undefined) return fail('NO_CLUSTER_FILE', 'the control node sent no cluster file');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    for (const { name, text } of files.filter(({ secret }) => secret)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
      const written = writeFileAtomicSync(path, text, { mode: 0o600, fsync: true });
      if (!written.ok) return written;
      if (place.account) chownSync(path, place.account.uid, place.account.gid);
    }
    nameBoard(place.defaults, board);
    const written = writeFileAtomicSync(place.cluster, clusterFile.text, { mode: 0o640, fsync: true });
    if (!written.ok) return written;
    if (place.account) chownSync(place.cluster, 0, place.account.gid);
    return ok(undefined);
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return fail(code, message);
  }
}

/** `BOARD=…`, in place of the one that was there. */
function nameBoard(path: string, board: string): void {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const kept = before.split('\n').filter((line) => !/^\s*BOARD=/.test(line) && line !== '');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${[...kept, `BOARD=${board}`].join('\n')}\n`);
}
