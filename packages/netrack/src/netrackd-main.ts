import { ok } from '@softset/base';
import { runDaemon } from '@softset/runtime/daemon.js';
import { askRealTime } from '@softset/runtime/real-time.js';
import { startNetrackd } from './netrackd-shell.js';
import { rotating, sealedCluster } from './sealed-cluster.js';
import { VERSION } from './version.js';

/** `netrackd`: arguments, wiring, nothing else. */
void runDaemon({
  name: 'netrackd',
  version: VERSION,
  start: async (context) => {
    const sealed = await sealedCluster(context.options, context.options.runDir);
    if (!sealed.ok) return sealed;
    await askRealTime('netrackd', sealed.value.loaded, context.log, { files: true });
    return rotating(await startNetrackd(context, sealed.value.loaded, sealed.value.sealer), sealed.value, context);
  },
  checkConfig: async (options) => {
    const sealed = await sealedCluster(options);
    return sealed.ok ? ok(undefined) : sealed;
  },
});
