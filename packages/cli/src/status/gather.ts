import { fail, ok, type Result } from '@softset/base';
import { type NetrackClient, netrackClient, redirectClient } from '@softset/client';
import type { Move, NetrackState, RulesMethods } from '@softset/protocol';
import type { Target } from '../targets.js';

/** A daemon on the same machine answers within milliseconds; one that needs a second is in trouble. */
const answerMs = 2_000;

export interface Gathered {
  /** The board that told it. */
  readonly from: Target;
  readonly state: NetrackState;
  /** The last moves that its redirectd knows of; the director's knows all of its own. */
  readonly moves: readonly Move[];
  /** What its redirectd says of its rules files; absent where it does not answer. */
  readonly rules?: RulesSummary;
  /** Targets whose netrackd does not answer. */
  readonly silent: readonly Target[];
}

export type RulesSummary = RulesMethods['rules']['result'];

async function askState(target: Target): Promise<NetrackState | undefined> {
  const client: NetrackClient = netrackClient(target.runDir, { name: 'softset-status', retry: 'none' });
  try {
    if (!(await client.ready(answerMs)).ok) return undefined;
    const answer = await client.call('status', {}, { timeoutMs: answerMs });
    return answer.ok ? answer.value : undefined;
  } finally {
    client.close();
  }
}

async function askRedirect(target: Target): Promise<Pick<Gathered, 'moves' | 'rules'>> {
  const client = redirectClient(target.runDir, { name: 'softset-status', retry: 'none' });
  try {
    if (!(await client.ready(answerMs)).ok) return { moves: [] };
    const [status, rules] = await Promise.all([
      client.call('status', {}, { timeoutMs: answerMs }),
      client.call('rules', {}, { timeoutMs: answerMs }),
    ]);
    return { moves: status.ok ? status.value.moves : [], ...(rules.ok ? { rules: rules.value } : {}) };
  } finally {
    client.close();
  }
}

/** How much a board's word counts: a director sees reports of all, and one that follows knows more than one alone. */
function rank(state: NetrackState): number {
  return state.directing ? 3 : state.director !== 0 ? 2 : state.quorum.present >= state.quorum.needed ? 1 : 0;
}

/** Asks all targets at once and takes the best word. Error: `NOT_CONNECTED`. */
export async function gather(targets: readonly Target[]): Promise<Result<Gathered>> {
  const answers = await Promise.all(targets.map(async (target) => ({ target, state: await askState(target) })));
  let best: { from: Target; state: NetrackState } | undefined;
  const silent: Target[] = [];
  for (const { target, state } of answers) {
    if (state === undefined) silent.push(target);
    else if (best === undefined || rank(state) > rank(best.state)) best = { from: target, state };
  }
  if (best === undefined) {
    const where = targets.map((target) => target.name).join(', ');
    return fail(
      'NOT_CONNECTED',
      `no netrackd answers at ${where}; start netrackd, or name its directory with --run-dir`,
    );
  }
  return ok({ ...best, ...(await askRedirect(best.from)), silent });
}
