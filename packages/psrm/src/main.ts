import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { ok } from '@softset/base';
import type { Alarm, PsrmMethods, PsrmTopics } from '@softset/protocol';
import { serveControl } from '@softset/runtime/control-server.js';
import { type DaemonContext, runDaemon } from '@softset/runtime/daemon.js';
import { errnoFailure } from '@softset/runtime/errno.js';
import { loadCluster } from '@softset/runtime/load-cluster.js';
import { Topic } from '@softset/runtime/topic.js';
import { giveMemoryBack } from './adapters/give-memory-back.js';
import { checkIn, reportTo } from './adapters/neighbours.js';
import { isOutOfDescriptors } from './adapters/spare-descriptor.js';
import { alarmsOf } from './alarms.js';
import { controlMethods, performOrder, psrmMayChange } from './control.js';
import { psrmdMetrics } from './metrics.js';
import { onTicks } from './shared-tick.js';
import { Supervisor } from './supervisor.js';

const version = '0.1.0';
/** What was written is stamped so often, and a log that grew too large is turned. */
const logBoundMs = 1024;
/** Each change is the whole list, for whoever resumes: of 200 programs the usual 256 would be 10 MB of psrmd's memory. */
const changesKept = 4;
/** After the start, and after the cluster file was read again; by then what that started runs. */
const calmAfterMs = 10_000;
/** Each program's own limits bound a stop that stops them, too; this is for what nobody thought of. */
const stopProgramsMs = 600_000;
const stopProgramsFlag = '--stop-programs';
const stopPrograms = process.argv.slice(2).includes(stopProgramsFlag);

void runDaemon({
  name: 'psrmd',
  version,
  flags: [{ name: stopProgramsFlag, meaning: 'SIGTERM stops the programs as well; without it they go on running' }],
  ...(stopPrograms ? { stopMs: stopProgramsMs } : {}),
  start,
  checkConfig: async ({ cluster, board }) => {
    const read = await loadCluster(cluster, board);
    return read.ok ? ok(undefined) : read;
  },
});

type ProgramList = PsrmTopics['programs'];

async function start({ options, bootId, passive, log, metrics, ring, kernel, crash }: DaemonContext) {
  const runDir = realpathSync(options.runDir);
  const read = await loadCluster(options.cluster, options.board, runDir, options.stateDir);
  if (!read.ok) return read;
  // Without a disk the ladder's counts last as long as the boot.
  const stateDir = options.stateDir ?? runDir;
  let supervisor: Supervisor;
  try {
    const onChange = (): void => {
      topic.publish({ programs: supervisor.status() });
      netrackd?.changed();
    };
    supervisor = new Supervisor({ ...read.value, runDir, stateDir, boot: bootId, log, ring, onChange, onCrash: crash });
  } catch (error) {
    return errnoFailure(error, `use the run directory ${runDir}`);
  }
  psrmdMetrics(metrics, () => supervisor.status());
  const topic = new Topic<ProgramList | null, ProgramList>({
    snapshot: () => ({ programs: supervisor.status() }),
    history: changesKept,
  });
  const control = await serveControl<PsrmMethods, PsrmTopics>({
    path: join(runDir, 'psrmd.sock'),
    methods: controlMethods(supervisor, passive),
    topics: { programs: topic },
    authorize: psrmMayChange(),
    journal: (record) => log.info('ordered', { ...record }),
    onError: crash,
    kernel,
  });
  if (!control.ok) return control;
  // A passive psrmd neither acts nor checks in: its board should be seen to be without one.
  const netrackd = passive
    ? undefined
    : reportTo(runDir, {
        status: () => supervisor.status(),
        alarms: (): readonly Alarm[] => alarmsOf(supervisor, read.value.board),
        needsRoles: () => supervisor.needsRoles,
        onServices: (services) => supervisor.serve(services),
        onOrder: ({ program, order, who }) => {
          log.info('ordered', { program, order, who });
          return performOrder(supervisor, order, program, who);
        },
      });
  const leavePulse = passive ? undefined : checkIn(runDir);
  try {
    if (!passive) supervisor.begin();
  } catch (error) {
    // Blind, it might start a second copy of what runs: better no psrmd than that. Whoever starts it tries again.
    if (isOutOfDescriptors(error)) return errnoFailure(error, 'look for programs that run already');
    throw error;
  }
  const endBounds = onTicks(logBoundMs, () => supervisor.boundLogs());
  const calm = setTimeout(giveMemoryBack, calmAfterMs);
  return ok({
    reload: async () => {
      calm.refresh();
      const again = await loadCluster(options.cluster, options.board, runDir, options.stateDir);
      if (!again.ok) return again;
      if (passive) return ok(undefined);
      return supervisor.reload(again.value.cluster);
    },
    stop: async () => {
      endBounds();
      clearTimeout(calm);
      if (stopPrograms)
        for (const stopped of await supervisor.stopAll()) if (!stopped.ok) log.error('not-stopped', { ...stopped });
      supervisor.release();
      leavePulse?.();
      netrackd?.close();
      await control.value.close();
    },
  });
}
