import type { NetrackState, ServiceState } from '@softset/protocol';
import type { DirectorEvent, DirectorState, Telling } from './director-state.js';
import type { Turn } from './director-turn.js';

/**
 * Routers that hear of nothing by themselves are told by a declared command where each service is (002 ¶0047). For each
 * router and service:
 *
 *                 held by another board, or another term        ended with 0
 *     nothing ──────────────────────────────────────► asked ──────────────────► done
 *                                                      ▲ │ it did not: alarm     │ another board or term: asked
 *                                            after 5 s │ ▼                       ▼
 *                                                     failed
 *
 * One command at a time for each: two of them could overtake one another. What changed meanwhile is told when the first
 * has ended. A new director begins with nothing told, so that everything is asserted again under its term, and a router
 * refuses what an older one says late.
 */
export function tellRouters(turn: Turn, seen: NetrackState): void {
  for (const { name: router } of turn.config.cluster.routers ?? []) {
    for (const now of seen.services) {
      const board = now.phase === 'held' ? now.holder?.board : undefined;
      const before = turn.state.told[keyOf(router, now.service)];
      if (board === undefined || !isDue(before, now, seen.term, turn.nowMs)) continue;
      set(turn, { kind: 'asked', router, service: now.service, board, term: seen.term });
      turn.effects.push({ kind: 'tell', router, service: now.service, board, term: seen.term });
    }
  }
}

function isDue(before: Telling | undefined, now: ServiceState, term: number, nowMs: number): boolean {
  if (before === undefined) return true;
  if (before.kind === 'asked') return false;
  const news = before.board !== now.holder?.board || before.term !== term;
  return news || (before.kind === 'failed' && (before.againMs ?? 0) <= nowMs);
}

export function onTold(turn: Turn, event: Extract<DirectorEvent, { kind: 'told' }>): void {
  const { router, service, ok, message } = event;
  const telling = turn.state.told[keyOf(router, service)];
  if (telling?.kind !== 'asked') return;
  if (ok) {
    set(turn, { ...telling, kind: 'done' });
    const rest = Object.values(turn.state.told).some((one) => one.router === router && one.kind === 'failed');
    if (!rest && stands(turn, router)) alarm(turn, router, 'cleared', `router ${router} obeys again`);
    return;
  }
  set(turn, { ...telling, kind: 'failed', againMs: turn.nowMs + turn.config.fenceRetryMs });
  if (!stands(turn, router))
    alarm(turn, router, 'major', `router ${router} was not told where ${service} is: ${message}`);
}

function stands({ state }: Turn, router: string): boolean {
  return (
    state.seen?.alarms.some(({ object, cause }) => cause === 'ROUTER_NOT_TOLD' && object === `router/${router}`) ===
    true
  );
}

function alarm(turn: Turn, router: string, severity: 'major' | 'cleared', text: string): void {
  const object = `router/${router}`;
  turn.effects.push({ kind: 'alarm', object, cause: 'ROUTER_NOT_TOLD', severity, text: text.slice(0, 1000) });
}

function keyOf(router: string, service: string): string {
  return `${router} ${service}`;
}

function set(turn: Turn, telling: Telling): void {
  const key = keyOf(telling.router, telling.service);
  turn.state = { ...turn.state, told: { ...turn.state.told, [key]: telling } };
}

/** When routers that refused are told again. */
export function routerTimes({ told }: DirectorState): number[] {
  return Object.values(told).flatMap(({ againMs }) => againMs ?? []);
}
