import { clear } from '@softset/netrack/core/cluster/clear.js';
import { initialCluster } from '@softset/netrack/core/cluster/state.js';
import { stepCluster } from '@softset/netrack/core/cluster/step.js';
import type { ClusterConfig, ClusterEffect, ClusterEvent, ClusterState } from '@softset/netrack/core/cluster/types.js';
import { viewOf } from '@softset/netrack/core/cluster/view.js';
import type { Order, PulseMessage } from '@softset/protocol';
import type { Board } from './board.js';
import { local } from './local.js';
import { Process } from './process.js';
import type { PulseClient, PulseProcess } from './pulse-process.js';
import type { RedirectdProcess } from './redirectd-process.js';
import { relay } from './relay.js';
import type { World } from './world.js';

/** How often it looks at the clock, and checks in with the pulse, ms. */
const TICK_MS = 5;
const ALIVE_MS = 200;
/** Messages that wait at most; the next ones are dropped, as a full socket would. */
const INBOX_MAX = 500;

/** netrackd and its shell: the disk, the relay, the pulse and the local redirectd. */
export class NetrackdProcess extends Process<ClusterEffect> implements PulseClient {
  readonly state: ClusterState;
  readonly config: ClusterConfig;
  readonly #world: World;
  readonly #board: Board;
  readonly #inbox: ClusterEvent[] = [];
  #pulse: { readonly process: PulseProcess; readonly from: number } | undefined;
  #agent: RedirectdProcess | undefined;
  #tickMs: number;
  #aliveMs = Number.NEGATIVE_INFINITY;

  constructor(world: World, board: Board) {
    super(world.timeline, world.random);
    this.#world = world;
    this.#board = board;
    const { cluster, random, without } = world;
    this.config = { cluster, self: board.id, random, releaseMs: 4 * cluster.timing.intervalMs, without };
    this.state = initialCluster(this.config, { memory: board.disk.vote, register: board.disk.register }, board.nowMs());
    this.#tickMs = world.timeline.nowMs;
    this.wake();
  }

  get hasPulse(): boolean {
    return this.#pulse !== undefined;
  }

  get hasAgent(): boolean {
    return this.#agent !== undefined;
  }

  receive(event: ClusterEvent): void {
    if (event.kind === 'message' && this.#inbox.length >= INBOX_MAX) return;
    this.#inbox.push(event);
    this.wake();
  }

  receivePulse(message: PulseMessage): void {
    this.receive({ kind: 'pulse', message });
  }

  pulseUp(process: PulseProcess): void {
    this.#pulse = { process, from: process.connect(this, 'netrackd') };
    this.receive({ kind: 'pulse-up' });
  }

  pulseDown(): void {
    this.#pulse = undefined;
    this.receive({ kind: 'pulse-down' });
  }

  agentUp(agent: RedirectdProcess): void {
    this.#agent = agent;
    this.receive({ kind: 'agent-up' });
    const state = viewOf(this.state, this.#board.nowMs(), this.config);
    local(this.#world, this, agent, () => agent.receive({ kind: 'state', state }));
  }

  agentDown(): void {
    this.#agent = undefined;
    this.receive({ kind: 'agent-down' });
  }

  /** Makes it believe that the director is gone: what a wrong judgement does. */
  misjudge(): void {
    const { report, role, amnesiac } = this.state;
    const votes = this.config.cluster.boards.some((board) => board.id === this.config.self && board.vote);
    if (role !== 'follower' || !votes || amnesiac || !report || report.doubt || report.isolated) return;
    this.state.director = 0;
    this.state.troubleMs = Number.NEGATIVE_INFINITY;
    this.state.backoffUntilMs = Number.NEGATIVE_INFINITY;
  }

  protected override next(): ClusterEffect[] | undefined {
    const nowMs = this.#board.nowMs();
    const event = this.#inbox.shift();
    if (event) return this.#step(event, nowMs);
    if (this.timeline.nowMs < this.#tickMs) return undefined;
    this.#tickMs = this.timeline.nowMs + TICK_MS;
    if (this.timeline.nowMs - this.#aliveMs >= ALIVE_MS && this.#pulse) {
      this.#aliveMs = this.timeline.nowMs;
      this.#ask({ kind: 'alive' });
    }
    return this.#step({ kind: 'tick' }, nowMs);
  }

  #step(event: ClusterEvent, nowMs: number): ClusterEffect[] {
    const before = this.state.register;
    const effects = stepCluster(this.state, [event], nowMs, this.config);
    if (this.state.register !== before) this.#world.safety.written(this.#board, this.state.register);
    return effects;
  }

  #ask(request: Parameters<PulseProcess['request']>[1]): void {
    const pulse = this.#pulse;
    if (pulse) local(this.#world, this, pulse.process, () => pulse.process.request(pulse.from, request));
  }

  protected override died(): void {
    this.#pulse?.process.disconnect(this.#pulse.from);
  }

  protected override deadlineMs(): number {
    return this.#tickMs;
  }

  protected override label(effect: ClusterEffect): string {
    switch (effect.kind) {
      case 'pulse':
        return `pulse:${effect.request.kind}`;
      case 'send':
      case 'agent':
        return effect.message.kind === 'order'
          ? `${effect.kind}:${effect.message.order.kind}`
          : `${effect.kind}:${effect.message.kind}`;
      default:
        return effect.kind;
    }
  }

  protected override perform(effect: ClusterEffect) {
    const world = this.#world;
    const board = this.#board;
    switch (effect.kind) {
      case 'pulse':
        return this.#ask(effect.request);
      case 'send':
        if (effect.message.kind === 'order' && effect.to !== 'all') this.#noteOrder(effect.to, effect.message.order);
        if (effect.message.kind === 'claim') world.trace.note(board.id, 'claims', { term: effect.message.term });
        for (const other of world.boards.values()) {
          if (other !== board && (effect.to === 'all' || effect.to === other.id))
            relay(world, this, board, other, effect.message);
        }
        return;
      case 'agent': {
        const { message } = effect;
        if (message.kind === 'order' && message.order.director === board.id) this.#noteOrder(board.id, message.order);
        const agent = this.#agent;
        if (agent) local(world, this, agent, () => agent.receive({ kind: 'netrackd', message }));
        return;
      }
      case 'keep-vote':
        return board.disk.write((disk) => {
          disk.vote = effect.memory;
          if (this.alive) this.receive({ kind: 'vote-kept', memory: effect.memory });
        });
      case 'keep-register': {
        const { register, answer } = effect;
        if (!answer) return board.disk.writeLazily((disk) => disk.keep(register));
        return board.disk.write((disk) => {
          disk.keep(register);
          if (this.alive) this.receive({ kind: 'register-kept', term: register.term, index: register.index });
        });
      }
      case 'served':
      case 'not-served':
      case 'publish': {
        const agent = this.#agent;
        if (!agent) return;
        const told =
          effect.kind === 'publish'
            ? ({ kind: 'state', state: effect.state } as const)
            : ({ kind: 'serve-answer', answer: effect } as const);
        return local(world, this, agent, () => agent.receive(told));
      }
      case 'not-forced':
        return world.trace.note(board.id, effect.kind, { code: effect.code });
      // The simulator's operators clear no alarms, and see for themselves what they forced.
      case 'forced':
      case 'answer-wish':
        return;
      case 'log':
        if (effect.event === 'elected') world.safety.elected(board, this.state.term);
        world.trace.note(board.id, effect.event, effect.fields);
    }
  }

  /** By what right a grant leaves, for the judge: what the director thinks of every other board at this moment. */
  #noteOrder(to: number, order: Order): void {
    if (order.kind !== 'take') return;
    const service = this.config.cluster.services.find((one) => one.name === order.service);
    if (!service || !this.state.lead) return;
    const unreachable = this.config.cluster.boards
      .map(({ id }) => id)
      .filter((id) => id !== to && clear(this.state, id, service, this.#board.nowMs(), this.config) === 'unreachable');
    this.#world.safety.ordered(this.#board, to, order, unreachable);
  }
}
