import { unreachable } from '@softset/base';
import { reportOf } from '@softset/netrack/core/pulse/report.js';
import { initialPulse } from '@softset/netrack/core/pulse/state.js';
import { nextDeadlineMs, stepPulse } from '@softset/netrack/core/pulse/step.js';
import type { PulseConfig, PulseEffect, PulseEvent, PulseState } from '@softset/netrack/core/pulse/types.js';
import {
  type Beat,
  type DaemonName,
  NETWORKS,
  type Network,
  type PulseMessage,
  type PulseRequest,
} from '@softset/protocol';
import type { Board } from './board.js';
import { macOf } from './chassis.js';
import { KernelCall } from './kernel-call.js';
import { type End, local } from './local.js';
import { Process } from './process.js';
import type { World } from './world.js';

/** A daemon that holds a connection to the pulse. */
export interface PulseClient extends End {
  receivePulse(message: PulseMessage): void;
}

type KernelEffect = Extract<PulseEffect, { kind: 'create' | 'renew' }>;
/** A kernel call has steps of its own, so that a stall may come before and after its commit (L4). */
type Work =
  | Exclude<PulseEffect, KernelEffect>
  | { readonly kind: 'prepare'; readonly call: KernelCall }
  | { readonly kind: 'commit'; readonly call: KernelCall }
  | { readonly kind: 'check'; readonly call: KernelCall };

/** The pulse and its shell: receive buffers that keep the oldest datagrams, local connections, the lease set. */
export class PulseProcess extends Process<Work> {
  readonly state: PulseState;
  readonly config: PulseConfig;
  readonly #world: World;
  readonly #board: Board;
  readonly #datagrams: Record<Network, { readonly beat: Beat; readonly arrivedMs: number }[]> = { A: [], B: [] };
  readonly #inbox: PulseEvent[] = [];
  readonly #clients = new Map<number, { readonly client: PulseClient; readonly daemon: DaemonName }>();
  #sockets = 0;
  #phase: 'draining' | 'drained' | 'ticked' = 'draining';

  constructor(world: World, board: Board, config: PulseConfig) {
    super(world.timeline, world.random);
    this.#world = world;
    this.#board = board;
    this.config = config;
    const incarnation = ++board.runDir.incarnation;
    const carrier = { A: world.wire.carrier('A', board.id), B: world.wire.carrier('B', board.id) };
    this.state = initialPulse(config, { boot: board.boot, incarnation, carrier }, board.runDir.pulse, board.nowMs());
    this.#takeStock();
    this.wake();
  }

  /** What its forerunner had begun and not finished: the kernel's word counts. */
  #takeStock(): void {
    const { elements } = this.#board.kernel;
    for (const service of [...elements.keys()]) if (!this.state.leases.has(service)) this.#delete(service);
    for (const lease of this.state.leases.values()) {
      const found = elements.get(lease.service)?.grant;
      if (found?.term === lease.grant.term && found.n === lease.grant.n) continue;
      if (found) this.#delete(lease.service);
      this.#inbox.push({ kind: 'unmade', lease, code: 'ENOENT', message: 'it is not in the kernel' });
    }
  }

  /** A datagram reached its socket. A full buffer drops the new one: what is read first after a stall is the past. */
  datagram(network: Network, beat: Beat): void {
    const buffer = this.#datagrams[network];
    if (buffer.length >= this.#board.bufferLength) return;
    buffer.push({ beat, arrivedMs: this.#board.nowMs() });
    this.wake();
  }

  receive(event: PulseEvent): void {
    this.#inbox.push(event);
    this.wake();
  }

  /** Returns the number of the connection. The newcomer is told how things stand when its hello is read. */
  connect(client: PulseClient, daemon: DaemonName): number {
    const from = ++this.#sockets;
    this.#clients.set(from, { client, daemon });
    this.receive({ kind: 'request', from, daemon, request: { kind: 'hello', daemon } });
    return from;
  }

  request(from: number, request: PulseRequest): void {
    const daemon = this.#clients.get(from)?.daemon;
    if (daemon) this.receive({ kind: 'request', from, daemon, request });
  }

  disconnect(from: number): void {
    this.#clients.delete(from);
  }

  protected override next(): Work[] | undefined {
    const nowMs = this.#board.nowMs();
    const { without } = this.config;
    const due = nowMs > this.state.lastTickMs && nowMs >= this.deadlineLocalMs();
    // Left out for its scenario: judges by the clock before it has read what came meanwhile.
    if (without.has('drain') && due) return this.#tick(nowMs);
    if (this.#phase === 'drained') return this.#tick(nowMs);
    for (const network of NETWORKS) {
      const next = this.#datagrams[network].shift();
      if (next) return this.#step({ kind: 'beat', network, ...next }, nowMs);
    }
    const event = this.#inbox.shift();
    if (event) return this.#step(event, nowMs);
    if (this.#phase === 'ticked' && !due) return undefined;
    // A stall may come between the drained sockets and the tick, too.
    this.#phase = 'drained';
    return [];
  }

  #tick(nowMs: number): Work[] {
    this.#phase = 'ticked';
    // psrmd is not simulated: it is there wherever redirectd is meant to be, and has just checked in.
    if (this.#board.hasDaemons) this.state.aliveMs.psrmd = nowMs;
    return stepPulse(this.state, { kind: 'tick' }, nowMs, this.config).flatMap((effect) => this.#works(effect));
  }

  #step(event: PulseEvent, nowMs: number): Work[] {
    this.#phase = 'draining';
    const effects = stepPulse(this.state, event, nowMs, this.config);
    if (event.kind === 'request' && event.request.kind === 'hello') this.#welcome(event.from, nowMs);
    return effects.length === 0 ? (effects as []) : effects.flatMap((effect) => this.#works(effect));
  }

  #welcome(from: number, nowMs: number): void {
    const client = this.#clients.get(from)?.client;
    if (!client) return;
    const report = reportOf(this.state, nowMs, this.config);
    local(this.#world, this, client, () => client.receivePulse({ kind: 'report', report }));
  }

  #works(effect: PulseEffect): Work[] {
    if (effect.kind !== 'create' && effect.kind !== 'renew') return [effect];
    const call = new KernelCall(this.#world, this.#board, effect, (event) => this.receive(event));
    return [
      { kind: 'prepare', call },
      { kind: 'commit', call },
      { kind: 'check', call },
    ];
  }

  deadlineLocalMs(): number {
    return nextDeadlineMs(this.state, this.state.lastTickMs, this.config);
  }

  protected override deadlineMs(): number {
    return this.#board.clock.virtual(this.deadlineLocalMs());
  }

  protected override label(work: Work): string {
    return work.kind === 'answer' ? `answer:${work.answer.kind}` : work.kind;
  }

  protected override perform(work: Work) {
    const board = this.#board;
    const world = this.#world;
    switch (work.kind) {
      case 'send': {
        const beat: Beat = { ...work.beat, mac: macOf(board.card, work.network) };
        for (const other of [...world.boards.values(), ...world.twins]) {
          if (other !== board && (work.to === undefined || work.to.includes(other.id)))
            world.wire.send(work.network, board.id, other.id, () => other.datagram(work.network, beat));
        }
        return;
      }
      case 'ask':
        return board.askKernel(work.network, work.board);
      case 'persist':
        board.runDir.pulse = work.memory;
        return;
      case 'prepare':
        return work.call.prepare();
      case 'commit':
        return work.call.commit();
      case 'check':
        return work.call.check();
      case 'delete':
        return this.#delete(work.lease.service);
      case 'rehome': {
        const element = board.kernel.elements.get(work.lease.service);
        if (element) element.network = work.lease.network;
        return;
      }
      case 'answer': {
        const client = this.#clients.get(work.to)?.client;
        if (client) local(world, this, client, () => client.receivePulse(work.answer));
        return;
      }
      case 'tell':
        for (const { client } of this.#clients.values()) {
          local(world, this, client, () => client.receivePulse(work.message));
        }
        return;
      case 'log':
        if (work.event === 'verdict' && work.fields.to === 'down')
          world.safety.suspects(board, Number(work.fields.peer));
        world.trace.note(board.id, work.event, work.fields);
        return;
      default:
        unreachable(work, 'effect of the pulse');
    }
  }

  #delete(service: string): void {
    const { kernel, id } = this.#board;
    const grant = kernel.elements.get(service)?.grant;
    if (!grant) return;
    this.#world.safety.ends(this.#board, service);
    kernel.elements.delete(service);
    this.#world.trace.note(id, 'deleted', { service, grant });
  }
}
