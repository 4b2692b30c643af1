import { join } from 'node:path';
import { fail, type Ipv4, isIpv6, type Mac, ok, type Result } from '@softset/base';
import { openRtnetlink } from '@softset/linux/rtnetlink.js';
import { NETWORKS, type NetrackState } from '@softset/protocol';
import { ownersMayChange } from '@softset/runtime/control-methods.js';
import { serveControl } from '@softset/runtime/control-server.js';
import { type DaemonContext, type RunningDaemon, runDaemon } from '@softset/runtime/daemon.js';
import { openJournal } from '@softset/runtime/journal.js';
import { loadCluster } from '@softset/runtime/load-cluster.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { LeaseFile } from './adapters/lease-file.js';
import { netrackPort } from './adapters/netrack-port.js';
import { Wire } from './adapters/wire.js';
import { leaseTopic, methods } from './control.js';
import { keptOf } from './core/state.js';
import { Enrolment } from './enrol/enrolment.js';
import { parcel } from './enrol/parcel.js';
import { Server } from './server.js';
import { configFor, openSetting } from './setting.js';
import { VERSION } from './version.js';

const nothingKept = { leases: [], conflicts: [], shared: [] };

/** The kernel's neighbour table; empty where it cannot be read. */
function neighbours(): ReadonlyMap<Mac, Ipv4> {
  const kernel = openRtnetlink();
  const listed = kernel.ok ? kernel.value.neighbours() : kernel;
  if (kernel.ok) kernel.value.close();
  const ipv4 = listed.ok ? listed.value.filter(({ ip, mac }) => !isIpv6(ip) && mac !== undefined) : [];
  return new Map(ipv4.map(({ ip, mac }) => [mac ?? '', ip]));
}

/** Whom the kernel's neighbour table has for an address; '' where it has none. */
function macOf(address: string): Mac {
  const kernel = openRtnetlink();
  const listed = kernel.ok ? kernel.value.neighbours() : kernel;
  if (kernel.ok) kernel.value.close();
  return (listed.ok && listed.value.find(({ ip, mac }) => ip === address && mac !== undefined)?.mac) || '';
}

async function start(context: DaemonContext): Promise<Result<RunningDaemon>> {
  const { options, log, metrics, ring, crash, passive, kernel } = context;
  const loaded = await loadCluster(options.cluster, options.board, options.runDir, options.stateDir);
  if (!loaded.ok) return loaded;
  const { devices } = loaded.value.board;
  const first = openSetting(loaded.value, options.cluster);
  if (!first.ok) return first;
  let setting = first.value;
  let newest = loaded.value;
  const folder = options.stateDir ?? options.runDir;
  const leasePath = join(folder, 'geodhcpd.leases');
  const kept = LeaseFile.read(leasePath);
  // Nothing that was kept decides who gets which address: a server without it asks the switches and the wire.
  if (!kept.ok && kept.code !== 'ENOENT') log.warn('leases-not-read', { code: kept.code, message: kept.message });
  let version: NetrackState['register'] | undefined;
  const opened = await openJournal({
    path: join(folder, 'geodhcpd.journal'),
    version: () => version,
    onTrouble: ({ code, message, dropped }) => log.warn('journal-trouble', { code, message, dropped }),
  });
  if (!opened.ok) return opened;
  const journal = opened.value;
  const leases = new LeaseFile(leasePath, {
    onTrouble: (code, message) => log.warn('lease-file', { code, message }),
  });
  const wire = new Wire(devices, {
    onReceived: (received) => server.onReceived(received),
    onTrouble: (network, code, message) => log.warn('network-not-open', { network, code, message }),
    onOpen: (network, mac) => log.info('network-open', { network, device: devices[network], mac }),
  });
  const topic = leaseTopic(() => server);
  const server: Server = new Server({
    config: setting.config,
    kept: kept.ok ? kept.value : nothingKept,
    wire,
    locator: setting.locator,
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
  const netrack = netrackPort(options.runDir, (state) => {
    version = state?.register ?? version;
    server.onNetrack(state);
    enrolment.onNetrack(state);
  });
  const enrolment = new Enrolment({
    version: VERSION,
    tokenFile: join(folder, 'geodhcpd.tokens'),
    setting: () => ({
      // After two crashes it decides nothing.
      port: passive ? undefined : setting.config.geo.enrolPort,
      addresses: NETWORKS.map((network) => setting.config.board.addresses[network]),
      boards: setting.boards,
      places: setting.config.places,
      locate: (mac) => setting.locator.locate(mac),
    }),
    parcel: () => parcel(options.cluster, newest.cluster, options.stateDir ?? options.runDir),
    macOf,
    alarm: (effect) => {
      const { object, cause, severity, text } = effect;
      netrack.alarm({ object, cause, severity, text, raisedAtMs: Date.now(), raisedBy: newest.board.id });
    },
    journal,
    log,
    crash,
  });
  await wire.begin();
  server.begin();
  const control = await serveControl({
    path: join(options.runDir, 'geodhcpd.sock'),
    methods: methods({ setting: () => setting, server: () => server, enrolment, metrics, nowMs, neighbours }),
    topics: { leases: topic },
    authorize: ownersMayChange(),
    journal: (record) => journal.append({ who: record.caller, what: `control-${record.phase}`, fields: { ...record } }),
    onError: (error, method) => log.error('method-failed', { method, message: String(error) }),
    kernel,
  });
  const stop = async (): Promise<void> => {
    if (control.ok) await control.value.close();
    enrolment.close();
    server.close();
    await wire.close();
    setting.close();
    netrack.close();
    await leases.close();
    await journal.close();
  };
  const reload = async (): Promise<Result<void>> => {
    const again = await loadCluster(options.cluster, options.board, options.runDir, options.stateDir);
    if (!again.ok) return again;
    // Sockets are bound to devices by name, and the reading thread has them.
    if (JSON.stringify(again.value.board.devices) !== JSON.stringify(devices))
      return fail('RESTART_NEEDED', `the devices of ${options.board} are others now: restart geodhcpd`);
    const next = openSetting(again.value, options.cluster);
    if (!next.ok) return next;
    const before = setting;
    setting = next.value;
    newest = again.value;
    server.configure(setting.config, setting.locator);
    enrolment.configure();
    before.close();
    return ok(undefined);
  };
  if (control.ok) return ok({ stop, reload });
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
