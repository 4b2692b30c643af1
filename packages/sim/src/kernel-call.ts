import type { PulseEffect, PulseEvent } from '@softset/netrack/core/pulse/types.js';
import type { Board } from './board.js';
import type { World } from './world.js';

/** A call that returned later than this after its timeout was computed is undone at once (L4), ms. */
const LATE_MS = 10;

type Made = Extract<PulseEffect, { kind: 'create' | 'renew' }>;

/** One transaction on the lease set, in the three steps between which a process can lose the processor. */
export class KernelCall {
  readonly #world: World;
  readonly #board: Board;
  readonly #effect: Made;
  readonly #report: (event: PulseEvent) => void;
  #startedMs = 0;
  #timeoutMs = 0;

  constructor(world: World, board: Board, effect: Made, report: (event: PulseEvent) => void) {
    this.#world = world;
    this.#board = board;
    this.#effect = effect;
    this.#report = report;
  }

  /** The kernel takes a duration, and counts it from its own now. */
  prepare(): void {
    this.#startedMs = this.#board.nowMs();
    this.#timeoutMs = this.#effect.lease.untilMs - this.#startedMs;
  }

  commit() {
    const { lease, kind } = this.#effect;
    const { service, grant, network } = lease;
    const { kernel, id } = this.#board;
    const { timeline, safety, trace } = this.#world;
    const add = kind === 'create' || this.#effect.revive;
    const stood = kernel.standing(service, timeline.nowMs) !== undefined;
    const done = add
      ? kernel.add(service, grant, network, this.#timeoutMs, timeline.nowMs)
      : kernel.replace(service, grant, network, this.#timeoutMs, timeline.nowMs);
    const answer = kind === 'create' ? { answer: this.#effect.answer } : {};
    if (!done.ok) {
      trace.note(id, 'kernel-refused', { service, grant, kind, why: done.why });
      return this.#report({ kind: 'unmade', lease, code: 'ENOENT', message: done.why, ...answer });
    }
    if (!stood) {
      trace.note(id, kind === 'create' ? 'created' : 'revived', { service, grant, forMs: this.#timeoutMs });
      safety.stands(this.#board, service, grant);
    }
    if (kind === 'create') this.#report({ kind: 'made', lease: { ...lease, untilMs: done.untilMs }, ...answer });
  }

  check(): void {
    const { lease } = this.#effect;
    const { kernel } = this.#board;
    if (this.#board.nowMs() - this.#startedMs <= LATE_MS || !kernel.elements.has(lease.service)) return;
    this.#world.safety.ends(this.#board, lease.service);
    kernel.elements.delete(lease.service);
    this.#world.trace.note(this.#board.id, 'deleted-late', { service: lease.service, grant: lease.grant });
    this.#report({ kind: 'unmade', lease, code: 'LEASE_LATE', message: 'the call returned too late' });
  }
}
