import type { BoardId } from '@softset/protocol';
import type { Expectation } from '../cluster-sim.js';

/** What stories say of the midst of a run, in words that stand in a plan. */
export function held(atMs: number, service: string, by: BoardId | 'nobody'): Expectation {
  return {
    atMs,
    wrong: ({ boards }) => {
      const found = [...boards.values()].filter((board) => board.standing(service)).map(({ id }) => id);
      const holder = found.join() || 'nobody';
      return holder === `${by}` ? undefined : `${service} is held by ${holder}, and not by ${by}`;
    },
  };
}

/** Whoever directs holds it, whichever board that came to be at the start of the day. */
export function heldByDirector(atMs: number, service: string): Expectation {
  return {
    atMs,
    wrong: (world) => {
      const [director] = [...world.boards.values()].filter(({ netrackd }) => netrackd?.state.role === 'director');
      return held(atMs, service, director?.id ?? 'nobody').wrong(world);
    },
  };
}

/** Nothing moved so far: each service was taken once, at the start of the day. */
export function unmoved(atMs: number): Expectation {
  return {
    atMs,
    wrong: ({ cluster, safety }) => {
      const moved = cluster.services.find(({ name }) => safety.takes(name) !== 1);
      return moved && `${moved.name} was taken ${safety.takes(moved.name)} times`;
    },
  };
}

/** Whoever holds the service told its segment so, this late in the run or later. */
export function announced(atMs: number, service: string, sinceMs: number): Expectation {
  return {
    atMs,
    wrong: ({ boards }) => {
      const holder = [...boards.values()].find((board) => board.standing(service));
      if (!holder) return `nobody holds ${service}`;
      const lastMs = holder.announcedMs.get(service) ?? 0;
      return lastMs >= sinceMs ? undefined : `board ${holder.id} announced ${service} last at ${lastMs.toFixed(0)} ms`;
    },
  };
}

/** The pulses of at least `count` boards refused a beat for this reason. */
export function refused(atMs: number, code: string, count = 1): Expectation {
  return {
    atMs,
    wrong: ({ boards }) => {
      const found = [...boards.values()].filter(({ pulse }) => (pulse?.state.counters[code] ?? 0) > 0).length;
      return found >= count ? undefined : `${found} pulses counted ${code}`;
    },
  };
}

/** The register shows the alarm, wherever one looks. */
export function alarmed(atMs: number, cause: string): Expectation {
  return {
    atMs,
    wrong: (world) => {
      const unaware = [...world.boards.values()].find(({ netrackd }) => !shows(netrackd?.state.register.alarms, cause));
      return unaware && `board ${unaware.id} does not show ${cause}`;
    },
  };
}

function shows(alarms: readonly { readonly cause: string }[] | undefined, cause: string): boolean {
  return alarms?.some((alarm) => alarm.cause === cause) === true;
}

/** One of these boards directs, and nobody else. */
export function directs(atMs: number, ids: readonly BoardId[]): Expectation {
  return {
    atMs,
    wrong: ({ boards }) => {
      const found = [...boards.values()].filter(({ netrackd }) => netrackd?.state.role === 'director');
      const who = found.map(({ id }) => id);
      return who.length === 1 && ids.includes(who[0] ?? 0) ? undefined : `directors: ${who.join() || 'none'}`;
    },
  };
}

/** By the director's register, the votes of these boards and of no others are taken. */
export function without(atMs: number, ids: readonly BoardId[]): Expectation {
  return {
    atMs,
    wrong: ({ boards }) => {
      const director = [...boards.values()].find(({ netrackd }) => netrackd?.state.role === 'director');
      const left = director?.netrackd?.state.register.members.filter((one) => one.left).map(({ board }) => board);
      return left?.join() === ids.join() ? undefined : `boards without a vote: ${left?.join() ?? 'nobody directs'}`;
    },
  };
}
