import { bit, NETWORKS, type Verdict } from '@softset/protocol';
import { notePath, noteVerdict } from './news.js';
import { votersOf } from './state.js';
import type { Peer, PulseConfig, PulseEffect, PulseState } from './types.js';

/** Silences, in intervals: ask its kernel, then call the path down and judge the board. */
export const ASK_AFTER = 2;
export const DOWN_AFTER = 3;
/** A kernel's answer speaks for this many intervals. */
const ANSWER_HOLDS = 4;

/**
 * Who is up. Runs after every drained batch of datagrams and on every deadline; all state of a verdict is here:
 *
 * ```
 *              heard on a network
 *   unknown ──────────────────────► up ◄──────────────────────────────┐
 *      │                            │ silent on both, 2 intervals      │ heard
 *      │ 3 intervals                ▼                                  │
 *      │                          silent ── asks its kernel, twice ────┤
 *      │                            │ 3 intervals                      │
 *      │        kernel answers      │       no answer                  │
 *      │        ┌───────────────────┴───────────────┐                  │
 *      │        ▼                                   ▼                  │
 *      │     stalled ◄── answers / answers no more ─► unheard ─────────┤  a board in view reaches it
 *      └──────────────────────────────────────────► down ─────────────┘  nobody in view does
 * ```
 * After a stall of this board's own loop all silences are counted afresh: it has not listened, so it knows nothing.
 */
export function judge(state: PulseState, nowMs: number, config: PulseConfig): PulseEffect[] {
  const effects: PulseEffect[] = [];
  for (const peer of state.peers.values()) {
    const intervalMs = intervalOf(peer, config);
    let moved = false;
    for (const network of NETWORKS) {
      // Our own stall excuses a silence, but makes nobody heard who was not.
      const quiet = peer.paths[network] ? silentMs(state, peer, network, nowMs) : nowMs - peer.heardMs[network];
      const up = quiet < DOWN_AFTER * intervalMs && state.carrier[network] && peer.beat?.carrier[network] !== false;
      if (peer.paths[network] !== up) {
        peer.paths = { ...peer.paths, [network]: up };
        state.hears = { ...state.hears, [network]: state.hears[network] ^ bit(peer.board) };
        moved = true;
      }
    }
    if (moved) notePath(state, peer, nowMs, config);
    effects.push(...ask(state, peer, nowMs, intervalMs));
  }
  // Second pass: whether others reach a board is asked of those who are up by their own beats.
  for (const peer of state.peers.values()) {
    const verdict = verdictOf(state, peer, nowMs, config);
    if (verdict === peer.verdict) continue;
    effects.push({
      kind: 'log',
      event: 'verdict',
      fields: { peer: peer.board, from: peer.verdict, to: verdict, silentMs: Math.round(quietMs(state, peer, nowMs)) },
    });
    peer.verdict = verdict;
    peer.sinceMs = nowMs;
    noteVerdict(state, peer, nowMs, config);
  }
  return [...effects, ...judgeSelf(state, nowMs, config)];
}

function intervalOf(peer: Peer, config: PulseConfig): number {
  return Math.max(config.timing.intervalMs, peer.beat?.intervalMs ?? 0);
}

function silentMs(state: PulseState, peer: Peer, network: 'A' | 'B', nowMs: number): number {
  return nowMs - Math.max(peer.heardMs[network], state.judgeFromMs);
}

/** Silence on both networks. */
export function quietMs(state: PulseState, peer: Peer, nowMs: number): number {
  return Math.min(silentMs(state, peer, 'A', nowMs), silentMs(state, peer, 'B', nowMs));
}

/** Twice half an interval apart, then every second interval while it stays silent: its kernel may die yet. */
function ask(state: PulseState, peer: Peer, nowMs: number, intervalMs: number): PulseEffect[] {
  if (quietMs(state, peer, nowMs) < ASK_AFTER * intervalMs) {
    peer.asked = 0;
    return [];
  }
  const pauseMs = peer.asked < 2 ? intervalMs / 2 : 2 * intervalMs;
  if (peer.asked > 0 && nowMs - peer.askedMs < pauseMs) return [];
  peer.asked++;
  peer.askedMs = nowMs;
  return NETWORKS.filter((network) => state.carrier[network]).map((network) => ({
    kind: 'ask',
    network,
    board: peer.board,
  }));
}

function verdictOf(state: PulseState, peer: Peer, nowMs: number, config: PulseConfig): Verdict {
  const intervalMs = intervalOf(peer, config);
  const heardMs = Math.max(peer.heardMs.A, peer.heardMs.B);
  if (nowMs - heardMs < ASK_AFTER * intervalMs) return 'up';
  const quiet = quietMs(state, peer, nowMs);
  if (quiet < DOWN_AFTER * intervalMs) {
    // Not judged afresh yet. What was said of it before our own stall stands, and only a beat makes it up again.
    if (peer.verdict !== 'up' && peer.verdict !== 'silent') return peer.verdict;
    return quiet < ASK_AFTER * intervalMs ? 'up' : 'silent';
  }
  if (kernelAnswers(peer, nowMs, intervalMs)) return 'stalled';
  // Both questions must have gone out and had their time: a late loop may come here before it asked.
  const asked = peer.asked >= 2 && nowMs - peer.askedMs >= intervalMs / 4;
  if (!asked && !config.without.has('drain')) return peer.verdict === 'up' ? 'silent' : peer.verdict;
  const me = bit(peer.board);
  for (const other of state.peers.values()) {
    if (other.board === peer.board || other.beat === undefined || other.verdict !== 'up') continue;
    if (((other.beat.hears.A | other.beat.hears.B | other.beat.kernels) & me) !== 0n) return 'unheard';
  }
  return 'down';
}

export function kernelAnswers(peer: Peer, nowMs: number, intervalMs: number): boolean {
  const answered = Math.max(peer.answeredMs.A, peer.answeredMs.B);
  return answered > Math.max(peer.heardMs.A, peer.heardMs.B) && nowMs - answered < ANSWER_HOLDS * intervalMs;
}

/**
 * Isolated: it hears nobody, nobody's kernel answers, and its own vote is no majority. The others will give its
 * addresses away, so it falls silent at once instead of waiting for its leases to end.
 */
function judgeSelf(state: PulseState, nowMs: number, config: PulseConfig): PulseEffect[] {
  const voters = votersOf(state, config);
  const aloneIsMajority = voters.length === 1 && voters[0] === config.self;
  let isolated = !aloneIsMajority && state.peers.size > 0;
  for (const peer of state.peers.values()) {
    if (
      peer.verdict === 'up' ||
      peer.verdict === 'silent' ||
      peer.verdict === 'stalled' ||
      peer.verdict === 'unknown'
    ) {
      isolated = false;
    }
  }
  if (isolated === state.isolated) return [];
  state.isolated = isolated;
  state.changed = true;
  return [{ kind: 'log', event: isolated ? 'isolated' : 'not-isolated', fields: { atMs: Math.round(nowMs) } }];
}
