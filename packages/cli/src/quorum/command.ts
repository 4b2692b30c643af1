import { createInterface } from 'node:readline/promises';
import { type NetrackClient, netrackClient } from '@softset/client';
import type { NetrackState, Register } from '@softset/protocol';
import { exitCodes } from '../exit-codes.js';
import { print, refuse } from '../say.js';
import { gather } from '../status/gather.js';
import { width } from '../status/render.js';
import { table } from '../status/table.js';
import { wrap } from '../status/words.js';
import { oneTarget, type TargetOptions, targetsOf } from '../targets.js';

type Options = TargetOptions & { readonly json?: boolean };
const once = { name: 'softset', retry: 'none' } as const;
/** The boards that are there are asked for two leases what they know, and a lease may be long. */
const FORCE_MS = 60_000;

export interface Vote {
  readonly board: string;
  /** counts: it is there. absent. forgot: it lost its memory, and counts again when others have answered it. left: by an operator's word. */
  readonly vote: 'counts' | 'absent' | 'forgot' | 'left';
  readonly verdict: string;
}

/** `softset quorum status`: exit 0 with a quorum, 1 without. */
export async function quorumStatusCommand(options: Options): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const best = await gather(targets.value);
  if (!best.ok) return refuse(best);
  return asking(best.value.from.runDir, async (client) => {
    const register = await client.call('register', {});
    if (!register.ok) return refuse(register);
    const { state } = best.value;
    const votes = votesOf(state, register.value);
    const { quorum } = state;
    if (options.json)
      print(JSON.stringify({ ...quorum, director: nameOf(state, state.director), votes: votes }, undefined, 2));
    else print(statusWords(state, votes).join('\n'));
    return quorum.present >= quorum.needed ? exitCodes.done : exitCodes.refused;
  });
}

/** What each board that may vote counts for, as the board that was asked sees it. */
export function votesOf(state: NetrackState, register: Register): Vote[] {
  return register.members.flatMap(({ board: id, vote, left }): Vote[] => {
    const board = state.boards.find((one) => one.board === id);
    if (!vote || board === undefined) return [];
    const there = board.verdict === 'self' || board.verdict === 'up' || board.verdict === 'silent';
    const counts = left === true ? 'left' : !there ? 'absent' : board.amnesiac ? 'forgot' : 'counts';
    return [{ board: board.name, vote: counts, verdict: board.verdict }];
  });
}

function nameOf(state: NetrackState, id: number): string | undefined {
  return state.boards.find(({ board }) => board === id)?.name;
}

export function statusWords(state: NetrackState, votes: readonly Vote[]): string[] {
  const { present, needed, votes: all } = state.quorum;
  const who = nameOf(state, state.director);
  const verdict = present >= needed ? 'quorum' : 'NO QUORUM';
  return [
    `${verdict}: ${present} of ${all} votes are there, ${needed} are needed; ${who === undefined ? 'nobody directs' : `${who} directs`}`,
    ...table([['BOARD', 'VOTE', 'SEEN'], ...votes.map(({ board, vote, verdict: seen }) => [board, vote, seen])], width),
    ...(present >= needed
      ? []
      : wrap('bring the absent boards back; where they are dead for certain: softset quorum force', width)),
  ];
}

/** What an operator has to know before the answer. */
export function warning(state: NetrackState, votes: readonly Vote[]): string[] {
  const here = votes.filter(
    ({ vote, verdict }) => vote === 'counts' || vote === 'forgot' || (vote === 'left' && verdict === 'up'),
  );
  const gone = votes.filter(({ vote }) => vote === 'absent').map(({ board }) => board);
  const forgot = votes.filter(({ vote }) => vote === 'forgot').map(({ board }) => board);
  return [
    ...wrap(
      `WARNING: this takes the votes of ${gone.join(', ') || 'no board'} by your word alone, and lets ${here.map(({ board }) => board).join(', ')} serve.`,
      width,
    ),
    ...wrap(
      `If any of those boards still runs where ${here[0]?.board ?? 'this board'} does not hear it, two boards will answer for one address until they hear each other. Look at them, or take their power away, before you go on.`,
      width,
    ),
    ...(forgot.length === 0 ? [] : wrap(`${forgot.join(', ')} lost its memory of votes and is believed again.`, width)),
    ...wrap(`The alarm QUORUM_FORCED stands until it is cleared. softset board return gives a vote back.`, width),
    `cluster: ${state.cluster}`,
  ];
}

/** `softset quorum force`: warns, asks for the cluster's name, and has it done on one board. */
export async function quorumForceCommand(options: Options & { readonly confirm?: string }): Promise<number> {
  const target = await oneTarget(options);
  if (!target.ok) return refuse(target, 'quorum force is said to one board');
  return asking(target.value.runDir, async (client) => {
    const [state, register] = [await client.call('status', {}), await client.call('register', {})];
    if (!state.ok) return refuse(state);
    if (!register.ok) return refuse(register);
    const { quorum, cluster } = state.value;
    if (quorum.present >= quorum.needed)
      return refuse({
        code: 'HAS_QUORUM',
        message: `${quorum.present} of ${quorum.votes} votes are there: nothing has to be forced`,
      });
    process.stderr.write(`${warning(state.value, votesOf(state.value, register.value)).join('\n')}\n`);
    const said = options.confirm ?? (await ask(`type the cluster's name to go on: `));
    if (said !== cluster)
      return refuse({ code: 'NOT_CONFIRMED', message: `"${said}" is not ${cluster}; nothing was done` });
    const forced = await client.call('force', { cluster: said }, { timeoutMs: FORCE_MS });
    if (!forced.ok) return refuse(forced);
    const left = forced.value.left.map((id) => nameOf(state.value, id) ?? `board ${id}`);
    print(
      options.json
        ? JSON.stringify({ left })
        : `${forced.value.message}; without a vote now: ${left.join(', ') || 'nobody'}`,
    );
    return exitCodes.done;
  });
}

async function ask(question: string): Promise<string> {
  if (process.stdin.isTTY !== true) return '';
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await line.question(question)).trim();
  } finally {
    line.close();
  }
}

async function asking(runDir: string, work: (client: NetrackClient) => Promise<number>): Promise<number> {
  const client = netrackClient(runDir, once);
  try {
    const ready = await client.ready();
    return ready.ok ? await work(client) : refuse(ready, 'start netrackd');
  } finally {
    client.close();
  }
}
