import type { Event, Wrapping } from './events.js';
import type { State } from './state.js';

const never = Number.POSITIVE_INFINITY;

/**
 * One line of a program's history, for `softset psrm why`: what happened and what followed, or undefined where nothing
 * did that an operator would ask about. Pure: the time, and who ordered it, are added by the shell.
 */
export function chapterOf(was: State, event: Event, is: State, config: Wrapping): string | undefined {
  const begins = is.phase !== was.phase;
  switch (event.kind) {
    case 'start':
    case 'restart':
    case 'stop':
      return begins || is.wanted !== was.wanted ? `ordered to ${event.kind}${waiting(is)}` : undefined;
    case 'give-up':
      return begins ? `given up with its board: ${event.why}` : undefined;
    case 'clear':
      return begins ? `its board is trusted again${waiting(is)}` : undefined;
    case 'held':
      if (begins) return `stops: ${event.by}, which it requires, is gone`;
      return is.phase === 'starting' && was.held?.by !== event.by ? `waits for ${event.by}` : undefined;
    case 'spawned':
      return begins ? `started, life ${event.instance.number}` : undefined;
    case 'adopted':
      return begins ? `taken up by a new psrmd${is.phase === 'stopping' ? ', and stopped' : ''}` : undefined;
    case 'exited':
    case 'spawn-failed':
      return ended(was, is, config);
    case 'gone':
      return is.phase === 'starting' && was.phase === 'starting' ? undefined : rested(was, is);
    default:
      if (isLeftHanging(is, config) && !isLeftHanging(was, config)) return `not responding: ${is.trouble}; is let be`;
      return begins ? became(is, was) : undefined;
  }
}

/** Its configuration lets a hang be. */
function isLeftHanging({ phase, missed, overdue }: State, { hang, probe }: Wrapping): boolean {
  if (phase !== 'in-trouble' || hang?.action !== 'nothing') return false;
  return overdue || missed >= (probe?.fall ?? never);
}

function waiting({ phase, held, spawning }: State): string {
  return phase === 'starting' && held && !spawning ? `; waits for ${held.by}` : '';
}

/** Somebody ordered the end, or it is a death: then what follows from it is the news. */
function ended(was: State, is: State, { giveUp }: Wrapping): string | undefined {
  const how = is.lastEnd ?? 'ended';
  if (is === was) return undefined;
  if (was.phase === 'stopping') return is.instance === undefined ? rested(was, is) : how;
  if (is.phase === 'starting') {
    const pauses = is.pausedUntilMs === never ? '' : ', after a pause';
    return `${how}; restarted${pauses} (restart ${is.restarts})`;
  }
  if (is.after !== 'failed' && is.phase !== 'failed') return `${how}; not restarted`;
  if (was.phase === 'not-responding' && was.after === 'failed') return how;
  const full = is.deathsMs.length >= giveUp.deaths;
  return full
    ? `${how}; given up: ${giveUp.deaths} deaths within ${giveUp.withinMs} ms`
    : `${how}; given up: never restarted after that`;
}

function rested(was: State, is: State): string | undefined {
  if (is.phase === was.phase) return undefined;
  return is.phase === 'failed' ? 'failed: not started here until it is ordered' : became(is, was);
}

function became({ phase, trouble, after, held }: State, was: State): string {
  switch (phase) {
    case 'in-trouble':
      return `in trouble: ${trouble ?? 'unknown'}`;
    case 'not-responding':
      return `not responding: ${trouble ?? 'unknown'}; is stopped${after === 'failed' ? ' and given up' : ''}`;
    case 'stopping':
      return `is stopped: ${trouble ?? 'unknown'}${after === 'failed' ? '; given up' : ''}`;
    case 'ready':
    case 'up':
      return was.phase === 'in-trouble' ? 'well again' : phase;
    case 'starting':
      return held ? `waits for ${held.by}` : 'starts again';
    case 'stopped':
    case 'failed':
      return phase;
  }
}
