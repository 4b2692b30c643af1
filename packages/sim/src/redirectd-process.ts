import type { ClusterEffect } from '@softset/netrack/core/cluster/types.js';
import {
  type AgentMessage,
  type Change,
  type FenceMeans,
  NETWORKS,
  type NetrackState,
  type Network,
  type PulseMessage,
} from '@softset/protocol';
import { agentStep, agentWakeMs } from '@softset/redirect/core/agent.js';
import {
  type AgentConfig,
  type AgentEffect,
  type AgentEvent,
  type AgentState,
  agentConfig,
  agentStart,
} from '@softset/redirect/core/agent-state.js';
import { directorStep, directorWakeMs } from '@softset/redirect/core/director.js';
import {
  DIRECTOR_START,
  type DirectorConfig,
  type DirectorEffect,
  type DirectorEvent,
  type DirectorState,
  directorConfig,
} from '@softset/redirect/core/director-state.js';
import type { Board } from './board.js';
import { macOf } from './chassis.js';
import { local } from './local.js';
import type { NetrackdProcess } from './netrackd-process.js';
import { Process } from './process.js';
import type { PulseClient, PulseProcess } from './pulse-process.js';
import type { World } from './world.js';

const ALIVE_MS = 200;

type Input =
  | { readonly kind: 'netrackd'; readonly message: AgentMessage }
  | { readonly kind: 'state'; readonly state: NetrackState }
  | { readonly kind: 'serve-answer'; readonly answer: Extract<ClusterEffect, { kind: 'served' | 'not-served' }> }
  | { readonly kind: 'agent'; readonly event: AgentEvent }
  | { readonly kind: 'director'; readonly event: DirectorEvent };

type Work =
  | { readonly who: 'agent'; readonly effect: AgentEffect }
  | { readonly who: 'director'; readonly effect: DirectorEffect };

/** redirectd and its shell: the director's side and the agent's, in one process. */
export class RedirectdProcess extends Process<Work> implements PulseClient {
  agent: AgentState;
  director: DirectorState = DIRECTOR_START;
  readonly config: AgentConfig;
  readonly #directorConfig: DirectorConfig;
  readonly #world: World;
  readonly #board: Board;
  readonly #inbox: Input[] = [];
  #pulse: { readonly process: PulseProcess; readonly from: number } | undefined;
  #netrackd: NetrackdProcess | undefined;
  #aliveMs: number;

  constructor(world: World, board: Board) {
    super(world.timeline, world.random);
    this.#world = world;
    this.#board = board;
    this.config = agentConfig(world.cluster, board.id);
    this.#directorConfig = directorConfig(world.cluster);
    this.agent = agentStart(this.config, board.runDir.agentTerm);
    this.#aliveMs = world.timeline.nowMs;
    const boards = world.cluster.boards.flatMap(({ id }) => [
      { board: id, mac: macOf(id, 'A') },
      { board: id, mac: macOf(id, 'B') },
    ]);
    const own = [macOf(board.id, 'A'), macOf(board.id, 'B')];
    this.#agentEvent({ kind: 'macs', macs: { own, boards: boards.filter((entry) => entry.board !== board.id) } });
  }

  get hasPulse(): boolean {
    return this.#pulse !== undefined;
  }

  get hasNetrackd(): boolean {
    return this.#netrackd !== undefined;
  }

  receive(input: Input): void {
    this.#inbox.push(input);
    this.wake();
  }

  receivePulse(message: PulseMessage): void {
    if (message.kind === 'pace' || message.kind === 'keyed') return;
    if (message.kind === 'report') this.#agentEvent({ kind: 'report', report: message.report });
    else if (message.kind === 'lost') this.#agentEvent(message);
    else this.#agentEvent({ kind: 'answer', answer: message });
  }

  wish(id: string, service: string, board: number): void {
    this.receive({ kind: 'director', event: { kind: 'wish', id, service, board, who: 'operator' } });
  }

  change(id: string, change: Change): void {
    this.receive({ kind: 'director', event: { kind: 'change', id, who: 'operator', change } });
  }

  pulseUp(process: PulseProcess): void {
    this.#pulse = { process, from: process.connect(this, 'redirectd') };
    this.#agentEvent({ kind: 'pulse-up' });
  }

  pulseDown(): void {
    this.#pulse = undefined;
    this.#agentEvent({ kind: 'pulse-down' });
  }

  netrackdUp(process: NetrackdProcess): void {
    this.#netrackd = process;
  }

  netrackdDown(): void {
    this.#netrackd = undefined;
    this.receive({ kind: 'director', event: { kind: 'netrack-lost' } });
  }

  #agentEvent(event: AgentEvent): void {
    this.receive({ kind: 'agent', event });
  }

  protected override next(): Work[] | undefined {
    const nowMs = this.#board.nowMs();
    const input = this.#inbox.shift();
    if (input) return this.#take(input, nowMs);
    if (this.#pulse && this.timeline.nowMs - this.#aliveMs >= ALIVE_MS) {
      this.#aliveMs = this.timeline.nowMs;
      const pulse = this.#pulse;
      local(this.#world, this, pulse.process, () => pulse.process.request(pulse.from, { kind: 'alive' }));
    }
    // Once for each time: what is due by a rounding is due again a moment later.
    const agentDueMs = agentWakeMs(this.agent, this.config) ?? Number.POSITIVE_INFINITY;
    if (agentDueMs <= nowMs && this.#tickedMs < nowMs) {
      this.#tickedMs = nowMs;
      return this.#agentStep({ kind: 'tick' }, nowMs);
    }
    if (this.#directorDueMs <= nowMs) return this.#directorStep({ kind: 'tick' }, nowMs);
    return undefined;
  }

  #tickedMs = Number.NEGATIVE_INFINITY;
  #directorDueMs = Number.POSITIVE_INFINITY;

  #take(input: Input, nowMs: number): Work[] {
    switch (input.kind) {
      case 'agent':
        return this.#agentStep(input.event, nowMs);
      case 'director':
        return this.#directorStep(input.event, nowMs);
      case 'state':
        return [
          ...this.#directorStep({ kind: 'state', state: input.state }, nowMs),
          ...this.#prefer(input.state.prefers ?? 'A', nowMs),
        ];
      case 'serve-answer': {
        const { answer } = input;
        return this.#directorStep(
          answer.kind === 'served'
            ? { kind: 'served', call: answer.id, grant: answer.grant }
            : { kind: 'refused', call: answer.id, code: answer.code, message: answer.message },
          nowMs,
        );
      }
      case 'netrackd':
        return this.#agentStep(input.message, nowMs);
    }
  }

  #prefer(network: Network, nowMs: number): Work[] {
    return network === this.agent.prefers ? [] : this.#agentStep({ kind: 'prefer', network }, nowMs);
  }

  #agentStep(event: AgentEvent, nowMs: number): Work[] {
    const { state, effects } = agentStep(this.agent, event, nowMs, this.config);
    this.agent = state;
    return effects.map((effect) => ({ who: 'agent', effect }));
  }

  #directorStep(event: DirectorEvent, nowMs: number): Work[] {
    const { state, effects } = directorStep(this.director, event, nowMs, this.#directorConfig);
    this.director = state;
    this.#directorDueMs = directorWakeMs(state, nowMs, this.#directorConfig) ?? Number.POSITIVE_INFINITY;
    return effects.map((effect) => ({ who: 'director', effect }));
  }

  protected override died(): void {
    this.#pulse?.process.disconnect(this.#pulse.from);
  }

  protected override deadlineMs(): number {
    const localMs = Math.min(agentWakeMs(this.agent, this.config) ?? Number.POSITIVE_INFINITY, this.#directorDueMs);
    return Math.min(this.#board.clock.virtual(localMs), this.#aliveMs + ALIVE_MS);
  }

  protected override label({ who, effect }: Work): string {
    return who === 'agent' && effect.kind === 'pulse' ? `pulse:${effect.request.kind}` : effect.kind;
  }

  protected override perform(work: Work): void {
    if (work.who === 'director') this.#performDirector(work.effect);
    else this.#performAgent(work.effect);
  }

  #tell(event: Parameters<NetrackdProcess['receive']>[0]): void {
    const netrackd = this.#netrackd;
    if (netrackd) local(this.#world, this, netrackd, () => netrackd.receive(event));
  }

  #performDirector(effect: DirectorEffect) {
    if (effect.kind === 'fence') this.#fence(effect.board, effect.means);
    if (effect.kind === 'tell-fenced') this.#tell({ kind: 'fenced', board: effect.board });
    if (effect.kind === 'amend') this.#tell({ kind: 'amend', change: effect.change });
    if (effect.kind === 'serve') {
      this.#tell({ kind: 'serve', id: effect.call, service: effect.service, board: effect.board, cause: effect.cause });
    }
  }

  /** A power supply takes its time, and some do not obey; nor do all switches. */
  #fence(id: number, means: readonly FenceMeans[]): void {
    const { timeline, random, boards, trace, fencesObey } = this.#world;
    const works = means.find(() => random.chance(fencesObey));
    timeline.after(20 + random.next() * 200, () => {
      const target = boards.get(id);
      if (works !== undefined) trace.note(this.#board.id, 'fences', { board: id, means: works });
      if (works === 'power' && target?.powered) {
        target.powerOff('kept');
        timeline.after(20 + random.next() * 80, () => target.powerOn());
      }
      if (works === 'switch-port') this.#cutOff(id);
      const answer = { ok: works !== undefined, ...(works === undefined ? {} : { means: works }), message: '' };
      if (this.alive) this.receive({ kind: 'director', event: { kind: 'fenced', board: id, ...answer } });
    });
  }

  /** At both switches, until an operator puts its ports up: long after all that it held has ended in its kernel. */
  #cutOff(id: number): void {
    const { timeline, random, wire, boards, cluster, safety } = this.#world;
    const put = (by: 1 | -1): void => {
      for (const network of NETWORKS) {
        const { linkDown } = wire.segments[network];
        linkDown[id] = Math.max(0, (linkDown[id] ?? 0) + by);
      }
      for (const board of boards.values()) board.carriers();
    };
    const target = boards.get(id);
    if (!target) return;
    put(1);
    target.cutOffs++;
    timeline.after(2 * cluster.timing.leaseMs + random.next() * 500, () => {
      put(-1);
      target.cutOffs--;
      safety.returns(target);
    });
  }

  #performAgent(effect: AgentEffect) {
    const board = this.#board;
    switch (effect.kind) {
      case 'ask': {
        const { service, grant } = effect;
        this.timeline.after(effect.waitMs, () => {
          if (this.alive) this.#agentEvent({ kind: 'asked', service, grant, answers: board.whoHas(service) });
        });
        return;
      }
      case 'pulse': {
        const pulse = this.#pulse;
        if (pulse) local(this.#world, this, pulse.process, () => pulse.process.request(pulse.from, effect.request));
        return;
      }
      case 'outcome':
        this.#world.trace.note(board.id, 'outcome', effect.outcome);
        return this.#tell({ kind: 'agent-outcome', outcome: effect.outcome });
      case 'persist-term':
        board.runDir.agentTerm = effect.term;
        return;
      case 'confirm-term':
        return this.#tell({ kind: 'agent-term', term: effect.term });
      case 'alarm':
        return this.#tell({ kind: 'alarm', alarm: { ...effect.alarm, raisedAtMs: 0, raisedBy: board.id } });
      case 'announce':
        board.announcedMs.set(effect.service, this.#world.timeline.nowMs);
        return;
      case 'program': {
        const { service, program, want } = effect;
        this.timeline.after(this.#world.random.next() * 5, () => {
          if (this.alive) this.#agentEvent({ kind: 'program', service, program, want, ok: true, message: '' });
        });
        return;
      }
      // Nobody strange answers here: twins are known by their beats.
      case 'probe':
        return;
    }
  }
}
