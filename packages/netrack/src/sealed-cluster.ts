import { ok, type Result } from '@softset/base';
import type { DaemonContext, RunningDaemon } from '@softset/runtime/daemon.js';
import type { DaemonOptions } from '@softset/runtime/daemon-options.js';
import { clusterChanged, type LoadedCluster, loadCluster } from '@softset/runtime/load-cluster.js';
import { openSealer, type RotatingSealer } from './adapters/sealer.js';

/** The cluster file and its keys, as the pulse and netrackd need them both. Errors: those of the two. */
export async function sealedCluster(
  { cluster, board, stateDir }: DaemonOptions,
  runDir?: string,
): Promise<Result<{ readonly loaded: LoadedCluster; readonly sealer: RotatingSealer }>> {
  const loaded = await loadCluster(cluster, board, runDir, runDir && stateDir);
  if (!loaded.ok) return loaded;
  const { keyFile, oldKeyFile } = loaded.value;
  const sealer = openSealer({ keyFile, oldKeyFile, directory: runDir && (stateDir ?? runDir) });
  return sealer.ok ? ok({ loaded: loaded.value, sealer: sealer.value }) : sealer;
}

/**
 * A daemon that takes its key files anew on SIGHUP; and that makes room for one that begins with another configuration,
 * where one was rolled out. A cluster file that was edited by hand stays as it was started with.
 */
export function rotating(
  started: Result<RunningDaemon>,
  { loaded, sealer }: { readonly loaded: LoadedCluster; readonly sealer: RotatingSealer },
  { options, stop }: DaemonContext,
  told: () => void = () => undefined,
): Result<RunningDaemon> {
  if (!started.ok) return started;
  const reload = async (): Promise<Result<void>> => {
    const keys = await sealer.reload();
    told();
    if (await clusterChanged(options, loaded)) stop();
    return keys;
  };
  return ok({ stop: () => started.value.stop(), reload });
}
