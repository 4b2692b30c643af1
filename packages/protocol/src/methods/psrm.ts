import type { ProgramFact, ProgramState } from '../board-message.js';

export interface ProgramStatus extends ProgramFact {
  readonly pid?: number;
  /** Service that it belongs to. */
  readonly service?: string;
  /** How it ended last: `exit 1`, `signal KILL`. */
  readonly lastEnd?: string;
  /** The last STATUS= that it told (sd_notify(3)). */
  readonly says?: string;
  /** Why it is in trouble, not responding, or was stopped for its trouble: `memoryBytes 812340000 ≥ 800000000`. */
  readonly trouble?: string;
  /** The program that must be ready before this one starts. */
  readonly waitsFor?: string;
  /** Of one that belongs to a service: active where that is held, as far as psrmd was told. */
  readonly role?: ProgramRole;
  /** Wanted here: psrmd keeps it running. */
  readonly wanted: boolean;
}

/** active: it is to serve; standby: another board's copy does. */
export type ProgramRole = 'active' | 'standby';

/** One line of a program's history. */
export interface Chapter {
  /** Wall time, ms since 1970. */
  readonly atMs: number;
  readonly state: ProgramState;
  /** What happened, and what followed. */
  readonly text: string;
  /** Who ordered it. */
  readonly who?: string;
}

export interface PsrmMethods {
  status: { params: Record<string, never>; result: { programs: readonly ProgramStatus[] } };
  /** Keep it running here; a manual or ordered start clears its counts. Fails UNKNOWN_PROGRAM. */
  start: { params: { program: string }; result: Record<string, never> };
  /** Stop it, and answer once it is gone. Fails UNKNOWN_PROGRAM, NOT_STOPPED. */
  stop: { params: { program: string }; result: Record<string, never> };
  restart: { params: { program: string }; result: Record<string, never> };
  /** The board is trusted again, after the ladder gave it up with all programs of its services. */
  clear: { params: Record<string, never>; result: Record<string, never> };
  /** What happened to it, the oldest first; some 200 chapters at most. Fails UNKNOWN_PROGRAM. */
  why: { params: { program: string }; result: { status: ProgramStatus; history: readonly Chapter[] } };
  /**
   * The program of itself: what ails it (empty: nothing any more), or what it asks for, which counts as a death. By its
   * own processes, and whoever may order. Fails UNKNOWN_PROGRAM, NOT_YOURS, NOT_RUNNING.
   */
  tell: { params: { program: string; ailment?: string; ask?: 'restart' | 'move' }; result: Record<string, never> };
}

export interface PsrmTopics {
  programs: { readonly programs: readonly ProgramStatus[] };
}
