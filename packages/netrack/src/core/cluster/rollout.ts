import type { Rollout, RolloutWish } from '@softset/protocol';
import { shortHash } from '@softset/protocol/kept-configuration.js';
import { amend } from './register.js';
import { peerOf } from './state.js';
import type { ClusterConfig, ClusterEffect, ClusterState } from './types.js';
import { directing } from './view.js';
import { settled } from './votes.js';

/**
 * Which configuration all boards are to run is an entry of the register, so that it is all or none: what a majority has
 * is never lost (R1, R3), and what it has not, nobody acts on.
 *
 * ```
 *   none, kept ──commit──► deciding ──a majority has it──► trial ──confirm──► kept
 *                             ▲  └──confirmMs 0──► kept      │
 *                             └──── rollback, or not confirmed in time: the next version, of what ran before
 * ```
 * `trial` and `kept` are written only after a majority had `deciding`: whoever reads one of them, from a write that is
 * itself lost, reads what is decided.
 */
export function wishRollout(
  state: ClusterState,
  { id, wish, who }: { readonly id: string; readonly wish: RolloutWish; readonly who: string },
  nowMs: number,
  config: ClusterConfig,
): ClusterEffect[] {
  const { lead } = state;
  const { rollout } = state.register;
  const refuse = (message: string): ClusterEffect[] => [{ kind: 'answer-wish', id, ok: false, message }];
  if (!lead || !directing(state, nowMs)) return refuse('NOT_DIRECTOR: this board does not direct now; try again');
  if (rollout?.phase === 'deciding')
    return refuse('CONFIG_BUSY: a majority does not have the last wish yet; try again');
  const next = decide(state, rollout, wish, who, config);
  if (typeof next === 'string') return refuse(next);
  const index = amend(state, (register) => ({ ...register, rollout: next.rollout }));
  lead.clears.set(id, { index, message: next.message });
  return [{ kind: 'log', event: 'configuration-decided', fields: { ...next.rollout } }];
}

function decide(
  state: ClusterState,
  rollout: Rollout | undefined,
  wish: RolloutWish,
  who: string,
  config: ClusterConfig,
): string | { readonly rollout: Rollout; readonly message: string } {
  const version = (rollout?.version ?? 0) + 1;
  switch (wish.kind) {
    case 'commit': {
      const { hash, before, confirmMs } = wish;
      if (rollout?.phase === 'trial')
        return `CONFIG_BUSY: version ${rollout.version} is on trial; confirm it or roll it back first`;
      return { rollout: { version, hash, before, phase: 'deciding', confirmMs, who }, message: `version ${version}` };
    }
    case 'confirm': {
      if (rollout?.phase !== 'trial') return 'CONFIG_NOT_ON_TRIAL: nothing waits to be confirmed';
      const behind = notRunning(state, rollout.hash, config);
      if (behind.length > 0) return `CONFIG_NOT_RUNNING: ${behind.join(', ')} does not run it yet`;
      return { rollout: { ...rollout, phase: 'kept', who }, message: `version ${rollout.version} is kept` };
    }
    case 'rollback':
      if (rollout === undefined) return 'CONFIG_NOTHING_BEFORE: nothing was ever rolled out';
      return {
        rollout: { version, hash: rollout.before, before: rollout.hash, phase: 'deciding', confirmMs: 0, who },
        message: `version ${version} brings back what ran before version ${rollout.version}`,
      };
  }
}

/** Boards that are there and run something else: what nobody could try is not to be kept. */
function notRunning(state: ClusterState, hash: string, config: ClusterConfig): string[] {
  const wanted = shortHash(hash);
  return config.cluster.boards
    .filter(({ id }) => {
      if (id === config.self) return config.configuration !== undefined && config.configuration !== wanted;
      const peer = peerOf(state, id);
      return peer !== undefined && peer.verdict !== 'down' && peer.verdict !== 'unknown' && peer.config !== wanted;
    })
    .map(({ name }) => name);
}

/** Once a majority has the decision, it holds. A new director finishes what it finds. */
export function tendRollout(state: ClusterState): ClusterEffect[] {
  const { rollout } = state.register;
  if (rollout?.phase !== 'deciding' || !settled(state)) return [];
  const phase = rollout.confirmMs > 0 ? 'trial' : 'kept';
  amend(state, (register) => ({ ...register, rollout: { ...rollout, phase } }));
  return [{ kind: 'log', event: 'configuration-rolls-out', fields: { ...rollout, phase } }];
}
