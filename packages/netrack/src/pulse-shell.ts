import { fail, type Mac, ok, type Result } from '@softset/base';
import { PollSet } from '@softset/linux/fd.js';
import { openRtnetlink } from '@softset/linux/rtnetlink.js';
import { openRouteMonitor, type RouteMonitor } from '@softset/linux/rtnetlink-monitor.js';
import {
  BEAT_MAX_BYTES,
  boardById,
  decodeBeat,
  encodeBeat,
  NETWORKS,
  type Network,
  nameOfBeat,
  type Sealer,
} from '@softset/protocol';
import type { DaemonContext, RunningDaemon } from '@softset/runtime/daemon.js';
import type { LoadedCluster } from '@softset/runtime/load-cluster.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { type BeatSocket, openBeatSocket } from './adapters/beat-socket.js';
import { type KernelAsker, openKernelAsker } from './adapters/kernel-asker.js';
import { LeaseTable } from './adapters/lease-table.js';
import { type LocalSocket, openLocalSocket } from './adapters/local-socket.js';
import { PortProbe } from './adapters/port-probe.js';
import { readPulseMemory, writePulseMemory } from './adapters/pulse-memory.js';
import { bootOf } from './boot.js';
import { Intake } from './core/pulse/intake.js';
import { inherit } from './core/pulse/lease.js';
import { reportOf } from './core/pulse/report.js';
import { initialPulse, memoryOf } from './core/pulse/state.js';
import { handfulMs, nextDeadlineMs, stepPulse } from './core/pulse/step.js';
import type { PulseConfig, PulseEffect, PulseEvent, PulseState } from './core/pulse/types.js';
import { NOTHING_LEFT_OUT } from './core/rules.js';
import { pulseMetrics } from './pulse-metrics.js';
import { Rehearsals } from './pulse-rehearsal.js';

/** Part of an interval that is free after a beat when a move may be rehearsed. */
const FREE = 0.6;
/** The loop looks at Node's own event loop (signals, logs) at least this often, ms. */
const WAIT_MAX_MS = 50;

interface Parts {
  readonly context: DaemonContext;
  readonly loaded: LoadedCluster;
  readonly sealer: Sealer;
  readonly config: PulseConfig;
  /** Everything; and everything but the beats that are due. */
  readonly poll: PollSet;
  readonly urgent: PollSet;
  readonly beats: Record<Network, BeatSocket>;
  readonly askers: Record<Network, KernelAsker>;
  readonly ports: PortProbe;
  readonly macs: Record<Network, Mac>;
  readonly local: LocalSocket;
  readonly links: RouteMonitor;
  /** Only on boards that can hold an address. */
  readonly table: LeaseTable | undefined;
}

/**
 * The pulse's shell: one thread that waits in ppoll on its own descriptors, drains them all, then lets the core judge.
 * It looks in on Node's event loop between two waits; nothing else runs in this process.
 */
export class PulseShell implements RunningDaemon {
  readonly #parts: Parts;
  readonly #state: PulseState;
  readonly #intakes: Record<Network, Intake>;
  readonly #frame = new Uint8Array(BEAT_MAX_BYTES);
  readonly #rehearsals: Rehearsals | undefined;
  #running = true;
  /** When the beats' sockets were last found empty. */
  #drainedMs = nowMs();

  constructor(parts: Parts, state: PulseState) {
    this.#parts = parts;
    this.#state = state;
    this.#intakes = { A: new Intake(state, 'A'), B: new Intake(state, 'B') };
    pulseMetrics(parts.context.metrics, state, parts.loaded.cluster);
    this.#rehearsals = parts.table && new Rehearsals(parts.config, parts.table, nowMs());
    setImmediate(() => this.#turn());
  }

  /** Waits and what came of them, then Node's turn. */
  #turn(): void {
    if (!this.#running) return;
    const { context } = this.#parts;
    try {
      const turnsMs = nowMs() + WAIT_MAX_MS;
      do {
        const ready = this.#wait();
        this.#drainBeats();
        this.#drain(ready);
        this.#step({ kind: 'tick' });
        this.#rehearse();
      } while (nowMs() < turnsMs);
    } catch (error) {
      context.crash(error);
    }
    setImmediate(() => this.#turn());
  }

  /**
   * In calm weather beats that are due wait in their sockets until this board's own is due: the kernel notes when they
   * came, and nobody acts on them sooner. While a board is being judged each may decide, and all are waited for.
   */
  #wait(): readonly number[] {
    const { poll, urgent, config } = this.#parts;
    const startMs = nowMs();
    const waitMs = Math.min(WAIT_MAX_MS, Math.max(0, nextDeadlineMs(this.#state, startMs, config) - startMs));
    const gatherMs = Math.min(waitMs, handfulMs(this.#state, startMs, config));
    const early = urgent.wait(gatherMs);
    return early.length > 0 || gatherMs === waitMs ? early : poll.wait(waitMs - gatherMs);
  }

  /** While nobody is being judged, and this board's next beat is not due soon. */
  #rehearse(): void {
    const { config } = this.#parts;
    const atMs = nowMs();
    if (handfulMs(this.#state, atMs, config) < Number.POSITIVE_INFINITY) return;
    if (nextDeadlineMs(this.#state, atMs, config) - atMs > FREE * config.timing.intervalMs) this.#rehearsals?.go(atMs);
  }

  /** All that waits in the sockets for beats, whatever woke us: drain before judging. */
  #drainBeats(): void {
    const startMs = nowMs();
    for (const network of NETWORKS) {
      this.#intakes[network].begin();
      this.#parts.beats[network].drain((bytes, ageMs, readMs) => this.#hear(network, bytes, ageMs, readMs));
    }
    this.#drainedMs = startMs;
  }

  #hear(network: Network, bytes: Uint8Array, ageMs: number, readMs: number): void {
    // Nothing: another board asked whether anybody listens here.
    if (bytes.length === 0) return;
    const { loaded, sealer } = this.#parts;
    const intake = this.#intakes[network];
    const name = nameOfBeat(bytes);
    if (name && intake.superseded(name)) return;
    const beat = decodeBeat(bytes, loaded.cluster.number, sealer);
    if (!beat.ok) {
      this.#step({ kind: 'refused', code: beat.code }, readMs);
      return;
    }
    if (name) intake.take(name);
    // The wall clock may have been set meanwhile; yet it came after the sockets were last empty, and not after now.
    const arrivedMs = Math.min(readMs, Math.max(this.#drainedMs, readMs - ageMs));
    this.#step({ kind: 'beat', network, beat: beat.value, arrivedMs }, readMs);
  }

  #drain(ready: readonly number[]): void {
    const { askers, ports, links, local, table } = this.#parts;
    for (const fd of ready) {
      if (fd === links.fd) this.#drainLinks();
      else if (table && fd === table.fd) this.#drainTable(table);
      else {
        const asked = NETWORKS.find((one) => askers[one].fd === fd);
        if (asked) askers[asked].drain((board, mac) => this.#step({ kind: 'answer', network: asked, board, mac }));
        else if (!ports.drain(fd, (board) => this.#step({ kind: 'port-closed', board }))) {
          const greet = () => ({ kind: 'report', report: reportOf(this.#state, nowMs(), this.#parts.config) }) as const;
          local.ready(fd, (from, daemon, request) => this.#step({ kind: 'request', from, daemon, request }), greet);
        }
      }
    }
  }

  #drainLinks(): void {
    const { links, loaded } = this.#parts;
    for (const event of links.read()) {
      if (event.kind !== 'link') continue;
      const network = NETWORKS.find((one) => loaded.board.devices[one] === event.link.name);
      if (network) this.#step({ kind: 'carrier', network, up: !event.deleted && event.link.up && event.link.carrier });
    }
  }

  #drainTable(table: LeaseTable): void {
    const by = table.disturbedBy();
    if (by === undefined) return;
    const installed = table.install();
    if (!installed.ok) throw new Error(installed.message);
    this.#step({ kind: 'flushed', by });
  }

  #step(event: PulseEvent, atMs = nowMs()): void {
    const { config, context } = this.#parts;
    // Beats and ticks would push everything else out of the ring, and keep the collector busy.
    if (event.kind !== 'beat' && event.kind !== 'tick') context.ring.record(atMs, event.kind, event);
    for (const effect of stepPulse(this.#state, event, atMs, config)) this.#perform(effect);
  }

  #perform(effect: PulseEffect): void {
    const { beats, askers, ports, sealer, macs, local, table, context, loaded } = this.#parts;
    switch (effect.kind) {
      case 'send':
        beats[effect.network].send(
          encodeBeat({ ...effect.beat, mac: macs[effect.network] }, sealer, this.#frame),
          effect.alert,
          effect.to?.flatMap((board) => boardById(loaded.cluster, board)?.addresses[effect.network] ?? []),
        );
        break;
      case 'ask':
        askers[effect.network].ask(effect.board);
        ports.ask(effect.board, effect.network);
        break;
      case 'persist': {
        const kept = writePulseMemory(context.options.runDir, effect.memory);
        // A run directory that is full: what is not remembered must not be acted on.
        if (!kept.ok) throw new Error(kept.message);
        break;
      }
      case 'create': {
        const made = table?.create(effect.lease) ?? fail('NO_TABLE', 'this board is in no pool');
        if (made.ok) this.#step({ kind: 'made', lease: effect.lease, answer: effect.answer });
        else {
          const { code, message } = made;
          this.#step({ kind: 'unmade', lease: effect.lease, code, message, answer: effect.answer });
        }
        break;
      }
      case 'renew': {
        const renewed = table?.renew(effect.lease, effect.revive);
        if (renewed && !renewed.ok) {
          const { code, message } = renewed;
          this.#step({ kind: 'unmade', lease: effect.lease, code, message });
        }
        break;
      }
      case 'delete': {
        const gone = table?.remove(effect.lease);
        // What comes after it says that nothing stands: a release that did not take place is not told (M2). The pulse that
        // comes back finds what does.
        if (gone && !gone.ok) throw new Error(`${effect.lease.service} cannot be let go of: ${gone.message}`);
        break;
      }
      case 'rehome': {
        const moved = table?.rehome(effect.lease, effect.from);
        if (moved && !moved.ok) context.log.warn('rehome-failed', { code: moved.code, message: moved.message });
        break;
      }
      case 'answer':
        local.send(effect.to, effect.answer);
        break;
      case 'tell':
        local.tell(effect.message);
        break;
      case 'log':
        context.log.info(effect.event, effect.fields);
        break;
    }
  }

  /** It took its key files anew: whoever rotates keys waits for it. */
  keyed(own: number, all: readonly number[]): void {
    this.#parts.local.tell({ kind: 'keyed', own, all });
  }

  async stop(): Promise<void> {
    this.#running = false;
    const { beats, askers, ports, links, local, table } = this.#parts;
    // Elements are left to their own end, and to the pulse that comes back: stopping a daemon moves nothing.
    local.close();
    for (const network of NETWORKS) {
      beats[network].close();
      askers[network].close();
    }
    ports.close();
    links.close();
    table?.close();
  }
}

/** Opens everything and starts beating. Errors: errno's names, and those of the parts. */
export function startPulse(context: DaemonContext, loaded: LoadedCluster, sealer: Sealer): Result<PulseShell> {
  const { cluster, board } = loaded;
  const { runDir } = context.options;
  const boot = bootOf(context.bootId);
  const links = openRouteMonitor(['link']);
  if (!links.ok) return links;
  const carrier = carriers(loaded);
  if (!carrier.ok) return carrier;
  const poll = new PollSet();
  const urgent = new PollSet();
  const watch = (fd: number): void => {
    poll.add(fd);
    urgent.add(fd);
  };
  watch(links.value.fd);
  const beats = both((network) => openBeatSocket(cluster, board, network));
  if (!beats.ok) return beats;
  const askers = both((network) => openKernelAsker(cluster, board, network));
  if (!askers.ok) return askers;
  for (const network of NETWORKS) {
    poll.add(beats.value[network].fd);
    watch(beats.value[network].alertFd);
    watch(askers.value[network].fd);
  }
  const pooled = new Set(cluster.services.filter(({ pool }) => pool.includes(board.id)).map(({ name }) => name));
  const mayHold = pooled.size > 0;
  const table = mayHold
    ? LeaseTable.open(board.devices, cluster.services, nowMs, (name) => pooled.has(name))
    : undefined;
  if (table && !table.ok) return table;
  if (table) watch(table.value.fd);
  const local = openLocalSocket(`${runDir}/pulse.sock`, [poll, urgent], mayHold);
  if (!local.ok) return local;

  const config: PulseConfig = {
    self: board.id,
    cluster: cluster.number,
    config: loaded.hash,
    boards: cluster.boards.map(({ id }) => id),
    voters: cluster.boards.filter(({ vote }) => vote).map(({ id }) => id),
    timing: cluster.timing,
    services: cluster.services.map(({ name }) => name),
    without: NOTHING_LEFT_OUT,
  };
  const memory = readPulseMemory(runDir, boot);
  const inherited = table?.value.inherit(memory?.leases ?? []) ?? ok([]);
  if (!inherited.ok) return inherited;
  const leases = inherited.value;
  const incarnation = (memory?.incarnation ?? 0) + 1;
  const state = initialPulse(config, { boot, incarnation, carrier: carrier.value }, memory, nowMs());
  inherit(state, leases);
  const kept = writePulseMemory(runDir, memoryOf(state));
  if (!kept.ok) return kept;
  context.log.info('pulse', {
    boot,
    incarnation,
    leases: leases.map(({ service }) => service),
    beatBytesMax: BEAT_MAX_BYTES,
  });
  const macs = { A: askers.value.A.mac, B: askers.value.B.mac };
  return ok(
    new PulseShell(
      {
        context,
        loaded,
        sealer,
        config,
        poll,
        urgent,
        beats: beats.value,
        askers: askers.value,
        ports: new PortProbe(cluster, board, watch),
        macs,
        local: local.value,
        links: links.value,
        table: table?.value,
      },
      state,
    ),
  );
}

function carriers({ board }: LoadedCluster): Result<Record<Network, boolean>> {
  const rtnetlink = openRtnetlink();
  if (!rtnetlink.ok) return rtnetlink;
  const links = rtnetlink.value.links();
  rtnetlink.value.close();
  if (!links.ok) return links;
  const found = both((network): Result<boolean> => {
    const link = links.value.find((one) => one.name === board.devices[network]);
    return link
      ? ok(link.up && link.carrier)
      : fail('ENODEV', `network ${network}: there is no device ${board.devices[network]}`);
  });
  return found;
}

function both<T>(make: (network: Network) => Result<T>): Result<Record<Network, T>> {
  const a = make('A');
  if (!a.ok) return a;
  const b = make('B');
  return b.ok ? ok({ A: a.value, B: b.value }) : b;
}
