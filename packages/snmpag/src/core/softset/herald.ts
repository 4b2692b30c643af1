import { type BoardId, boardById, type Cluster, type NetrackState } from '@softset/protocol';
import { type AlarmNumbers, noAlarmNumbers, numberAlarms } from './alarm-numbers.js';
import { type Notice, notices } from './notices.js';
import { noSpans, type Spans, serviceSpans } from './spans.js';
import { boardState } from './tables.js';

/**
 * Who tells. Two control boards see the same and run one agent each, and the operator wants one notification:
 *
 *     the director's agent tells at once;
 *     another tells nothing while it sees the director up: that one has seen it, too;
 *     while there is no director, or the director itself is in doubt, it keeps what it would tell, for it may be the
 *     next director; after HOLD_MS without one it tells all the same: better twice than never.
 *
 * The first state of a life, and the first after netrackd was away, is where it begins: what happened before is in the
 * tables, and is not told as if it were news.
 */
export interface Herald {
  readonly last: NetrackState | undefined;
  readonly numbers: AlarmNumbers;
  readonly spans: Spans;
  readonly held: readonly HeldNotice[];
}

export interface HeldNotice {
  readonly notice: Notice;
  readonly sinceMs: number;
}

export const HOLD_MS = 2_000;
export const HELD_MAX = 256;

export const silentHerald: Herald = { last: undefined, numbers: noAlarmNumbers, spans: noSpans, held: [] };

type Told = { readonly herald: Herald; readonly tell: readonly Notice[] };

export function onState(before: Herald, cluster: Cluster, self: BoardId, is: NetrackState, nowMs: number): Told {
  const was = before.last;
  const numbers = numberAlarms(before.numbers, is.alarms);
  const both = { last: numbers.last, byKey: new Map([...before.numbers.byKey, ...numbers.byKey]) };
  const news = was === undefined ? [] : notices(cluster, was, is, { numbers: both, spans: before.spans });
  const held = [...before.held, ...news.map((notice) => ({ notice, sinceMs: nowMs }))].slice(-HELD_MAX);
  return settle({ last: is, numbers, spans: serviceSpans(before.spans, is), held }, cluster, self, nowMs);
}

/** netrackd went away: what it says next is a beginning. What was held is told if nobody else comes to do it. */
export function onLost(before: Herald): Herald {
  return { ...before, last: undefined, spans: noSpans };
}

/** Time passes; to be called at `wakeMs`. */
export function onTick(before: Herald, cluster: Cluster, self: BoardId, nowMs: number): Told {
  return settle(before, cluster, self, nowMs);
}

/** When held notices are told for want of a director; Infinity for none. */
export function wakeMs({ held }: Herald): number {
  return Math.min(Number.POSITIVE_INFINITY, ...held.map(({ sinceMs }) => sinceMs + HOLD_MS));
}

function settle(herald: Herald, cluster: Cluster, self: BoardId, nowMs: number): Told {
  const { last, held } = herald;
  if (held.length === 0) return { herald, tell: [] };
  const duty = last === undefined ? 'wait' : dutyOf(last, cluster, self);
  if (duty === 'tell') return { herald: { ...herald, held: [] }, tell: held.map(({ notice }) => notice) };
  if (duty === 'leave') return { herald: { ...herald, held: [] }, tell: [] };
  const due = held.filter(({ sinceMs }) => nowMs - sinceMs >= HOLD_MS);
  const rest = held.filter(({ sinceMs }) => nowMs - sinceMs < HOLD_MS);
  return { herald: { ...herald, held: rest }, tell: due.map(({ notice }) => notice) };
}

function dutyOf(state: NetrackState, cluster: Cluster, self: BoardId): 'tell' | 'leave' | 'wait' {
  if (state.director === self) return 'tell';
  const director = state.boards.find(({ board }) => board === state.director);
  if (director === undefined || boardState(director.verdict) !== 'up') return 'wait';
  // Only a control board has an agent: a director of another kind, such as a witness, tells nobody.
  return hasAgent(cluster, director.board) ? 'leave' : 'wait';
}

/** Boards that run this agent: those that the cluster file names, else every control board. */
export function hasAgent(cluster: Cluster, board: BoardId): boolean {
  return cluster.snmp?.boards.includes(board) ?? boardById(cluster, board)?.role === 'control';
}
