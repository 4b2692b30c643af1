import type { Random } from '@softset/base';
import type { Without } from '@softset/netrack/core/rules.js';
import type { BoardId, Cluster } from '@softset/protocol';
import type { Board } from './board.js';
import type { Safety } from './safety.js';
import type { Timeline } from './timeline.js';
import type { Trace } from './trace.js';
import type { Wire } from './wire.js';

/** Some power supplies do not obey. */
export const FENCES_OBEY = 0.8;

/** What everything in one run shares. */
export interface World {
  readonly timeline: Timeline;
  /** The one generator of the run: its seed replays everything. */
  readonly random: Random;
  readonly cluster: Cluster;
  readonly without: Without;
  readonly wire: Wire;
  readonly trace: Trace;
  readonly safety: Safety;
  readonly boards: Map<BoardId, Board>;
  /** Machines that say they are one of the boards. */
  readonly twins: Set<Board>;
  /** How likely it is that a power supply does as it is asked. */
  fencesObey: number;
  /** Messages between netrackds: percent of copies that are held back, and for how long at most, ms. */
  relayLate: { percent: number; upToMs: number };
}
