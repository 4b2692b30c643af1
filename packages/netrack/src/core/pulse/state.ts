import { type BoardId, DAEMONS, type DaemonName, type Grant, type Network, type Stamp } from '@softset/protocol';
import type { Peer, PulseConfig, PulseEffect, PulseMemory, PulseState } from './types.js';

/** Beyond the second that a check-in holds, the daemons have this long from the pulse's start, ms. */
export const START_GRACE_MS = 4000;

/** Own beats whose send times are remembered: 512 of them cover a lease many times over. */
const RING = 512;

/**
 * A pulse at its start. `memory` is what its forerunner left in the run directory, if it was of the same kernel boot:
 * its term, its grants and its refusals go on, and the board is not amnesiac for having restarted a daemon.
 */
export function initialPulse(
  config: PulseConfig,
  life: { boot: string; incarnation: number; carrier: Record<Network, boolean> },
  memory: PulseMemory | undefined,
  nowMs: number,
): PulseState {
  const kept = memory?.boot === life.boot ? memory : undefined;
  return {
    boot: life.boot,
    incarnation: life.incarnation,
    startedMs: nowMs,
    peers: new Map(config.boards.filter((id) => id !== config.self).map((id) => [id, newPeer(id, nowMs)])),
    carrier: { ...life.carrier },
    // A pulse that comes back must not call the others dead: what ended it may have ended them, and they load longer.
    aliveMs: Object.fromEntries(DAEMONS.map((name) => [name, nowMs + START_GRACE_MS])) as Record<DaemonName, number>,
    leases: new Map((kept?.leases ?? []).map((lease) => [lease.service, lease])),
    refused: new Map((kept?.refused ?? []).map(({ service, grant }): [string, Grant] => [service, grant])),
    gone: [],
    began: new Map(),
    heirs: [],
    waiters: [],
    sentMs: new Float64Array(RING).fill(Number.NEGATIVE_INFINITY),
    counters: {},
    alarms: new Map(),
    sequence: 0,
    nextBeatMs: nowMs,
    lastTickMs: nowMs,
    judgeFromMs: nowMs,
    health: 0,
    healthStepMs: nowMs,
    term: kept?.term ?? 0,
    director: kept?.director ?? 0,
    deputy: 0,
    elected: false,
    amnesiac: kept?.amnesiac ?? true,
    leaving: false,
    vouched: new Set(),
    named: kept?.named ?? { term: 0, index: 0, grants: [] },
    echoedSentMs: Number.NEGATIVE_INFINITY,
    renewedMs: new Map(),
    isolated: false,
    hears: { A: 0n, B: 0n },
    lastSaid: { bits: { A: 0n, B: 0n }, carrier: { ...life.carrier }, daemons: DAEMONS.length, term: 0, leases: 0n },
    lastExtraMs: Number.NEGATIVE_INFINITY,
    daemonsTold: DAEMONS.length,
    doubt: true,
    changed: true,
    reportDueMs: Number.POSITIVE_INFINITY,
  };
}

function newPeer(board: BoardId, nowMs: number): Peer {
  const never = Number.NEGATIVE_INFINITY;
  return {
    board,
    heardMs: { A: never, B: never },
    macs: { A: undefined, B: undefined },
    lastSequence: { A: -1, B: -1 },
    answeredMs: { A: never, B: never },
    oldBoots: [],
    beat: undefined,
    beatMs: never,
    paths: { A: false, B: false },
    verdict: 'unknown',
    sinceMs: nowMs,
    askedMs: never,
    asked: 0,
    pulseDead: false,
    echoedSentMs: never,
    echoedReceiptMs: 0,
    gone: new Map(),
  };
}

/** When this board's own beat of that number was sent; minus infinity when it was never, or is forgotten. */
export function sentAt(state: PulseState, sequence: number): number {
  const age = state.sequence - sequence;
  if (age < 0 || age >= RING || sequence < 1) return Number.NEGATIVE_INFINITY;
  return state.sentMs[sequence % RING] ?? Number.NEGATIVE_INFINITY;
}

export function rememberSent(state: PulseState, nowMs: number): void {
  state.sentMs[state.sequence % RING] = nowMs;
}

/** Whose votes count (R4): by the newest register that netrackd told of, and by the file before the first. */
export function votersOf(state: PulseState, config: PulseConfig): readonly BoardId[] {
  return state.named.voters ?? config.voters;
}

export function count(state: PulseState, code: string): void {
  state.counters[code] = (state.counters[code] ?? 0) + 1;
}

export function memoryOf(state: PulseState): PulseMemory {
  return {
    boot: state.boot,
    incarnation: state.incarnation,
    term: state.term,
    director: state.director,
    amnesiac: state.amnesiac,
    named: state.named,
    leases: [...state.leases.values()],
    refused: [...state.refused].map(([service, grant]) => ({ service, grant })),
  };
}

export function persist(state: PulseState): PulseEffect {
  return { kind: 'persist', memory: memoryOf(state) };
}

/** The newest own beat; minus infinity as its send time before the first. */
export function ownStamp(state: PulseState): Stamp & { sentMs: number } {
  const { boot, incarnation, sequence } = state;
  return { boot, incarnation, sequence, sentMs: sentAt(state, sequence) };
}
