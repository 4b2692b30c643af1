import type { Program, ProgramFile, ProgramState } from '@softset/protocol';

/** What the core needs of a program's entry in the cluster file. */
export type Wrapping = Pick<
  ProgramFile,
  'restart' | 'exits' | 'giveUp' | 'pause' | 'ready' | 'notify' | 'hang' | 'stop'
> &
  Pick<Program, 'probe'> & { readonly trouble?: Pick<NonNullable<ProgramFile['trouble']>, 'action'> | undefined };

/** How an instance ended. `unseen`: it was not this psrmd's child, so nobody told how. */
export type End =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string; readonly core?: boolean }
  /** KILL by the kernel, because its memory limit or the machine's memory was used up. */
  | { readonly kind: 'oom' }
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'unseen' };

/**
 * One life of the program: `number` counts lives, so that news of an earlier life is told from news of this one.
 * `startTicks` is field 22 of /proc/PID/stat: with the pid it names a process for ever, though pids come round.
 */
export interface Instance {
  readonly number: number;
  readonly pid: number;
  readonly startTicks: number;
  /** Its process group, where that is not `pid`: a program that went into the background by itself. */
  readonly group?: number;
  /** When it was started, monotonic ms. */
  readonly startedMs: number;
}

/** One message of the program by sd_notify(3), from a sender that was checked. Times in ms. */
export interface Notice {
  readonly ready?: boolean;
  readonly reloading?: boolean;
  readonly stopping?: boolean;
  readonly says?: string;
  readonly watchdog?: 'alive' | 'trigger';
  /** WATCHDOG_USEC; 0 ends the watchdog. */
  readonly watchdogMs?: number;
  /** EXTEND_TIMEOUT_USEC. */
  readonly extendMs?: number;
  /** X_SOFTSET_HEALTH: in trouble by its own word, and why; empty: it is well. */
  readonly ailment?: string;
  /** X_SOFTSET_ASK: what it wants to be done with it; counts as a death. */
  readonly ask?: 'restart' | 'move';
}

/** How much trouble was measured: `warn` is told, and of `act` follows what the configuration says. */
export type Level = 'none' | 'warn' | 'act';

export type Event =
  /** Orders: of REDIRECT's agent, of an operator, or of the configuration at psrmd's start. */
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'restart' }
  /** What became of a spawn. */
  | { readonly kind: 'spawned'; readonly instance: Instance }
  | { readonly kind: 'spawn-failed'; readonly number: number; readonly reason: string }
  /** The instance's first process ended; others that it left behind may still run. */
  | { readonly kind: 'exited'; readonly number: number; readonly end: End }
  /** Nothing of the instance is left: its process group, and its cgroup where there is one, are empty. */
  | { readonly kind: 'gone'; readonly number: number; readonly thorough: boolean }
  | { readonly kind: 'answered'; readonly number: number }
  /** `tookMs`: how long after the question that was known; absent: at once. */
  | { readonly kind: 'missed'; readonly number: number; readonly tookMs?: number }
  /** Its port accepts: for `ready.by: port`. */
  | { readonly kind: 'opened'; readonly number: number }
  | { readonly kind: 'notified'; readonly number: number; readonly notice: Notice }
  | { readonly kind: 'strained'; readonly number: number; readonly level: Level; readonly why: string }
  /** Another process is the program now (MAINPID, PID file): the same life. */
  | { readonly kind: 'moved'; readonly instance: Instance }
  /** Its entry was read again and is another: the configuration that comes with this event. */
  | { readonly kind: 'reconfigured' }
  /** The time that was asked for with `arm` has come. Early or needless ticks do no harm. */
  | { readonly kind: 'tick' }
  /** psrmd returned and found this instance running. */
  | { readonly kind: 'adopted'; readonly instance: Instance }
  /** What it must wait for before it starts. `must`: it requires that, which will not come by itself, so it ends as well. */
  | { readonly kind: 'held'; readonly by: string; readonly must: boolean }
  | { readonly kind: 'released' }
  /** The board is given up (the ladder's next rung): it ends here, and is not to be started here. */
  | { readonly kind: 'give-up'; readonly why: string }
  /** The board is trusted again. */
  | { readonly kind: 'clear' };

export type Effect =
  /** Keep `kept(state)`: always in front of the effects that it must outlive psrmd for. */
  | { readonly kind: 'persist' }
  | { readonly kind: 'spawn'; readonly number: number }
  /** To the instance's whole process group, as systemd's KillMode=control-group does. */
  | { readonly kind: 'signal'; readonly instance: Instance; readonly signal: string }
  /** KILL to all that belongs to the instance. */
  | { readonly kind: 'kill'; readonly instance: Instance }
  /**
   * Kill what the ended instance left behind, and say `gone` once nothing is left. Not thorough: its cgroup, or where
   * there is none its process group, which costs microseconds. Thorough: also those that left the group, wherever.
   */
  | { readonly kind: 'clean'; readonly instance: Instance; readonly thorough: boolean }
  /** Kill what lives below this number left behind, in the shadow of the start: the restart did not wait for it. */
  | { readonly kind: 'sweep'; readonly below: number }
  | { readonly kind: 'probe'; readonly instance: Instance }
  /** Put questions at this pace, the first now, as long as `watched` holds: only what was missed is news. */
  | { readonly kind: 'watch'; readonly instance: Instance; readonly everyMs: number }
  /** See whether its port accepts. */
  | { readonly kind: 'knock'; readonly instance: Instance }
  /** Save what a hung program was doing, before it is stopped. The effects behind it wait for that, within its time. */
  | { readonly kind: 'dump'; readonly instance: Instance }
  /** One timer: the latest replaces the earlier; Infinity disarms. */
  | { readonly kind: 'arm'; readonly atMs: number }
  | { readonly kind: 'report' };

export type Phase = ProgramState;

export function describeEnd(end: End): string {
  switch (end.kind) {
    case 'exit':
      return `exit ${end.code}`;
    case 'signal':
      return `signal ${end.signal.replace(/^SIG/, '')}${end.core ? ', core dumped' : ''}`;
    case 'oom':
      return 'signal KILL, out of memory';
    case 'not-started':
      return `not started: ${end.reason}`;
    case 'unseen':
      return 'ended unseen';
  }
}
