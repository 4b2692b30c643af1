import { seededRandom } from '@softset/base';
import type { Without } from '@softset/netrack/core/rules.js';
import type { BoardId, Cluster } from '@softset/protocol';
import { apply, healAll } from './apply.js';
import { Board } from './board.js';
import { type Chassis, chassis } from './chassis.js';
import type { Fault } from './fault.js';
import { giveBack, needsQuorumForce, notWell } from './liveness.js';
import { Safety, type Violation } from './safety.js';
import { seededPlan } from './seeded-plan.js';
import { Timeline } from './timeline.js';
import { Trace } from './trace.js';
import { Wire } from './wire.js';
import { FENCES_OBEY, type World } from './world.js';

export interface SimOptions {
  readonly seed: number;
  /** Chance comes from this where it is given; the seed then counts something else. */
  readonly chance?: number;
  /** 2 to 16; drawn from the seed where it is not given. */
  readonly boards?: number;
  /** What goes wrong; drawn from the seed where it is not given. */
  readonly plan?: (cluster: Cluster, random: ReturnType<typeof seededRandom>) => readonly Fault[];
  /** Changes the chassis that the seed drew. */
  readonly shape?: (drawn: Chassis) => Chassis;
  readonly without?: Without;
  /** The plan touches neither power nor networks, so that nobody may be called down. */
  readonly nobodyDown?: boolean;
  /** When everything is healed, virtual ms; 5000 where it is not given. */
  readonly faultsMs?: number;
  /** What must be true in the midst of it. */
  readonly expects?: readonly Expectation[];
  /** Told of every event that matters, as it happens. */
  readonly trace?: (line: string) => void;
}

/** Looks at a run at one moment; what it returns is what is wrong there. */
export interface Expectation {
  readonly atMs: number;
  readonly wrong: (world: World) => string | undefined;
}

export interface SimResult {
  readonly seed: number;
  readonly boards: number;
  readonly violations: readonly Violation[];
  /** Why liveness could not be asked of this run. */
  readonly excused: string | undefined;
  readonly overlapMsMax: number;
  /** Events performed, and the last of those that matter before the first violation. */
  readonly events: number;
  readonly last: readonly string[];
  /** How long the healed cluster took to be whole again, virtual ms. */
  readonly healedAfterMs: number;
}

/** Virtual ms of faults, and of healing after them at most. */
export const FAULTS_MS = 5000;
export const HEALING_MS = 2000;
const LOOK_EVERY_MS = 25;

/**
 * A whole cluster in one process: the cores of pulse, netrackd and redirectd of every board, a model of kernels, disks,
 * local sockets and two networks, on a virtual clock. One seed gives one run, always the same.
 */
export class ClusterSim {
  readonly world: World;
  readonly #options: SimOptions;
  readonly #faultsMs: number;
  #healed = 0;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#faultsMs = options.faultsMs ?? FAULTS_MS;
    const random = seededRandom(options.chance ?? options.seed);
    const drawn = random.chance(0.1) ? 16 : random.integer(2, 7);
    const shape = options.shape ?? ((same: Chassis): Chassis => same);
    const { cluster, rates } = shape(chassis(options.boards ?? drawn, random));
    const timeline = new Timeline();
    const trace = new Trace(timeline, options.trace);
    const boards = new Map<BoardId, Board>();
    const safety = new Safety(timeline, trace, cluster, boards);
    safety.watchSuspicions = options.nobodyDown === true;
    const wire = new Wire(timeline, random);
    const without: Without = options.without ?? new Set();
    this.world = {
      timeline,
      random,
      cluster,
      without,
      wire,
      trace,
      safety,
      boards,
      twins: new Set(),
      fencesObey: FENCES_OBEY,
      relayLate: { percent: 0, upToMs: 0 },
    };
    for (const { id } of cluster.boards) boards.set(id, new Board(this.world, id, rates.get(id) ?? 1));
  }

  run(): SimResult {
    const { world } = this;
    const { timeline, safety, random } = world;
    const faults = (this.#options.plan ?? seededPlan)(world.cluster, random);
    for (const board of world.boards.values()) timeline.after(random.next() * 20, () => board.powerOn());
    for (const fault of faults) {
      timeline.at(fault.atMs, () => {
        if (this.#healed === 0) apply(world, fault, () => this.#healed > 0);
      });
    }
    for (const { atMs, wrong } of this.#options.expects ?? []) {
      timeline.at(atMs, () => {
        const text = wrong(world);
        if (text !== undefined) safety.violated('expected', text);
      });
    }
    const failed = (): boolean => safety.violations.length > 0;
    timeline.runUntil(this.#faultsMs, failed);
    let trouble: string | undefined;
    if (!failed()) {
      this.#healed++;
      healAll(world);
      trouble = this.#heal(failed);
    }
    safety.settle();
    const excused = trouble !== undefined && !failed() && needsQuorumForce(world) ? 'needs quorum force' : undefined;
    if (trouble !== undefined && excused === undefined && !failed()) safety.violated('liveness', trouble);
    return {
      seed: this.#options.seed,
      boards: world.cluster.boards.length,
      violations: safety.violations,
      excused,
      overlapMsMax: safety.overlapMsMax,
      events: timeline.performed,
      last: world.trace.last(),
      healedAfterMs: timeline.nowMs - this.#faultsMs,
    };
  }

  /** What is still wrong when the time is over; nothing, as soon as the cluster is whole twice in a row. */
  #heal(failed: () => boolean): string | undefined {
    const { world } = this;
    let well = 0;
    let trouble: string | undefined = 'not looked at';
    while (world.timeline.nowMs < this.#faultsMs + HEALING_MS && !failed()) {
      world.timeline.runUntil(world.timeline.nowMs + LOOK_EVERY_MS, failed);
      giveBack(world);
      trouble = notWell(world);
      well = trouble === undefined ? well + 1 : 0;
      if (well === 4) return undefined;
    }
    return trouble;
  }
}
