import type { AgentEvent, ProgramWork } from './agent-state.js';
import { change, clear, describe, raise, type Turn, workOf } from './agent-turn.js';

/**
 * Programs that run only where the address is. What is wanted is asked of psrmd until it is so: psrmd may be away for a
 * moment, and start and stop are idempotent there.
 */
export function want(turn: Turn, service: string, wanted: 'start' | 'stop'): void {
  for (const { program } of describe(turn, service)?.programs ?? []) {
    const work = workOf(turn, service).programs[program];
    if (work?.want === wanted && work.state === 'calling') continue;
    call(turn, service, program, wanted);
  }
}

/** The pause between tries doubles up to this many times the first. */
const RETRY_FACTOR_MAX = 16;

function call(turn: Turn, service: string, program: string, wanted: 'start' | 'stop'): void {
  const stopMs = describe(turn, service)?.programs.find((entry) => entry.program === program)?.stopMs ?? 0;
  const timeoutMs = (wanted === 'stop' ? stopMs : 0) + turn.config.stopMarginMs;
  turn.effects.push({ kind: 'program', service, program, want: wanted, timeoutMs });
  const before = workOf(turn, service).programs[program];
  const failures = before?.want === wanted ? before.failures : 0;
  set(turn, service, program, { want: wanted, state: 'calling', againMs: 0, failures });
}

function set(turn: Turn, service: string, program: string, work: ProgramWork): void {
  change(turn, service, { programs: { ...workOf(turn, service).programs, [program]: work } });
}

export function onProgram(turn: Turn, event: Extract<AgentEvent, { kind: 'program' }>) {
  const { service, program, ok, message } = event;
  const work = turn.state.services[service]?.programs[program];
  // An answer to what is wanted no more says nothing.
  if (work === undefined || work.want !== event.want || work.state !== 'calling') return;
  const cause = event.want === 'start' ? 'PROGRAM_NOT_STARTED' : 'PROGRAM_NOT_STOPPED';
  if (ok) {
    set(turn, service, program, { ...work, state: 'done', failures: 0 });
    return clear(turn, service, cause, `program ${program} of ${service} obeys again`);
  }
  const pauseMs = turn.config.retryMs * Math.min(2 ** work.failures, RETRY_FACTOR_MAX);
  const failures = work.failures + 1;
  set(turn, service, program, { want: work.want, state: 'waiting', againMs: turn.nowMs + pauseMs, failures });
  raise(turn, service, cause, 'major', `program ${program} of ${service}: ${message}`);
}

/** Tries again what is due. */
export function retryPrograms(turn: Turn, service: string): void {
  for (const [program, work] of Object.entries(workOf(turn, service).programs)) {
    if (work.state === 'waiting' && work.againMs <= turn.nowMs) call(turn, service, program, work.want);
  }
}

/** Whether psrmd confirmed that every program of the service is gone. */
export function allStopped(turn: Turn, service: string): boolean {
  const programs = describe(turn, service)?.programs ?? [];
  return programs.every(({ program }) => {
    const work = workOf(turn, service).programs[program];
    return work?.want === 'stop' && work.state === 'done';
  });
}
