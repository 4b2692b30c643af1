import { boardsOf, type PulseReport } from '@softset/protocol';
import { DOWN_AFTER } from './judge.js';
import { leasesOf } from './news.js';
import { daemonsAlive } from './say.js';
import type { PulseConfig, PulseState } from './types.js';

/** The whole of what this pulse sees, for netrackd and whoever watches. */
export function reportOf(state: PulseState, nowMs: number, config: PulseConfig): PulseReport {
  return {
    boot: state.boot,
    incarnation: state.incarnation,
    term: state.term,
    director: state.director,
    elected: state.elected,
    amnesiac: state.amnesiac,
    health: state.health,
    doubt: inDoubt(state, nowMs, config),
    isolated: state.isolated,
    carrier: { ...state.carrier },
    boards: [...state.peers.values()].map((peer) => ({
      board: peer.board,
      verdict: peer.verdict,
      sinceMs: peer.sinceMs,
      paths: peer.paths,
      boot: peer.beat?.boot ?? '',
      incarnation: peer.beat?.incarnation ?? 0,
      health: peer.beat?.health ?? 0,
      daemons: peer.beat?.daemons ?? [],
      amnesiac: peer.beat?.amnesiac ?? false,
      leaving: peer.beat?.leaving ?? false,
      term: peer.beat?.term ?? 0,
      director: peer.beat?.director ?? 0,
      elected: peer.beat?.elected ?? false,
      deputy: peer.beat?.deputy ?? 0,
      config: peer.beat?.config ?? 0,
      carrier: peer.beat?.carrier ?? { A: true, B: true },
      hears: { A: boardsOf(peer.beat?.hears.A ?? 0n), B: boardsOf(peer.beat?.hears.B ?? 0n) },
      leases: leasesOf(state, peer, config),
      pulseDead: peer.pulseDead,
    })),
    held: [...state.leases.values()],
    refusedGrants: [...state.refused].map(([service, grant]) => ({ service, grant })),
    daemons: daemonsAlive(state, nowMs),
    refused: { ...state.counters },
    alarms: [...state.alarms.values()].map(({ alarm }) => alarm),
  };
}

/** Within three intervals of a stall of its own loop a board has not heard enough to accuse anybody. */
export function inDoubt(state: PulseState, nowMs: number, config: PulseConfig): boolean {
  return nowMs - state.judgeFromMs < DOWN_AFTER * config.timing.intervalMs;
}
