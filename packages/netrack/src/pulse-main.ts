import { ok } from '@softset/base';
import { runDaemon } from '@softset/runtime/daemon.js';
import { askRealTime } from '@softset/runtime/real-time.js';
import { startPulse } from './pulse-shell.js';
import { rotating, sealedCluster } from './sealed-cluster.js';
import { VERSION } from './version.js';

/** `netrack-pulse`: arguments, wiring, nothing else. */
void runDaemon({
  name: 'netrack-pulse',
  version: VERSION,
  start: async (context) => {
    const sealed = await sealedCluster(context.options, context.options.runDir);
    if (!sealed.ok) return sealed;
    await askRealTime('netrack-pulse', sealed.value.loaded, context.log);
    const { loaded, sealer } = sealed.value;
    const started = startPulse(context, loaded, sealer);
    return rotating(started, sealed.value, context, () => {
      if (started.ok) started.value.keyed(sealer.keyId, sealer.ids());
    });
  },
  checkConfig: async (options) => {
    const sealed = await sealedCluster(options);
    return sealed.ok ? ok(undefined) : sealed;
  },
});
