import type { Body } from '../agentx/pdu.js';
import { type Asked, type Effect, type Notification, QUEUE_MAX, type State } from './types.js';

/** One step under way: what the functions of a step hand to each other. */
export interface Work {
  state: State;
  readonly effects: Effect[];
  readonly nowMs: number;
}

/** Sends something that will be answered. Network byte order, which costs the master nothing and reads well in captures. */
export function ask(work: Work, asked: Asked, body: Body): void {
  const { state, effects, nowMs } = work;
  const packet = (state.packet + 1) >>> 0;
  work.state = { ...state, packet, pending: new Map(state.pending).set(packet, { asked, sentMs: nowMs }) };
  effects.push({ kind: 'send', pdu: { session: state.session, transaction: packet, packet, order: 'big', ...body } });
}

/** Takes what this packet asked off the list; undefined where nobody waits for it. */
export function settle(work: Work, packet: number): Asked | undefined {
  const found = work.state.pending.get(packet);
  if (found === undefined) return undefined;
  const pending = new Map(work.state.pending);
  pending.delete(packet);
  work.state = { ...work.state, pending };
  return found.asked;
}

/** Notifications that were sent and not answered wait again, in front of the others. */
export function backToQueue(state: State): State {
  const unanswered = [...state.pending.values()].flatMap(({ asked }): Notification[] =>
    asked.kind === 'notify' ? [asked.notification] : [],
  );
  const queue = [...unanswered, ...state.queue];
  const over = Math.max(queue.length - QUEUE_MAX, 0);
  return { ...state, queue: queue.slice(over), dropped: state.dropped + over };
}
