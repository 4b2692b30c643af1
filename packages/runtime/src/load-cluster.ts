import { dirname, join, resolve } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Board, Cluster } from '@softset/protocol';
import { shortHash } from '@softset/protocol/kept-configuration.js';
import { readCheckedSync, withChecksum, writeFileAtomicSync } from './atomic-file.js';
import { type ClusterText, clusterText, clusterTextLater } from './cluster-text.js';
import type { DaemonOptions } from './daemon-options.js';

export interface LoadedCluster {
  readonly cluster: Cluster;
  /** This daemon's own board. */
  readonly board: Board;
  /** First 32 bits of the file's SHA-256: beats carry it, so that a differing copy is seen. */
  readonly hash: number;
  /** Absolute paths of the key and of the old key, if any. */
  readonly keyFile: string;
  readonly oldKeyFile?: string;
  /** The text that it was read from, and where that came from. */
  readonly source: ClusterText;
}

/**
 * Reads and checks the cluster file, or the copy that was rolled out in its place (cluster-text.ts). What was checked is
 * kept beside the daemon's sockets under its hash, so that a daemon that comes back does not load the YAML and schema
 * libraries again: that halves its start.
 * Errors: errno's names (unreadable file), `CLUSTER_FILE_INVALID` (file, line and field), `UNKNOWN_BOARD`.
 */
export async function loadCluster(
  file: string,
  boardName: string,
  runDir?: string,
  stateDir?: string,
): Promise<Result<LoadedCluster>> {
  const source = clusterText(file, stateDir ?? runDir);
  if (!source.ok) return source;
  const { text, hash } = source.value;
  const key = `${hash}.${cacheFormat}`;
  const cluster = cached(key, runDir) ?? (await parse(text, nameOf(file, source.value), key, runDir));
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
    hash: shortHash(hash),
    keyFile: beside(cluster.keyFile),
    ...(cluster.oldKeyFile === undefined ? {} : { oldKeyFile: beside(cluster.oldKeyFile) }),
    source: source.value,
  });
}

/** For messages: which copy it is that is wrong. */
function nameOf(file: string, { kept }: ClusterText): string {
  return kept?.running === undefined ? file : `${file} (as it was rolled out)`;
}

/** Whether another configuration is to run than the one that this daemon was started with. */
export async function clusterChanged(
  { cluster, runDir, stateDir }: DaemonOptions,
  { source }: LoadedCluster,
): Promise<boolean> {
  const now = await clusterTextLater(cluster, stateDir ?? runDir);
  // Only a roll-out makes a daemon begin anew. A file that is edited by hand waits for the next start, as it always did.
  return now.ok && now.value.kept?.running !== undefined && now.value.hash !== source.hash;
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
