import { type BoardId, compareVersions, type Register } from '@softset/protocol';
import { endOfWait } from './awake.js';
import { hearOfRegister } from './force.js';
import { majorityOf, membershipOf, voters, withServices } from './state.js';
import type { ClusterConfig, ClusterEffect, ClusterState } from './types.js';

/** Pause between questions, ms. */
const ASK_EVERY_MS = 50;

/**
 * A board without a vote record abstains from everything (T4) until two leases have passed and boards with a majority
 * of votes, itself not counted and none of them amnesiac, have answered its new life (T5). Then it votes in higher
 * terms only: in those that it may have forgotten it could vote, or even have directed, a second time.
 */
export function tendAmnesia(state: ClusterState, nowMs: number, config: ClusterConfig): ClusterEffect[] {
  if (!state.amnesiac || !state.report) return [];
  const { boot, incarnation } = state.report;
  // R4: whose votes count is what the newest register says that anybody told of, and not the cluster file.
  const counted = { register: withServices(newestRegister(state), config) };
  const answered = voters(counted, config).filter(
    (id) => id !== config.self && state.amnesia.answered.get(id) === true,
  );
  const longEnough = nowMs >= endOfWait(state, state.amnesia.sinceMs, 2 * config.cluster.timing.leaseMs);
  if (config.without.has('T5') || (longEnough && answered.length >= majorityOf(counted, config))) {
    // On disk before it votes again (R2): a board that forgot whose votes count could make a majority of the old ones.
    const { register } = counted;
    const membership = membershipOf(register);
    if (register.term > 0 && membership !== state.keptMembership && !config.without.has('T5')) {
      if (state.unkept !== undefined) return [];
      state.register = register;
      state.unkept = { term: register.term, index: register.index, membership };
      return [{ kind: 'keep-register', register, answer: true }];
    }
    state.amnesiac = false;
    // T5: it votes only in terms above every one that it heard of, and follows nobody below: it may have voted there.
    const term = config.without.has('T5') ? state.memory.term : Math.max(state.term, state.seenTerm);
    const higher = term > state.term;
    state.memory = { cluster: config.cluster.number, term, candidate: 0 };
    state.changed = true;
    return [
      { kind: 'keep-vote', memory: state.memory },
      ...(higher
        ? [{ kind: 'pulse', request: { kind: 'follow', id: state.nextId++, term, director: 0 } } as const]
        : []),
      { kind: 'pulse', request: { kind: 'memory', amnesiac: false } },
      { kind: 'log', event: 'memory-regained', fields: { term, answered } },
    ];
  }
  if (nowMs - state.amnesia.askedMs < ASK_EVERY_MS) return [];
  state.amnesia.askedMs = nowMs;
  return [{ kind: 'send', to: 'all', message: { kind: 'remember', boot, incarnation } }];
}

function newestRegister({ register, amnesia }: ClusterState): Register {
  return amnesia.register && compareVersions(amnesia.register, register) > 0 ? amnesia.register : register;
}

export function hearRemember(
  state: ClusterState,
  from: BoardId,
  { boot, incarnation }: { boot: string; incarnation: number },
): ClusterEffect[] {
  const term = Math.max(state.term, state.seenTerm);
  return [
    {
      kind: 'send',
      to: from,
      message: {
        kind: 'remembered',
        boot,
        incarnation,
        term,
        amnesiac: state.amnesiac,
        ...(state.register.term > 0 ? { register: state.register } : {}),
      },
    },
  ];
}

export function hearRemembered(
  state: ClusterState,
  from: BoardId,
  answer: { boot: string; incarnation: number; term: number; amnesiac: boolean; register?: Register },
  config: ClusterConfig,
): void {
  if (!state.report || answer.boot !== state.report.boot || answer.incarnation !== state.report.incarnation) return;
  state.seenTerm = Math.max(state.seenTerm, answer.term);
  state.amnesia.answered.set(from, !answer.amnesiac);
  hearOfRegister(state, answer.register, config);
  if (answer.amnesiac || answer.register?.cluster !== config.cluster.number) return;
  const { amnesia } = state;
  if (!amnesia.register || compareVersions(answer.register, amnesia.register) > 0) amnesia.register = answer.register;
}
