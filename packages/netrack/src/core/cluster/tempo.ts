import { peerOf } from './state.js';
import type { ClusterConfig, ClusterState } from './types.js';

/**
 * Whether something waits for time, so that the next tick should come within an interval. A follower in calm weather is
 * woken by what happens, and needs a tick only to repeat itself now and then: on a board that shares its processors, a
 * hundred wakes a second for nothing are what a failover then queues behind.
 */
export function hurried(state: ClusterState, config: ClusterConfig): boolean {
  const { report, director } = state;
  if (!state.pulseUp || !report || state.role !== 'follower' || state.amnesiac) return true;
  if (state.troubleMs !== undefined || state.pendingVote || state.unkept || state.alarms.size > 0) return true;
  const leader = director === config.self ? undefined : peerOf(state, director);
  // Its silence is counted, and a report that it has not had goes again.
  return leader?.verdict !== 'up' || !leader.elected || leader.leaving || state.register.term !== state.term;
}
