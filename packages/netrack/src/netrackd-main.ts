import { ok } from '@softset/base';
import { runDaemon } from '@softset/runtime/daemon.js';
import { loadCluster } from '@softset/runtime/load-cluster.js';
import { askRealTime } from '@softset/runtime/real-time.js';
import { openSealer } from './adapters/sealer.js';
import { startNetrackd } from './netrackd-shell.js';

/** `netrackd`: arguments, wiring, nothing else. */
await runDaemon({
  name: 'netrackd',
  version: '0.1.0',
  start: async (context) => {
    const { cluster, board, runDir } = context.options;
    const loaded = await loadCluster(cluster, board, runDir);
    if (!loaded.ok) return loaded;
    const sealer = openSealer(loaded.value.keyFile, loaded.value.oldKeyFile);
    if (!sealer.ok) return sealer;
    await askRealTime('netrackd', context.log, { files: true });
    return startNetrackd(context, loaded.value, sealer.value);
  },
  checkConfig: async ({ cluster, board }) => {
    const loaded = await loadCluster(cluster, board);
    if (!loaded.ok) return loaded;
    const sealer = openSealer(loaded.value.keyFile, loaded.value.oldKeyFile);
    return sealer.ok ? ok(undefined) : sealer;
  },
});
