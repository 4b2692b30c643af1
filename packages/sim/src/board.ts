import type { VoteMemory } from '@softset/netrack/core/cluster/types.js';
import type { PulseConfig, PulseMemory } from '@softset/netrack/core/pulse/types.js';
import { type Beat, type BoardId, NETWORKS, type Network } from '@softset/protocol';
import type { Answer } from '@softset/redirect/core/agent-state.js';
import { BoardClock } from './board-clock.js';
import { macOf } from './chassis.js';
import { Disk } from './disk.js';
import { Kernel } from './kernel.js';
import { local } from './local.js';
import { NetrackdProcess } from './netrackd-process.js';
import { PulseProcess } from './pulse-process.js';
import { RedirectdProcess } from './redirectd-process.js';
import type { World } from './world.js';

export type ProcessName = 'pulse' | 'netrackd' | 'redirectd';
export const PROCESSES: readonly ProcessName[] = ['pulse', 'netrackd', 'redirectd'];

/** What a reboot forgets and a restarted daemon does not. */
export interface RunDir {
  pulse: PulseMemory | undefined;
  incarnation: number;
  agentTerm: number;
}

/** One board: power, clock, kernel, run directory, disk, and three processes. */
export class Board {
  readonly id: BoardId;
  /** Number of its network cards: its own, but for a twin. */
  readonly card: number;
  readonly disk: Disk;
  /** Datagrams that a socket of its pulse keeps while nobody reads. */
  readonly bufferLength: number;
  powered = false;
  /** The whole machine stands still until then: no process runs, and its kernel answers nobody. */
  frozenUntilMs = 0;
  boot = '';
  clock: BoardClock;
  kernel: Kernel;
  runDir: RunDir = { pulse: undefined, incarnation: 0, agentTerm: 0 };
  pulse: PulseProcess | undefined;
  netrackd: NetrackdProcess | undefined;
  redirectd: RedirectdProcess | undefined;
  readonly #world: World;
  readonly #rate: number;
  readonly #processes: readonly ProcessName[];
  #boots = 0;
  /** Its switch ports are put down by a fence: what stands in its kernel nobody can reach. */
  cutOffs = 0;
  /** When it last announced each service's addresses, virtual ms. */
  readonly announcedMs = new Map<string, number>();

  constructor(world: World, id: BoardId, rate: number, card: number = id, processes = PROCESSES) {
    this.#world = world;
    this.#rate = rate;
    this.#processes = processes;
    this.id = id;
    this.card = card;
    const vote: VoteMemory = { cluster: world.cluster.number, term: 0, candidate: 0 };
    this.disk = new Disk(world.timeline, world.random, vote);
    this.bufferLength = world.random.integer(32, 256);
    this.clock = new BoardClock(rate, 0, 0);
    this.kernel = new Kernel(this.clock);
  }

  nowMs(): number {
    return this.clock.local(this.#world.timeline.nowMs);
  }

  standing(service: string) {
    return this.powered && this.cutOffs === 0 ? this.kernel.standing(service, this.#world.timeline.nowMs) : undefined;
  }

  /** A twin has none. */
  get hasDaemons(): boolean {
    return this.#processes.includes('redirectd');
  }

  get answers(): boolean {
    return this.powered && this.#world.timeline.nowMs >= this.frozenUntilMs;
  }

  powerOn(): void {
    if (this.powered) return;
    const { timeline, random } = this.#world;
    this.powered = true;
    this.frozenUntilMs = 0;
    this.boot = (this.card * 1000 + ++this.#boots).toString(16).padStart(16, '0');
    this.clock = new BoardClock(this.#rate, timeline.nowMs, 4000 + random.next() * 60_000);
    this.kernel = new Kernel(this.clock);
    this.runDir = { pulse: undefined, incarnation: 0, agentTerm: 0 };
    for (const name of this.#processes) this.start(name);
  }

  powerOff(disk: 'kept' | 'lost'): void {
    if (!this.powered) return;
    this.#world.safety.endAll(this);
    for (const name of PROCESSES) this[name]?.die();
    this.pulse = undefined;
    this.netrackd = undefined;
    this.redirectd = undefined;
    this.powered = false;
    this.disk.powerOff(disk);
  }

  start(name: ProcessName): void {
    if (!this.powered || this[name]) return;
    if (name === 'pulse') this.pulse = new PulseProcess(this.#world, this, pulseConfig(this.#world, this.id));
    else if (name === 'netrackd') this.netrackd = new NetrackdProcess(this.#world, this);
    else this.redirectd = new RedirectdProcess(this.#world, this);
    // Clients try to connect every few ms.
    this.#world.timeline.after(1 + this.#world.random.next() * 20, () => this.#connect(name));
  }

  /** Connects a process with those that run; the other side may have died meanwhile, and will connect by itself. */
  #connect(name: ProcessName): void {
    const { pulse, netrackd, redirectd } = this;
    if (pulse && netrackd && name !== 'redirectd' && !netrackd.hasPulse) netrackd.pulseUp(pulse);
    if (pulse && redirectd && name !== 'netrackd' && !redirectd.hasPulse) redirectd.pulseUp(pulse);
    if (netrackd && redirectd && name !== 'pulse' && !redirectd.hasNetrackd) {
      redirectd.netrackdUp(netrackd);
      netrackd.agentUp(redirectd);
    }
  }

  /** A process dies: its connections close, and what it had sent before still arrives. */
  kill(name: ProcessName): void {
    const world = this.#world;
    const { pulse, netrackd, redirectd } = this;
    const dead = this[name];
    if (!dead) return;
    dead.die();
    this[name] = undefined;
    if (dead === pulse) {
      if (netrackd?.hasPulse) local(world, pulse, netrackd, () => netrackd.pulseDown());
      if (redirectd?.hasPulse) local(world, pulse, redirectd, () => redirectd.pulseDown());
    } else if (dead === netrackd) {
      if (redirectd?.hasNetrackd) local(world, netrackd, redirectd, () => redirectd.netrackdDown());
    } else if (redirectd && netrackd?.hasAgent) {
      local(world, redirectd, netrackd, () => netrackd.agentDown());
    }
  }

  freeze(ms: number): void {
    this.frozenUntilMs = Math.max(this.frozenUntilMs, this.#world.timeline.nowMs + ms);
    for (const name of PROCESSES) this[name]?.freeze(ms);
  }

  thaw(): void {
    this.frozenUntilMs = 0;
    for (const name of PROCESSES) this[name]?.thaw();
  }

  datagram(network: Network, beat: Beat): void {
    if (this.powered) this.pulse?.datagram(network, beat);
  }

  /** An ARP question to another board's kernel, which answers whatever its processes do. */
  askKernel(network: Network, target: BoardId): void {
    const { wire, boards } = this.#world;
    const other = boards.get(target);
    if (!other) return;
    wire.send(network, this.id, target, () => {
      if (!other.answers) return;
      const closed = other.pulse === undefined;
      wire.send(network, target, this.id, () => {
        this.pulse?.receive({ kind: 'answer', network, board: target, mac: macOf(other.card, network) });
        if (closed) this.pulse?.receive({ kind: 'port-closed', board: target });
      });
    });
  }

  /** Whoever answers for a service's address on either network now. */
  whoHas(service: string): Answer[] {
    const { wire, boards, cluster } = this.#world;
    const ip = cluster.services.find((one) => one.name === service)?.addresses[0]?.ip ?? '';
    return [...boards.values()].flatMap((other) => {
      const network = other === this ? undefined : other.standing(service)?.network;
      if (!network || !other.answers || !wire.asksFor(network, this.id, other.id)) return [];
      return [{ ip, network, mac: macOf(other.card, network) }];
    });
  }

  /** Its own carrier changed: the kernel tells the pulse. */
  carriers(): void {
    for (const network of NETWORKS) {
      const up = this.#world.wire.carrier(network, this.id);
      if (this.pulse && this.pulse.state.carrier[network] !== up) this.pulse.receive({ kind: 'carrier', network, up });
    }
  }
}

/** A machine that says it is `board`: another card, another boot, and no daemon but the pulse. */
export function twinOf(world: World, board: Board): Board {
  return new Board(world, board.id, 1, board.id + 128, ['pulse']);
}

function pulseConfig(world: World, self: BoardId): PulseConfig {
  const { cluster, without } = world;
  return {
    self,
    cluster: cluster.number,
    config: 1,
    boards: cluster.boards.map((board) => board.id),
    voters: cluster.boards.filter((board) => board.vote).map((board) => board.id),
    timing: cluster.timing,
    services: cluster.services.map((service) => service.name),
    without,
  };
}
