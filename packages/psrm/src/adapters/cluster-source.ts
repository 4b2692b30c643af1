import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { type Board, boardByName, type Cluster } from '@softset/protocol';
import { writeFileAtomicSync } from '@softset/runtime/atomic-file.js';
import { errnoFailure } from '@softset/runtime/errno.js';

export interface Configured {
  readonly cluster: Cluster;
  readonly board: Board;
}

/**
 * Reads and checks the cluster file. With a run directory, a checked file is kept there as JSON under its SHA-256, so
 * that the next start need not load the YAML and schema readers: they cost 100 ms, and memory that each spawn pays for.
 * Errors: `CLUSTER_FILE_INVALID` (a line for each fault), `UNKNOWN_BOARD`, errno's names.
 */
export async function readCluster(file: string, boardName: string, runDir?: string): Promise<Result<Configured>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return errnoFailure(error, `read ${file}`);
  }
  const digest = createHash('sha256').update(text).digest('hex');
  const kept = runDir === undefined ? undefined : join(runDir, 'psrmd.cluster.json');
  const cluster = (kept === undefined ? undefined : readKept(kept, digest)) ?? (await check(text, file, kept, digest));
  if ('code' in cluster) return cluster;
  const board = boardByName(cluster, boardName);
  if (board) return ok({ cluster, board });
  const known = cluster.boards.map(({ name }) => name).join(', ');
  return fail('UNKNOWN_BOARD', `${file}: boards: no board is named "${boardName}"; there are: ${known}`);
}

async function check(text: string, file: string, kept: string | undefined, digest: string) {
  const { parseClusterFile } = await import('@softset/protocol/cluster-file.js');
  const parsed = parseClusterFile(text, file);
  if (!parsed.ok) return parsed;
  // A cache that cannot be written costs the next start its time, and nothing else.
  if (kept !== undefined) writeFileAtomicSync(kept, JSON.stringify({ digest, cluster: parsed.value }));
  return parsed.value;
}

function readKept(path: string, digest: string): Cluster | undefined {
  try {
    const { digest: of, cluster } = JSON.parse(readFileSync(path, 'utf8')) as { digest: unknown; cluster: Cluster };
    return of === digest ? cluster : undefined;
  } catch {
    return undefined;
  }
}
