import { assert } from '@softset/base';
import type { Network, Order, OrderOutcome, OrderRefusal } from '@softset/protocol';
import type {
  AgentAlarm,
  AgentConfig,
  AgentEffect,
  AgentService,
  AgentState,
  Phase,
  ServiceWork,
} from './agent-state.js';

/** One step of the agent in the making: the parts of the core change `state` and add to `effects`. */
export interface Turn {
  state: AgentState;
  readonly effects: AgentEffect[];
  readonly nowMs: number;
  readonly config: AgentConfig;
}

/** The service's description; undefined when the cluster file has no such service. */
export function describe(turn: Turn, service: string): AgentService | undefined {
  return turn.config.services.find((entry) => entry.service === service);
}

export function workOf(turn: Turn, service: string): ServiceWork {
  const work = turn.state.services[service];
  assert(work !== undefined, `the agent knows service ${service}`);
  return work;
}

export function change(turn: Turn, service: string, part: Partial<ServiceWork>): void {
  const work = { ...workOf(turn, service), ...part };
  turn.state = { ...turn.state, services: { ...turn.state.services, [service]: work } };
}

export function setPhase(turn: Turn, service: string, phase: Phase): void {
  // Only what is held is announced: a round that outlived its address would draw traffic to a board that drops it.
  change(turn, service, phase.kind === 'held' ? { phase } : { phase, rounds: [] });
}

export function nextRequest(turn: Turn): number {
  const requests = turn.state.requests + 1;
  turn.state = { ...turn.state, requests };
  return requests;
}

/** Announces at once and plans the rounds. */
export function announceAll(turn: Turn, service: string, network: Network): void {
  const { roundsMs } = turn.config;
  announce(turn, service, network);
  change(turn, service, { rounds: roundsMs.map((afterMs) => turn.nowMs + afterMs) });
}

export function announce(turn: Turn, service: string, network: Network): void {
  const about = describe(turn, service);
  if (about?.announced !== true) return;
  const { addresses, mac } = about;
  turn.effects.push({ kind: 'announce', service, network, addresses, ...(mac === undefined ? {} : { mac }) });
  change(turn, service, { announcedMs: turn.nowMs });
}

export function refusal(order: Order, code: OrderRefusal, message: string): OrderOutcome {
  return { service: order.service, grant: order.grant, term: order.term, result: 'refused', code, message };
}

export function conclude(turn: Turn, outcome: OrderOutcome): void {
  turn.effects.push({ kind: 'outcome', outcome });
}

export function raise(
  turn: Turn,
  service: string,
  cause: AgentAlarm,
  severity: 'critical' | 'major',
  text: string,
): void {
  const { alarms } = workOf(turn, service);
  if (alarms.includes(cause)) return;
  change(turn, service, { alarms: [...alarms, cause] });
  turn.effects.push({ kind: 'alarm', alarm: { object: `service/${service}`, cause, severity, text } });
}

export function clear(turn: Turn, service: string, cause: AgentAlarm, text: string): void {
  const { alarms } = workOf(turn, service);
  if (!alarms.includes(cause)) return;
  change(turn, service, { alarms: alarms.filter((entry) => entry !== cause) });
  turn.effects.push({ kind: 'alarm', alarm: { object: `service/${service}`, cause, severity: 'cleared', text } });
}
