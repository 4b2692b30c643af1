import { ok, type Result } from '@softset/base';
import type { RunningDaemon } from '@softset/runtime/daemon.js';
import type { DaemonOptions } from '@softset/runtime/daemon-options.js';
import { type LoadedCluster, loadCluster } from '@softset/runtime/load-cluster.js';
import { openSealer, type RotatingSealer } from './adapters/sealer.js';

/** The cluster file and its keys, as the pulse and netrackd need them both. Errors: those of the two. */
export async function sealedCluster(
  { cluster, board }: DaemonOptions,
  runDir?: string,
): Promise<Result<{ readonly loaded: LoadedCluster; readonly sealer: RotatingSealer }>> {
  const loaded = await loadCluster(cluster, board, runDir);
  if (!loaded.ok) return loaded;
  const sealer = openSealer(loaded.value.keyFile, loaded.value.oldKeyFile);
  return sealer.ok ? ok({ loaded: loaded.value, sealer: sealer.value }) : sealer;
}

/** A daemon that takes its key files anew on SIGHUP. All else that the cluster file says stays as it was started with. */
export function rotating(started: Result<RunningDaemon>, sealer: RotatingSealer): Result<RunningDaemon> {
  if (!started.ok) return started;
  return ok({ stop: () => started.value.stop(), reload: async () => sealer.reload() });
}
