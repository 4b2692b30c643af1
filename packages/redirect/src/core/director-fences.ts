import {
  type BoardId,
  boardById,
  type FenceMeans,
  type NetrackState,
  type Service,
  type ServiceState,
} from '@softset/protocol';
import type { DirectorEvent, Fencing } from './director-state.js';
import type { Turn } from './director-turn.js';

/**
 * Fencing: the power of a board that is gone, and held what is to be fenced, is taken away by a declared command, or it
 * is cut off at its switches, the last resort. Services that ask for both have both tried, power first: either is enough.
 *
 *     gone, held a fenced service        one of the means worked
 *     ──────────────────────────► asked ───────────────────────► done ──► netrackd: it holds nothing (M1)
 *                                   ▲ │ it did not: alarm          │
 *                         after 5 s │ ▼                            │ it is heard again
 *                                  failed ─────────────────────────┴──► nothing
 *
 * A fast service moves meanwhile as it would without; a strict one waits for the fence, or for a confirmation. A new
 * director fences anew: to take power from what has none is no harm. A board that was cut off comes back when an operator
 * puts its ports up, and not before: the alarm FENCED stands until it is heard again (ADR 0046).
 */
export function fence(turn: Turn, seen: NetrackState): void {
  const { cluster } = turn.config;
  for (const [key, fencing] of Object.entries(turn.state.fences)) {
    const board = Number(key);
    if (fencing.kind === 'asked' || isGone(seen, board, turn.nowMs, 0)) continue;
    set(turn, board, undefined);
  }
  // Whoever directs, by the register: another may have raised them.
  for (const { board, verdict } of seen.boards) {
    if (turn.state.fences[board] !== undefined || (verdict !== 'up' && verdict !== 'self')) continue;
    for (const cause of CAUSES) {
      if (stands(seen, board, cause)) alarm(turn, board, cause, 'cleared', `${nameOf(turn, board)} is heard again`);
    }
  }
  for (const service of cluster.services) {
    if (service.fencing === undefined) continue;
    const now = seen.services.find((entry) => entry.service === service.name);
    for (const board of suspects(turn, service, now)) {
      const fencing = turn.state.fences[board];
      const due = fencing === undefined || (fencing.kind === 'failed' && fencing.againMs <= turn.nowMs);
      // What merely stalls is given time: its lease ends first, and it may come back by itself.
      if (!due || !isGone(seen, board, turn.nowMs, 2 * cluster.timing.leaseMs)) continue;
      set(turn, board, { kind: 'asked' });
      const means = meansOf(turn, seen, board);
      turn.effects.push({ kind: 'fence', board, means, why: `it held ${service.name}, and is gone` });
    }
  }
}

const CAUSES = ['FENCE_FAILED', 'FENCED'] as const;
type Cause = (typeof CAUSES)[number];
const MEANS: readonly FenceMeans[] = ['power', 'switch-port'];

/** What the services that it held ask for. */
function meansOf(turn: Turn, seen: NetrackState, board: BoardId): FenceMeans[] {
  const asked = turn.config.cluster.services.flatMap((service) => {
    const now = seen.services.find((entry) => entry.service === service.name);
    return suspects(turn, service, now).includes(board) ? (service.fencing ?? []) : [];
  });
  return MEANS.filter((means) => asked.includes(means));
}

/** Boards that may answer for the service: by the register, and who held it when it was last seen held. */
function suspects({ state }: Turn, service: Service, now: ServiceState | undefined): BoardId[] {
  const named = [now?.holder?.board, now?.next?.board, state.history.holders[service.name]];
  return [...new Set(named.flatMap((board) => board ?? []))];
}

/** Down, or for so long stalled or unheard. */
function isGone(seen: NetrackState, board: BoardId, nowMs: number, afterMs: number): boolean {
  const entry = seen.boards.find((one) => one.board === board);
  if (entry?.verdict === 'down') return true;
  const quiet = entry?.verdict === 'stalled' || entry?.verdict === 'unheard';
  return quiet && entry !== undefined && nowMs - entry.sinceMs >= afterMs;
}

export function onFenced(turn: Turn, { board, ok, means, message }: Extract<DirectorEvent, { kind: 'fenced' }>): void {
  const name = nameOf(turn, board);
  // Asked under an earlier term of office, or heard of again meanwhile.
  if (turn.state.fences[board]?.kind !== 'asked') return;
  if (ok) {
    set(turn, board, { kind: 'done' });
    turn.effects.push({ kind: 'tell-fenced', board });
    if (turn.state.seen && stands(turn.state.seen, board, 'FENCE_FAILED'))
      alarm(
        turn,
        board,
        'FENCE_FAILED',
        'cleared',
        means === 'power' ? `${name} has no power any more` : `${name} is cut off`,
      );
    if (means === 'switch-port')
      alarm(
        turn,
        board,
        'FENCED',
        'major',
        `${name} is cut off at its switches: once it was restarted or looked at, softset board unfence ${name}`,
      );
    return;
  }
  set(turn, board, { kind: 'failed', againMs: turn.nowMs + turn.config.fenceRetryMs });
  alarm(
    turn,
    board,
    'FENCE_FAILED',
    'critical',
    `${name} could not be fenced, and strict services that it held do not move: ${message}`,
  );
}

function stands(seen: NetrackState, board: BoardId, wanted: Cause): boolean {
  const name = seen.boards.find((one) => one.board === board)?.name;
  return seen.alarms.some(({ object, cause }) => cause === wanted && object === `board/${name}`);
}

function alarm(
  turn: Turn,
  board: BoardId,
  cause: Cause,
  severity: 'critical' | 'major' | 'cleared',
  text: string,
): void {
  const object = `board/${nameOf(turn, board)}`;
  turn.effects.push({ kind: 'alarm', object, cause, severity, text: text.slice(0, 1000) });
}

function nameOf({ config }: Turn, board: BoardId): string {
  return boardById(config.cluster, board)?.name ?? `${board}`;
}

function set(turn: Turn, board: BoardId, fencing: Fencing | undefined): void {
  const { [board]: _, ...others } = turn.state.fences;
  turn.state = { ...turn.state, fences: fencing === undefined ? others : { ...others, [board]: fencing } };
}

/** When fences are to be looked at again. */
export function fenceTimes(state: Turn['state'], { cluster }: Turn['config']): number[] {
  if (cluster.services.every(({ fencing }) => fencing === undefined) || state.seen === undefined) return [];
  const stalled = state.seen.boards.filter(({ verdict }) => verdict === 'stalled' || verdict === 'unheard');
  return [
    ...Object.values(state.fences).flatMap((one) => (one.kind === 'failed' ? [one.againMs] : [])),
    ...stalled.map(({ sinceMs }) => sinceMs + 2 * cluster.timing.leaseMs),
  ];
}
