import type { Beat, Network } from '@softset/protocol';
import { alarm } from './alarms.js';
import { adopt } from './follow.js';
import { hearGone } from './heirs.js';
import { noteBeat, sameLife } from './news.js';
import { createWaiting } from './request.js';
import { count, sentAt } from './state.js';
import type { Peer, PulseConfig, PulseEffect, PulseEvent, PulseState } from './types.js';

/** An old boot that is heard when the one after it has been silent for so many leases is alive: that one was a twin. */
const TWIN_GONE_LEASES = 4;
/** Old boots that are remembered for each board, so that their late beats stay dead. */
const OLD_BOOTS = 8;

/**
 * Takes in a beat whose HMAC was right. Refused and counted: another network's, an unknown board's, an old life's, a
 * repeated number's. A new boot while the old one is alive is a duplicate board: refused and alarmed.
 */
export function hear(
  state: PulseState,
  { network, beat, arrivedMs }: Extract<PulseEvent, { kind: 'beat' }>,
  nowMs: number,
  config: PulseConfig,
): PulseEffect[] {
  if (beat.network !== network) return drop(state, 'BEAT_WRONG_NETWORK');
  if (beat.board === config.self) return hearSelf(state, beat, nowMs);
  const peer = state.peers.get(beat.board);
  if (!peer) return drop(state, 'BEAT_UNKNOWN_BOARD');
  const refusal = oldLife(state, peer, beat, network, nowMs, config);
  if (refusal !== undefined) return drop(state, refusal);

  peer.lastSequence[network] = beat.sequence;
  // Silence is counted from arrival. Leases are counted from `beatMs`, the reading, which is never too early (L5).
  peer.heardMs[network] = Math.max(peer.heardMs[network], arrivedMs);
  peer.macs[network] = beat.mac;
  peer.pulseDead = false;
  if (config.config !== beat.config) {
    alarm(state, 'CONFIG_DIFFERS', `board/${beat.board}`, `board ${beat.board} runs another cluster file`, nowMs);
  }
  // The same beat comes by both networks, and a stalled reader finds the past first: only a newer one counts.
  if (peer.beat !== undefined && sameLife(peer.beat, beat) && beat.sequence <= peer.beat.sequence) return [];
  noteBeat(state, peer.beat, beat, nowMs, config);
  peer.beat = beat;
  peer.beatMs = nowMs;
  return [
    ...hearTerm(state, beat, nowMs),
    ...hearEchoes(state, peer, beat, nowMs, config),
    ...(hearGone(peer, beat, config) ? createWaiting(state, nowMs, config) : []),
  ];
}

function oldLife(
  state: PulseState,
  peer: Peer,
  beat: Beat,
  network: Network,
  nowMs: number,
  config: PulseConfig,
): string | undefined {
  const known = peer.beat;
  if (known === undefined) return undefined;
  if (beat.boot === known.boot) {
    if (beat.incarnation < known.incarnation) return 'BEAT_OLD_INCARNATION';
    if (beat.incarnation > known.incarnation) forget(peer);
    else if (beat.sequence <= peer.lastSequence[network]) return 'BEAT_REPLAYED';
    return undefined;
  }
  const old = peer.oldBoots.findIndex(({ boot }) => boot === beat.boot);
  if (old >= 0) {
    const silentMs = nowMs - Math.max(peer.heardMs.A, peer.heardMs.B);
    const goesOn = isNewer(beat, peer.oldBoots[old]) && silentMs >= TWIN_GONE_LEASES * config.timing.leaseMs;
    if (!goesOn) return 'BEAT_OLD_BOOT';
    peer.oldBoots.splice(old, 1);
  }
  const alive = Math.max(peer.heardMs.A, peer.heardMs.B, peer.answeredMs.A, peer.answeredMs.B);
  const sameCard = peer.macs[network] === undefined || peer.macs[network] === beat.mac;
  const heard = Math.max(peer.heardMs.A, peer.heardMs.B);
  const aliveMs = nowMs - (sameCard ? heard : alive);
  if (aliveMs < 3 * Math.max(config.timing.intervalMs, known.intervalMs)) {
    alarm(
      state,
      'DUPLICATE_BOARD',
      `board/${beat.board}`,
      `two boards say they are board ${beat.board}; the second (MAC ${beat.mac}) is refused`,
      nowMs,
    );
    return 'BEAT_DUPLICATE_BOARD';
  }
  peer.oldBoots.push({ boot: known.boot, incarnation: known.incarnation, sequence: known.sequence });
  if (peer.oldBoots.length > OLD_BOOTS) peer.oldBoots.shift();
  forget(peer);
  peer.beat = undefined;
  return undefined;
}

type Numbered = Pick<Beat, 'incarnation' | 'sequence'>;

function isNewer(beat: Numbered, than: Numbered | undefined): boolean {
  if (than === undefined || beat.incarnation > than.incarnation) return true;
  return beat.incarnation === than.incarnation && beat.sequence > than.sequence;
}

/** A new life's numbers begin anew, and nothing that the old life echoed speaks for it. */
function forget(peer: Peer): void {
  peer.lastSequence.A = -1;
  peer.lastSequence.B = -1;
  peer.echoedSentMs = Number.NEGATIVE_INFINITY;
}

function hearSelf(state: PulseState, beat: Beat, nowMs: number): PulseEffect[] {
  if (beat.boot === state.boot && beat.incarnation <= state.incarnation) return drop(state, 'BEAT_OWN');
  alarm(
    state,
    'DUPLICATE_BOARD',
    `board/${beat.board}`,
    `another board (MAC ${beat.mac}) says it is this one, board ${beat.board}`,
    nowMs,
  );
  return drop(state, 'BEAT_DUPLICATE_BOARD');
}

/**
 * Adopting a term from a beat is not a vote (T1). Only an elected director's own beat makes others adopt: a candidate's
 * would take from voters the term in which it asks for their votes.
 */
function hearTerm(state: PulseState, beat: Beat, nowMs: number): PulseEffect[] {
  if (beat.amnesiac || !beat.elected || beat.director !== beat.board || beat.term < state.term) return [];
  if (beat.term > state.term) return adopt(state, beat.term, beat.board);
  if (state.director !== beat.board) {
    // One term has one director (T1): if this board was elected too, a beat lies or votes were counted twice.
    if (state.elected) {
      alarm(
        state,
        'FORGED',
        `board/${beat.board}`,
        `board ${beat.board} says it directs term ${beat.term}, which this board directs`,
        nowMs,
      );
      return drop(state, 'BEAT_TWO_DIRECTORS');
    }
    return adopt(state, beat.term, beat.board);
  }
  return [];
}

function hearEchoes(state: PulseState, peer: Peer, beat: Beat, nowMs: number, config: PulseConfig): PulseEffect[] {
  // L2: by this board's own send time of what was echoed. Counted from receipt, a stalled director would read old
  // echoes out of its socket's buffer and take them for fresh.
  const mine = beat.echo;
  if (
    state.elected &&
    mine !== undefined &&
    (!beat.amnesiac || config.without.has('T4')) &&
    beat.term === state.term &&
    beat.director === config.self &&
    mine.boot === state.boot &&
    mine.incarnation === state.incarnation
  ) {
    const sentMs = config.without.has('L2') ? nowMs : sentAt(state, mine.sequence);
    peer.echoedSentMs = Math.max(peer.echoedSentMs, sentMs);
  }
  // L1: the lease runs from this board's own send time of the newest beat that the director echoed.
  if (beat.elected && beat.term === state.term && state.director === beat.board) {
    const echo = beat.echoes.find((one) => one.board === config.self);
    if (echo !== undefined && echo.boot === state.boot && echo.incarnation === state.incarnation) {
      const sentMs = config.without.has('L1') ? nowMs : sentAt(state, echo.sequence);
      state.echoedSentMs = Math.max(state.echoedSentMs, sentMs);
    }
  }
  return [];
}

function drop(state: PulseState, code: string): PulseEffect[] {
  count(state, code);
  return [];
}
