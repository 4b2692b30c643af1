import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Board, Cluster } from '@softset/protocol';
import { readCheckedSync, withChecksum, writeFileAtomicSync } from './atomic-file.js';
import { errnoFailure } from './errno.js';

export interface LoadedCluster {
  readonly cluster: Cluster;
  /** This daemon's own board. */
  readonly board: Board;
  /** First 32 bits of the file's SHA-256: beats carry it, so that a differing copy is seen. */
  readonly hash: number;
  /** Absolute paths of the key and of the old key, if any. */
  readonly keyFile: string;
  readonly oldKeyFile?: string;
}

/**
 * Reads and checks the cluster file. What was checked is kept beside the daemon's sockets under the file's hash, so
 * that a daemon that comes back does not load the YAML and schema libraries again: that halves its start.
 * Errors: errno's names (unreadable file), `CLUSTER_FILE_INVALID` (file, line and field), `UNKNOWN_BOARD`.
 */
export async function loadCluster(file: string, boardName: string, runDir?: string): Promise<Result<LoadedCluster>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return errnoFailure(error, `read the cluster file ${file}`);
  }
  const digest = createHash('sha256').update(text).digest();
  const key = `${digest.toString('hex')}.${cacheFormat}`;
  const cluster = cached(key, runDir) ?? (await parse(text, file, key, runDir));
  if ('ok' in cluster) return cluster;
  const board = cluster.boards.find((one) => one.name === boardName);
  if (!board) {
    const known = cluster.boards.map((one) => one.name).join(', ');
    return fail('UNKNOWN_BOARD', `${file} has no board "${boardName}"; it has ${known}`);
  }
  const beside = (name: string): string => resolve(dirname(file), name);
  return ok({
    cluster,
    board,
    hash: digest.readUInt32BE(0),
    keyFile: beside(cluster.keyFile),
    ...(cluster.oldKeyFile === undefined ? {} : { oldKeyFile: beside(cluster.oldKeyFile) }),
  });
}

/** To be raised whenever the schema gains a field: what an older version checked lacks its default. */
const cacheFormat = 6;

function cachePath(runDir: string): string {
  return join(runDir, 'cluster.json');
}

function cached(digest: string, runDir: string | undefined): Cluster | undefined {
  if (runDir === undefined) return undefined;
  const body = readCheckedSync(cachePath(runDir));
  if (!body.ok) return undefined;
  const kept = JSON.parse(body.value) as { digest: string; cluster: Cluster };
  return kept.digest === digest ? kept.cluster : undefined;
}

async function parse(text: string, file: string, digest: string, runDir: string | undefined) {
  const { parseClusterFile } = await import('@softset/protocol/cluster-file.js');
  const parsed = parseClusterFile(text, file);
  if (!parsed.ok) return parsed;
  // A cache that cannot be written costs time at the next start, and nothing else.
  if (runDir !== undefined)
    writeFileAtomicSync(cachePath(runDir), withChecksum(JSON.stringify({ digest, cluster: parsed.value })));
  return parsed.value;
}
