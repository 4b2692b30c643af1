import { dirname, join, resolve } from 'node:path';
import { fail, type Ipv4, isIpv6, type Mac, ok, type Result } from '@softset/base';
import { openRtnetlink } from '@softset/linux/rtnetlink.js';
import { NETWORKS } from '@softset/protocol';
import { ownersMayChange } from '@softset/runtime/control-methods.js';
import { serveControl } from '@softset/runtime/control-server.js';
import { type DaemonContext, type RunningDaemon, runDaemon } from '@softset/runtime/daemon.js';
import { openJournal } from '@softset/runtime/journal.js';
import { type LoadedCluster, loadCluster } from '@softset/runtime/load-cluster.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { LeaseFile } from './adapters/lease-file.js';
import { netrackPort } from './adapters/netrack-port.js';
import { openSessions } from './adapters/snmp.js';
import { SwitchAsker, SysNames } from './adapters/switch-asker.js';
import { Wire } from './adapters/wire.js';
import { leaseTopic, methods } from './control.js';
import { keptOf } from './core/state.js';
import { type Config, configOf } from './core/step.js';
import { Locator } from './locator.js';
import { Server } from './server.js';

const VERSION = '0.1.0';
const nothingKept = { leases: [], conflicts: [], shared: [] };

function configFor({ cluster, board }: LoadedCluster): Result<Config> {
  const geo = cluster.geodhcp;
  if (geo === undefined) return fail('NOT_CONFIGURED', 'the cluster file has no section geodhcp');
  if (!geo.boards.includes(board.id))
    return fail('NOT_CONFIGURED', `${board.name} is not among geodhcp.boards of the cluster file`);
  const servers = cluster.boards.filter(({ id }) => geo.boards.includes(id));
  const addresses = servers.flatMap((one) => NETWORKS.map((network) => one.addresses[network]));
  return ok(configOf({ geo, networks: cluster.networks, board }, new Set(addresses)));
}

function openAskers(config: Config, clusterFile: string): Result<ReadonlyMap<string, SwitchAsker>> {
  const sysNames = new SysNames();
  const askers = new Map<string, SwitchAsker>();
  const beside = (file: string): string => resolve(dirname(clusterFile), file);
  for (const one of config.geo.switches) {
    sysNames.learn(one.name, one.name);
    const sessions = openSessions(one, config.board.addresses[one.network], config.geo.lookupMs, beside);
    if (!sessions.ok) return sessions;
    askers.set(one.name, new SwitchAsker(sessions.value, one, sysNames, nowMs));
  }
  return ok(askers);
}

/** The kernel's neighbour table; empty where it cannot be read. */
function neighbours(): ReadonlyMap<Mac, Ipv4> {
  const kernel = openRtnetlink();
  const listed = kernel.ok ? kernel.value.neighbours() : kernel;
  if (kernel.ok) kernel.value.close();
  const ipv4 = listed.ok ? listed.value.filter(({ ip, mac }) => !isIpv6(ip) && mac !== undefined) : [];
  return new Map(ipv4.map(({ ip, mac }) => [mac ?? '', ip]));
}

async function start(context: DaemonContext): Promise<Result<RunningDaemon>> {
  const { options, log, metrics, ring, crash, passive, kernel } = context;
  const loaded = await loadCluster(options.cluster, options.board, options.runDir);
  if (!loaded.ok) return loaded;
  const configured = configFor(loaded.value);
  if (!configured.ok) return configured;
  const config = configured.value;
  const { board } = loaded.value;
  const askers = openAskers(config, options.cluster);
  if (!askers.ok) return askers;
  const folder = options.stateDir ?? options.runDir;
  const leasePath = join(folder, 'geodhcpd.leases');
  const kept = LeaseFile.read(leasePath);
  // Nothing that was kept decides who gets which address: a server without it asks the switches and the wire.
  if (!kept.ok && kept.code !== 'ENOENT') log.warn('leases-not-read', { code: kept.code, message: kept.message });
  const opened = await openJournal({
    path: join(folder, 'geodhcpd.journal'),
    onTrouble: ({ code, message, dropped }) => log.warn('journal-trouble', { code, message, dropped }),
  });
  if (!opened.ok) return opened;
  const journal = opened.value;
  const leases = new LeaseFile(leasePath, {
    onTrouble: (code, message) => log.warn('lease-file', { code, message }),
  });
  const locator = new Locator(config.geo, askers.value, nowMs);
  const wire = new Wire(board.devices, {
    onReceived: (received) => server.onReceived(received),
    onTrouble: (network, code, message) => log.warn('network-not-open', { network, code, message }),
    onOpen: (network, mac) => log.info('network-open', { network, device: board.devices[network], mac }),
  });
  const topic = leaseTopic(() => server);
  const server: Server = new Server({
    config,
    kept: kept.ok ? kept.value : nothingKept,
    board,
    wire,
    locator,
    leases,
    journal,
    log,
    metrics,
    ring,
    crash,
    passive,
    alarm: (alarm) => netrack.alarm(alarm),
    // Not before the step is over: the topic tells the state as it then is.
    onChange: () => setImmediate(() => topic.publish({ leases: keptOf(server.state).leases })),
  });
  const netrack = netrackPort(options.runDir, (state) => server.onNetrack(state));
  for (const asker of askers.value.values()) asker.warmUp();
  await wire.begin();
  server.begin();
  const control = await serveControl({
    path: join(options.runDir, 'geodhcpd.sock'),
    methods: methods({
      config,
      server: () => server,
      locator,
      metrics,
      nowMs,
      askers: askers.value,
      boards: loaded.value.cluster.boards,
      neighbours,
    }),
    topics: { leases: topic },
    authorize: ownersMayChange(),
    journal: (record) => journal.append({ who: record.caller, what: `control-${record.phase}`, fields: { ...record } }),
    onError: (error, method) => log.error('method-failed', { method, message: String(error) }),
    kernel,
  });
  const stop = async (): Promise<void> => {
    if (control.ok) await control.value.close();
    server.close();
    await wire.close();
    locator.close();
    for (const asker of askers.value.values()) asker.close();
    netrack.close();
    await leases.close();
    await journal.close();
  };
  if (control.ok) return ok({ stop });
  await stop();
  return control;
}

await runDaemon({
  name: 'geodhcpd',
  version: VERSION,
  start,
  checkConfig: async (options) => {
    const loaded = await loadCluster(options.cluster, options.board);
    if (!loaded.ok) return loaded;
    const configured = configFor(loaded.value);
    return configured.ok ? ok(undefined) : configured;
  },
});
