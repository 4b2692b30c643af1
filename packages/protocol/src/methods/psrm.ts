import type { ProgramFact } from '../board-message.js';

export interface ProgramStatus extends ProgramFact {
  readonly pid?: number;
  /** How it ended last: `exit 1`, `signal KILL`. */
  readonly lastEnd?: string;
  /** The last STATUS= that it told (sd_notify(3)). */
  readonly says?: string;
  /** Why it is in trouble, not responding, or was stopped for its trouble: `memoryBytes 812340000 ≥ 800000000`. */
  readonly trouble?: string;
  /** Wanted here: psrmd keeps it running. */
  readonly wanted: boolean;
}

export interface PsrmMethods {
  status: { params: Record<string, never>; result: { programs: readonly ProgramStatus[] } };
  /** Keep it running here; a manual or ordered start clears its counts. Fails UNKNOWN_PROGRAM. */
  start: { params: { program: string }; result: Record<string, never> };
  /** Stop it, and answer once it is gone. Fails UNKNOWN_PROGRAM, NOT_STOPPED. */
  stop: { params: { program: string }; result: Record<string, never> };
  restart: { params: { program: string }; result: Record<string, never> };
}

export interface PsrmTopics {
  programs: { readonly programs: readonly ProgramStatus[] };
}
