import { ok, type Result } from '@softset/base';
import type { Sealer } from '@softset/protocol';
import type { DaemonOptions } from '@softset/runtime/daemon-options.js';
import { type LoadedCluster, loadCluster } from '@softset/runtime/load-cluster.js';
import { openSealer } from './adapters/sealer.js';

/** The cluster file and its keys, as the pulse and netrackd need them both. Errors: those of the two. */
export async function sealedCluster(
  { cluster, board }: DaemonOptions,
  runDir?: string,
): Promise<Result<{ readonly loaded: LoadedCluster; readonly sealer: Sealer }>> {
  const loaded = await loadCluster(cluster, board, runDir);
  if (!loaded.ok) return loaded;
  const sealer = openSealer(loaded.value.keyFile, loaded.value.oldKeyFile);
  return sealer.ok ? ok({ loaded: loaded.value, sealer: sealer.value }) : sealer;
}
