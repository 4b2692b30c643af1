import type { Random } from '@softset/base';
import type { Rule } from '@softset/netrack/core/rules.js';
import type { BoardId, Cluster, Service } from '@softset/protocol';
import { type Chassis, TIMING } from '../chassis.js';
import { ClusterSim, type Expectation, type SimOptions, type SimResult } from '../cluster-sim.js';
import type { Fault } from '../fault.js';

/** A story that the simulator tells again: a plan of faults whose times a seed varies a little. */
export interface Scenario {
  readonly name: string;
  /** The rule that it is for: without it, a violation is found. */
  readonly rule?: Rule;
  readonly story: string;
  readonly boards: number;
  /** All boards vote where it is not given. */
  readonly voters?: readonly BoardId[];
  /** Named web, media, mail in this order. */
  readonly services: readonly (Pick<Service, 'pool' | 'takeover'> & Partial<Service>)[];
  readonly nobodyDown?: boolean;
  /** When all is healed; after 5 virtual seconds where it is not given. */
  readonly faultsMs?: number;
  /** How many seeds it takes to see all of it, where the plan counts by them. */
  readonly seeds?: number;
  /** Every run has the chance of this seed: what the plan counts by seeds is then all that differs. */
  readonly chance?: number;
  /** What must be true in the midst of it, beside what is never allowed. */
  readonly expects?: readonly Expectation[];
  plan(random: Random, cluster: Cluster, seed: number): readonly Fault[];
}

export function simOf(
  scenario: Scenario,
  seed: number,
  without: readonly Rule[],
  trace?: (line: string) => void,
): ClusterSim {
  const options: SimOptions = {
    seed,
    ...(scenario.chance === undefined ? {} : { chance: scenario.chance }),
    boards: scenario.boards,
    shape: (drawn) => shaped(scenario, drawn),
    plan: (cluster, random) => scenario.plan(random, cluster, seed),
    without: new Set(without),
    nobodyDown: scenario.nobodyDown === true,
    ...(scenario.faultsMs === undefined ? {} : { faultsMs: scenario.faultsMs }),
    ...(scenario.expects ? { expects: scenario.expects } : {}),
    ...(trace ? { trace } : {}),
  };
  return new ClusterSim(options);
}

/** Runs seeds from 1 until one is violated; that result, or undefined when all are clean. */
export function firstViolation(scenario: Scenario, seeds: number, without: readonly Rule[]): SimResult | undefined {
  for (let seed = 1; seed <= seeds; seed++) {
    const result = simOf(scenario, seed, without).run();
    if (result.violations.length > 0) return result;
  }
  return undefined;
}

function shaped(scenario: Scenario, { cluster }: Chassis): Chassis {
  const [pattern] = cluster.services;
  if (!pattern) throw new RangeError('a chassis has a service');
  const services = scenario.services.map(
    (part, index): Service => ({ ...plain(pattern), name: NAMES[index] ?? 'more', index, ...part }),
  );
  const boards = cluster.boards.map((board) => ({ ...board, vote: scenario.voters?.includes(board.id) ?? true }));
  return { cluster: { ...cluster, timing: TIMING, boards, services }, rates: new Map() };
}

/** Without what a seed drew for it. */
function plain(drawn: Service): Service {
  const { group: _, ranks: __, apart: ___, together: ____, requires: _____, fencing: ______, ...service } = drawn;
  return { ...service, redundancy: '2n', programs: [] };
}

const NAMES = ['web', 'media', 'mail'];
export const BOTH = ['A', 'B'] as const;
