import type { AgentEvent, Answer, Watch } from './agent-state.js';
import { announce, change, clear, describe, raise, type Turn, workOf } from './agent-turn.js';

/** Rounds for which an address is asked for; as many silent ones end a watch, and clear the alarm. */
const ROUNDS = 3;
/** What is held is asked for again after so many rounds: a stranger that comes later says nothing by itself. */
const AGAIN = 30;

/**
 * Does somebody else answer for what this board holds? Whoever takes an address asks first (M6), but for a millisecond
 * or two only: an answer may come later, and a stranger too. So the segments are looked at once a second, a *round*
 * (after RFC 5227 §2.4, where we never give the address up: our lease says that it is ours):
 *
 * ```
 *            taken, or asked again        a stranger heard
 *   nothing ───────────────────────► watched ────────────► suspected
 *      ▲                            │  ▲  nobody │              │ heard in the next round too, or at the taking (M6)
 *      └────── silent for ROUNDS ───┘  └─────────┘              ▼
 *      └────── cleared ◄──── silent for ROUNDS ──────────── alarmed: names the MAC
 * ```
 * Twice, because the MAC of a board that was replaced a moment ago is a stranger's until its next ARP.
 */
export function onRound(turn: Turn, { answers }: Extract<AgentEvent, { kind: 'round' }>): void {
  for (const service of Object.keys(turn.state.services)) {
    const { phase, watch, alarms } = workOf(turn, service);
    const alarmed = alarms.includes('ADDRESS_IN_USE');
    if (phase.kind !== 'held' && !alarmed) {
      if (watch) change(turn, service, { watch: undefined });
      continue;
    }
    const addresses = describe(turn, service)?.addresses ?? [];
    const mac = describe(turn, service)?.mac;
    const heard = answers.find(
      (answer) => addresses.includes(answer.ip) && answer.mac !== mac && isStranger(turn, answer),
    );
    const next = after(watch ?? { heard: 0, left: 0, sinceRounds: 0 }, heard !== undefined);
    if (heard && next.heard >= 2) nameStranger(turn, service, heard, 'no board of the cluster');
    if (next.left === 0) clear(turn, service, 'ADDRESS_IN_USE', `nobody else answers for ${service}`);
    change(turn, service, { watch: next });
    if (next.left > 0) turn.effects.push({ kind: 'probe', addresses });
    // Answers leave with the device's own MAC: switches forget the other where nothing is heard of it.
    const begins = next.left === ROUNDS && heard === undefined;
    if (begins && phase.kind === 'held' && mac !== undefined) announce(turn, service, phase.network);
  }
}

function after({ heard, left, sinceRounds }: Watch, again: boolean): Watch {
  if (again) return { heard: heard + 1, left: ROUNDS, sinceRounds: 0 };
  if (left > 0) return { heard: 0, left: left - 1, sinceRounds: 0 };
  return sinceRounds + 1 < AGAIN ? { heard: 0, left: 0, sinceRounds: sinceRounds + 1 } : watched();
}

/** A watch that begins. */
export function watched(): Watch {
  return { heard: 0, left: ROUNDS, sinceRounds: 0 };
}

function isStranger({ state: { macs } }: Turn, { mac }: Answer): boolean {
  return !macs.own.includes(mac) && !macs.boards.some((entry) => entry.mac === mac);
}

export function nameStranger(turn: Turn, service: string, { ip, network, mac }: Answer, whose: string): void {
  raise(turn, service, 'ADDRESS_IN_USE', 'critical', `${ip} is answered on network ${network} by ${mac}: ${whose}`);
}
