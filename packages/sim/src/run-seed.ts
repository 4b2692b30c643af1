import { ClusterSim, type SimOptions, type SimResult } from './cluster-sim.js';
import type { Rule } from './rules-by-name.js';
import { scenarioNamed } from './scenarios/index.js';
import { simOf } from './scenarios/scenario.js';

export interface RunSetting {
  readonly without: readonly Rule[];
  readonly boards?: number;
  /** Name of a story that is told instead of drawn faults. */
  readonly scenario?: string;
}

/** Runs one seed. A core whose own invariant breaks is a violation like any other: it has a seed that replays it. */
export function runSeed(seed: number, setting: RunSetting, trace?: (line: string) => void): SimResult {
  const options: SimOptions = {
    seed,
    without: new Set(setting.without),
    ...(setting.boards === undefined ? {} : { boards: setting.boards }),
    ...(trace ? { trace } : {}),
  };
  try {
    const story = setting.scenario === undefined ? undefined : scenarioNamed(setting.scenario);
    return (story ? simOf(story, seed, setting.without, trace) : new ClusterSim(options)).run();
  } catch (error) {
    const text = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
    const violation = { atMs: 0, rule: 'a core broke', text };
    const nothing = { excused: undefined, overlapMsMax: 0, events: 0, last: [], healedAfterMs: 0 };
    return { seed, boards: setting.boards ?? 0, violations: [violation], ...nothing };
  }
}
