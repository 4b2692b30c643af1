import { readdirSync } from 'node:fs';
import { ok, type Result } from '@softset/base';
import { lastFailure } from './errno.js';
import { declare } from './libc.js';
import { poolThreads } from './pool-threads.js';
import { int32 } from './socket.js';

const setscheduler = declare<(pid: number, policy: number, parameter: Uint8Array) => number>(
  'int sched_setscheduler(int pid, int policy, const void *parameter)',
);
const getscheduler = declare<(pid: number) => number>('int sched_getscheduler(int pid)');

/** <linux/sched.h>. */
const SCHED_OTHER = 0;
const SCHED_RR = 2;
const SCHED_RESET_ON_FORK = 0x4000_0000;
const policies = ['normal', 'fifo', 'round-robin', 'batch', 'iso', 'idle', 'deadline'] as const;
export type SchedulingPolicy = (typeof policies)[number];

/**
 * Puts the calling thread, and no other of this process, under SCHED_RR with priority 1 to 99 (sched(7)): it runs before
 * all normal threads of its processor. What it starts does not inherit that. Needs CAP_SYS_NICE or RLIMIT_RTPRIO; `EPERM`
 * otherwise, as always in a user namespace of one's own. `EINVAL`: not a priority.
 */
export function setRoundRobin(priority: number): Result<void> {
  return setThread(0, priority);
}

/**
 * The same for the threads that do Node's file work: a record that must be on disk before a message leaves would
 * otherwise wait until no other thread wants a processor. V8's compiling threads stay ordinary. Errors: as above.
 */
export async function setPoolRoundRobin(priority: number): Promise<Result<void>> {
  for (const thread of await poolThreads()) {
    const done = setThread(thread, priority);
    if (!done.ok) return done;
  }
  return ok(undefined);
}

/**
 * Makes all threads of this process but the first ordinary: what the first inherited when it was started under a
 * real-time policy, V8's compiling threads have too, and they would hold up other daemons. Needs no permission.
 */
export function setHelpersNormal(): void {
  const threads = readdirSync('/proc/self/task').map(Number);
  // Numbers of another PID namespace's /proc would name somebody else's threads.
  if (!threads.includes(process.pid)) return;
  for (const thread of threads) if (thread !== process.pid) setThreadNormal(thread);
}

function setThread(thread: number, priority: number): Result<void> {
  const status = setscheduler(thread, SCHED_RR | SCHED_RESET_ON_FORK, int32(priority));
  return status < 0 ? lastFailure(`sched_setscheduler(SCHED_RR, ${priority})`) : ok(undefined);
}

/**
 * Has what `start` starts run under SCHED_RR with `priority` from its first instruction, as a unit file or chrt(1) would;
 * then the calling thread is at `own` again, and what it starts is ordinary. Where that is not permitted it is started
 * as an ordinary process.
 */
export function startRoundRobin<T>(priority: number, own: number, start: () => T): T {
  if (setscheduler(0, SCHED_RR, int32(priority)) < 0) return start();
  try {
    return start();
  } finally {
    setRoundRobin(own);
  }
}

/** Back to the policy of ordinary threads. A thread without CAP_SYS_NICE keeps the reset on fork. */
export function setNormal(): Result<void> {
  // Giving up the reset on fork needs permission; keeping it does not.
  if (setscheduler(0, SCHED_OTHER, new Uint8Array(4)) === 0) return ok(undefined);
  const status = setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, new Uint8Array(4));
  return status < 0 ? lastFailure('sched_setscheduler(SCHED_OTHER)') : ok(undefined);
}

/** Makes any thread an ordinary one. One that is gone is none. Errors: `EPERM`. */
export function setThreadNormal(thread: number): Result<void> {
  const status = setscheduler(thread, SCHED_OTHER, new Uint8Array(4));
  const done = status < 0 ? lastFailure('sched_setscheduler(SCHED_OTHER)') : ok(undefined);
  return done.ok || done.code === 'ESRCH' ? ok(undefined) : done;
}

/** The policy of the calling thread. */
export function schedulingPolicy(): Result<SchedulingPolicy> {
  const policy = getscheduler(0);
  if (policy < 0) return lastFailure('sched_getscheduler');
  return ok(policies[policy & ~SCHED_RESET_ON_FORK] ?? 'normal');
}
