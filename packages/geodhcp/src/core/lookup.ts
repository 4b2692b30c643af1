import { type Mac, unreachable } from '@softset/base';
import type { GeoSaid } from '@softset/protocol';
import type { SwitchPort } from './switch-view.js';

/**
 * One look-up of one MAC in all switches that may know it (002 ¶0052, ¶0053; Figs 13–15, second step).
 *
 *                 each switch answered, or grace over         found, unlearned
 *     asking ────────────────────────────────────────► done ◄──────────────────┐
 *       │  ▲ an uplink leads to a switch not asked yet   ▲                      │
 *       │  └──── ask it (each once: the loop guard)      │ deadline             │
 *       └── ambiguous, or unlearned the first time ──► resting ── again ──► asking
 *
 * Nothing is guessed: two access ports are asked about again, and stay ambiguous when the time is over. A switch that
 * does not answer leaves the question open (`unreachable`), unless another one has the MAC on an access port and the
 * silent one had its grace: not to know is another thing than to know that nobody has it.
 */
export type Answer =
  | { readonly kind: 'ports'; readonly ports: readonly SwitchPort[] }
  | { readonly kind: 'failed'; readonly why: string };

export type Located =
  | { readonly kind: 'port'; readonly switch: string; readonly port: SwitchPort; readonly evidence: readonly GeoSaid[] }
  | { readonly kind: 'unlearned' | 'ambiguous' | 'unreachable'; readonly evidence: readonly GeoSaid[] };

export interface LookupConfig {
  readonly budgetMs: number;
  /** How long an access port that was found waits for switches that are silent. */
  readonly graceMs: number;
  /** Pause before asking again. */
  readonly againMs: number;
}

export interface Lookup {
  readonly mac: Mac;
  readonly startedMs: number;
  readonly round: number;
  readonly asked: ReadonlyMap<string, number>;
  readonly answers: ReadonlyMap<string, { readonly answer: Answer; readonly ms: number }>;
  /** Set while resting. */
  readonly againAtMs?: number;
  /** When the first access port was heard of in this round. */
  readonly accessAtMs?: number;
  readonly first: readonly string[];
}

export type LookupEvent =
  | { readonly kind: 'answered'; readonly switch: string; readonly round: number; readonly answer: Answer }
  | { readonly kind: 'tick' };

export type LookupEffect =
  | { readonly kind: 'ask'; readonly switch: string; readonly round: number }
  | { readonly kind: 'arm'; readonly atMs: number }
  | { readonly kind: 'done'; readonly located: Located };

export interface LookupStep {
  readonly state: Lookup;
  readonly effects: readonly LookupEffect[];
}

/** Asking twice is enough: a table that is still behind will be asked by the client's next message. */
const ROUNDS_MAX = 2;

export function defaultLookup(budgetMs: number): LookupConfig {
  return { budgetMs, graceMs: Math.min(200, budgetMs / 4), againMs: Math.min(150, budgetMs / 4) };
}

/** Asks `switches` at once. */
export function beginLookup(mac: Mac, switches: readonly string[], nowMs: number, config: LookupConfig): LookupStep {
  const state: Lookup = { mac, startedMs: nowMs, round: 0, asked: new Map(), answers: new Map(), first: switches };
  return nextRound(state, nowMs, config);
}

function nextRound(was: Lookup, nowMs: number, config: LookupConfig): LookupStep {
  const { againAtMs: _, accessAtMs: __, ...rest } = was;
  const round = was.round + 1;
  const asked = new Map(was.first.map((name) => [name, nowMs]));
  const state: Lookup = { ...rest, round, asked, answers: new Map() };
  const asks = was.first.map((name): LookupEffect => ({ kind: 'ask', switch: name, round }));
  return settle(state, asks, nowMs, config);
}

export function stepLookup(was: Lookup, event: LookupEvent, nowMs: number, config: LookupConfig): LookupStep {
  switch (event.kind) {
    case 'answered': {
      const since = was.asked.get(event.switch);
      const stale = event.round !== was.round || since === undefined || was.answers.has(event.switch);
      if (stale || was.againAtMs !== undefined) return { state: was, effects: [] };
      const answers = new Map(was.answers).set(event.switch, { answer: event.answer, ms: nowMs - since });
      const asked = new Map(was.asked);
      const asks: LookupEffect[] = [];
      if (event.answer.kind === 'ports') {
        for (const { uplink } of event.answer.ports) {
          if (uplink === undefined || uplink === '' || asked.has(uplink)) continue;
          asked.set(uplink, nowMs);
          asks.push({ kind: 'ask', switch: uplink, round: was.round });
        }
      }
      return settle({ ...was, answers, asked }, asks, nowMs, config);
    }
    case 'tick':
      if (was.againAtMs !== undefined && nowMs >= was.againAtMs && nowMs < was.startedMs + config.budgetMs)
        return nextRound(was, nowMs, config);
      return settle(was, [], nowMs, config);
    default:
      return unreachable(event, 'lookup event');
  }
}

function settle(was: Lookup, asks: readonly LookupEffect[], nowMs: number, config: LookupConfig): LookupStep {
  const endMs = was.startedMs + config.budgetMs;
  const over = nowMs >= endMs;
  const access = accessPorts(was);
  const state =
    access.length > 0 && was.accessAtMs === undefined && was.againAtMs === undefined
      ? { ...was, accessAtMs: nowMs }
      : was;
  const waits = state.answers.size < state.asked.size;
  const graceAtMs = state.accessAtMs === undefined ? Number.POSITIVE_INFINITY : state.accessAtMs + config.graceMs;
  const wait = (atMs: number, next: Lookup = state): LookupStep => ({
    state: next,
    effects: [...asks, { kind: 'arm', atMs: Math.min(atMs, endMs) }],
  });
  if (state.againAtMs !== undefined && !over) return wait(state.againAtMs);
  if (waits && !over && nowMs < graceAtMs) return wait(graceAtMs);
  const located = verdict(state, access, over, nowMs);
  const retry = located.kind === 'ambiguous' || located.kind === 'unlearned';
  if (retry && !over && state.round < ROUNDS_MAX && nowMs + config.againMs < endMs) {
    const againAtMs = nowMs + config.againMs;
    return wait(againAtMs, { ...state, againAtMs });
  }
  return { state, effects: [...asks, { kind: 'done', located }] };
}

function accessPorts(state: Lookup): { readonly name: string; readonly port: SwitchPort }[] {
  return [...state.answers].flatMap(([name, { answer }]) =>
    answer.kind === 'ports'
      ? answer.ports.filter(({ uplink }) => uplink === undefined).map((port) => ({ name, port }))
      : [],
  );
}

function verdict(state: Lookup, access: ReturnType<typeof accessPorts>, over: boolean, nowMs: number): Located {
  const evidence = told(state, over, nowMs);
  const [only, second] = access;
  if (second !== undefined) return { kind: 'ambiguous', evidence };
  if (only !== undefined) return { kind: 'port', switch: only.name, port: only.port, evidence };
  const allSaid = [...state.asked.keys()].every((name) => state.answers.get(name)?.answer.kind === 'ports');
  return { kind: allSaid && state.asked.size > 0 ? 'unlearned' : 'unreachable', evidence };
}

function told(state: Lookup, over: boolean, nowMs: number): GeoSaid[] {
  return [...state.asked].map(([name, sinceMs]): GeoSaid => {
    const heard = state.answers.get(name);
    // Who had the whole time and said nothing is silent, whatever his agent would have said a moment later.
    if (heard === undefined && over)
      return { switch: name, said: 'no answer (timeout)', ms: Math.round(nowMs - sinceMs) };
    if (heard === undefined) return { switch: name, said: 'no answer yet', ms: 0 };
    const ms = Math.round(heard.ms * 10) / 10;
    const { answer } = heard;
    if (answer.kind === 'failed') return { switch: name, said: `no answer (${answer.why})`, ms };
    const said = answer.ports.map(({ name: port, uplink }) => `${uplink === undefined ? 'port' : 'uplink'} ${port}`);
    return { switch: name, said: said.join(', ') || 'nothing', ms };
  });
}
