import type { Event, Instance, Wrapping } from '@softset/psrm/core/events.js';

export const wrapping: Wrapping = {
  restart: 'permanent',
  exits: { normal: [0], final: [], again: [] },
  giveUp: { deaths: 3, withinMs: 10_000 },
  pause: { minMs: 50, maxMs: 1000, quietMs: 10_000 },
  stop: { signal: 'TERM', timeoutMs: 3000 },
  probe: {
    tcp: { port: 80, address: '127.0.0.1' },
    intervalMs: 500,
    retryMs: 500,
    timeoutMs: 250,
    fall: 3,
    rise: 1,
    graceMs: 2000,
  },
};

export function instance(number: number, startedMs = 0): Instance {
  return { number, pid: 1000 + number, startTicks: 77, startedMs };
}

/** An event of each kind, about life `number`. */
export function eventOf(kind: Event['kind'], number: number, startedMs = 0): Event {
  switch (kind) {
    case 'spawned':
    case 'adopted':
      return { kind, instance: instance(number, startedMs) };
    case 'spawn-failed':
      return { kind, number, reason: 'ENOENT' };
    case 'exited':
      return { kind, number, end: { kind: 'signal', signal: 'SIGKILL' } };
    case 'gone':
      return { kind, number, thorough: true };
    case 'answered':
    case 'missed':
    case 'opened':
      return { kind, number };
    case 'notified':
      return { kind, number, notice: { ready: true } };
    case 'strained':
      return { kind, number, level: 'warn', why: 'files 9 ≥ 9' };
    case 'moved':
      return { kind, instance: { ...instance(number, startedMs), pid: 2000 + number } };
    case 'held':
      return { kind, by: 'db', must: true };
    case 'give-up':
      return { kind, why: 'the board is ill' };
    default:
      return { kind };
  }
}
