import { join } from 'node:path';
import { ok, type Result } from '@softset/base';
import type { SnmpagMethods, SnmpagTopics } from '@softset/protocol';
import type { NoParams } from '@softset/protocol/control.js';
import { type MethodTable, metricsMethod, noParams, ownersMayChange } from '@softset/runtime/control-methods.js';
import { serveControl } from '@softset/runtime/control-server.js';
import { type DaemonContext, type RunningDaemon, runDaemon } from '@softset/runtime/daemon.js';
import { openJournal } from '@softset/runtime/journal.js';
import { clusterChanged, loadCluster } from '@softset/runtime/load-cluster.js';
import { Topic } from '@softset/runtime/topic.js';
import { readAgentSecrets, readSecrets, writeConf } from './adapters/conf-file.js';
import { TrapDaemon } from './adapters/trap-daemon.js';
import { Agent } from './agent.js';
import { agentxOf } from './agentx-of.js';
import { trapdConf } from './core/traps/trapd-conf.js';
import { SecretsDesk, trapdDir } from './secrets-desk.js';

const VERSION = '0.1.0';

type Served = SnmpagMethods & { metrics: { params: NoParams; result: string } };

async function start(context: DaemonContext): Promise<Result<RunningDaemon>> {
  const { options, log, metrics, crash, kernel } = context;
  const { runDir } = options;
  const loaded = await loadCluster(options.cluster, options.board, runDir, options.stateDir);
  if (!loaded.ok) return loaded;
  const { cluster, board } = loaded.value;
  const secrets = readAgentSecrets(options.cluster, cluster.snmp);
  if (!secrets.ok) return secrets;
  const traps = cluster.snmp?.traps;
  const persistentDir = trapdDir(options);
  const trapd =
    traps &&
    writeConf(
      runDir,
      persistentDir,
      trapdConf({ cluster, board, persistentDir, secrets: secrets.value }),
      'snmptrapd.conf',
    );
  if (trapd?.ok === false) return trapd;
  const opened = await openJournal({
    path: join(options.stateDir ?? runDir, 'snmpagd.journal'),
    onTrouble: ({ code, message, dropped }) => log.warn('journal-trouble', { code, message, dropped }),
  });
  if (!opened.ok) return opened;
  const journal = opened.value;
  const topic: Topic<SnmpagTopics['facts'], SnmpagTopics['facts']> = new Topic({
    snapshot: () => ({ facts: agent.facts() }),
  });
  const agent = new Agent({
    onFacts: (facts) => topic.publish({ facts }),
    cluster,
    board,
    agentx: agentxOf(cluster, runDir),
    secrets: secrets.value,
    context,
    journal,
  });
  const listener =
    traps &&
    trapd &&
    new TrapDaemon({ conf: trapd.value, listen: traps.listen, log, onLine: (line) => agent.onTrapLine(line) });
  const desk = new SecretsDesk({
    ...{ options, cluster, board, log, journal },
    onAgents: (again) => agent.learnSecrets(again),
    onTrapd: () => listener?.again(),
    master: () => agent.master(),
  });
  const methods: MethodTable<Served> = {
    metrics: metricsMethod(metrics),
    status: {
      decode: noParams,
      handle: () => ({
        ...agent.status(),
        ...(listener === undefined ? {} : { traps: { listening: listener.listening, ...agent.trapCounts } }),
      }),
    },
    facts: { decode: noParams, handle: () => ({ facts: agent.facts() }) },
  };
  const server = await serveControl<Served, SnmpagTopics>({
    path: join(runDir, 'snmpagd.sock'),
    methods,
    topics: { facts: topic },
    authorize: ownersMayChange(),
    journal: (record) => log.info('ordered', { ...record }),
    onError: crash,
    kernel,
  });
  const stop = async (): Promise<void> => {
    desk.close();
    listener?.close();
    agent.close();
    if (server.ok) await server.value.close();
    await journal.close();
  };
  const reload = async (): Promise<Result<void>> => {
    if (!(await clusterChanged(options, loaded.value))) return desk.read();
    context.stop();
    return ok(undefined);
  };
  if (server.ok) return ok({ stop, reload });
  await stop();
  return server;
}

await runDaemon({
  name: 'snmpagd',
  version: VERSION,
  start,
  checkConfig: async (options) => {
    const loaded = await loadCluster(options.cluster, options.board);
    if (!loaded.ok) return loaded;
    const secrets = readSecrets(options.cluster, loaded.value.cluster.snmp);
    if (!secrets.ok) return secrets;
    const behind = readAgentSecrets(options.cluster, loaded.value.cluster.snmp);
    return behind.ok ? ok(undefined) : behind;
  },
});
