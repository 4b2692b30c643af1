import { type Beat, type BoardId, bit, DAEMONS, type DaemonName, NETWORKS } from '@softset/protocol';
import { echoesNow } from './direct.js';
import { kernelAnswers } from './judge.js';
import { leaders } from './news.js';
import { rememberSent } from './state.js';
import type { PulseConfig, PulseEffect, PulseState } from './types.js';

/** A daemon that did not check in for this long is lost, ms. */
export const DAEMON_LOST_MS = 1000;
/** Extra beats are at least this far apart, ms: a flood of news must not become a flood of beats. */
const EXTRA_PAUSE_MS = 1;

/**
 * Sends the beat that is due, or an extra one at once when something is worse than the last beat said: a board no
 * longer heard on any network, a carrier lost, a daemon lost, a new term; and when a lease came or went.
 */
export function say(state: PulseState, nowMs: number, config: PulseConfig): PulseEffect[] {
  const due = nowMs >= state.nextBeatMs;
  const leases = leasesNow(state, config);
  const early = nowMs - state.lastExtraMs < EXTRA_PAUSE_MS && state.heirs.length === 0;
  const to = due ? 'all' : early ? [] : addressees(state, leases, nowMs, config);
  if (to.length === 0) return [];
  const { intervalMs } = config.timing;
  if (due) {
    state.nextBeatMs += intervalMs;
    if (state.nextBeatMs <= nowMs) state.nextBeatMs = nowMs + intervalMs;
  } else {
    state.lastExtraMs = nowMs;
  }
  state.heirs = [];
  state.sequence++;
  rememberSent(state, nowMs);
  const { hears } = state;
  state.lastSaid = {
    bits: hears,
    carrier: { ...state.carrier },
    daemons: daemonsAlive(state, nowMs).length,
    term: state.term,
    leases,
  };
  const beat = beatNow(state, hears, nowMs, config);
  const some = to === 'all' ? {} : { to };
  return NETWORKS.map((network) => ({ kind: 'send', network, beat: { ...beat, network }, alert: !due, ...some }));
}

/**
 * Whom an extra beat goes to now. That a board is heard no more, or that a lease ended, is for those to know who act on it:
 * in the midst of a move all others would take the processors from it if they had to listen.
 */
function addressees(state: PulseState, leases: bigint, nowMs: number, config: PulseConfig): 'all' | readonly BoardId[] {
  const { lastSaid, hears } = state;
  if (news(state, leases, nowMs)) return 'all';
  // An heir waits for what was let go of, and nobody else acts on it: not even the director, which is told by the outcome.
  if (state.heirs.length > 0) return state.heirs;
  if (state.elected) return [];
  const lost = (lastSaid.bits.A | lastSaid.bits.B) & ~(hears.A | hears.B);
  if (lost === 0n && lastSaid.leases === leases) return [];
  const called = lost !== 0n && (state.director === 0 || leaders(state).some((board) => (lost & bit(board)) !== 0n));
  return called ? 'all' : leaders(state).filter((board) => board !== config.self);
}

function news(state: PulseState, leases: bigint, nowMs: number): boolean {
  const { lastSaid } = state;
  return (
    (lastSaid.carrier.A && !state.carrier.A) ||
    (lastSaid.carrier.B && !state.carrier.B) ||
    daemonsAlive(state, nowMs).length < lastSaid.daemons ||
    lastSaid.term !== state.term ||
    (leases & ~lastSaid.leases) !== 0n
  );
}

/** A bit for each service whose element stands; who routes to it follows these bits. */
function leasesNow(state: PulseState, config: PulseConfig): bigint {
  let leases = 0n;
  for (const service of state.leases.keys()) {
    const index = config.services.indexOf(service);
    if (index >= 0) leases |= 1n << BigInt(index);
  }
  return leases;
}

export function daemonsAlive(state: PulseState, nowMs: number): DaemonName[] {
  return DAEMONS.filter((name) => nowMs - state.aliveMs[name] < DAEMON_LOST_MS);
}

function beatNow(state: PulseState, hears: Beat['hears'], nowMs: number, config: PulseConfig): Omit<Beat, 'mac'> {
  let kernels = 0n;
  for (const peer of state.peers.values()) {
    if (peer.verdict === 'stalled' && kernelAnswers(peer, nowMs, config.timing.intervalMs)) kernels |= bit(peer.board);
  }
  // T4: an amnesiac board abstains from echoes too, or it revives an old director's proof.
  const followed =
    state.director === 0 || state.director === config.self || (state.amnesiac && !config.without.has('T4'))
      ? undefined
      : state.peers.get(state.director)?.beat;
  return {
    board: config.self,
    network: 'A',
    boot: state.boot,
    incarnation: state.incarnation,
    sequence: state.sequence,
    cluster: config.cluster,
    config: config.config,
    health: state.health,
    intervalMs: config.timing.intervalMs,
    term: state.term,
    director: state.director,
    deputy: state.elected ? state.deputy : 0,
    elected: state.elected,
    amnesiac: state.amnesiac,
    leaving: state.leaving,
    carrier: { ...state.carrier },
    daemons: daemonsAlive(state, nowMs),
    leases: state.lastSaid.leases,
    hears,
    kernels,
    echo: followed && { boot: followed.boot, incarnation: followed.incarnation, sequence: followed.sequence },
    gone: state.gone,
    echoes: state.elected ? echoesNow(state, nowMs, config) : [],
  };
}
