import { redirectClient } from '@softset/client';
import type { BoardState, Explanation, NetrackState, OperatorWish, Plan } from '@softset/protocol';
import { exitCodes } from './exit-codes.js';
import { print, refuse } from './say.js';
import { type Gathered, gather } from './status/gather.js';
import { width } from './status/render.js';
import { wrap } from './status/words.js';
import { type TargetOptions, targetsOf } from './targets.js';

export type OperateOptions = TargetOptions & {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  /** Seconds to wait until a drained board holds nothing; 0: not at all. */
  readonly wait?: string;
};

const once = { name: 'softset', retry: 'none' } as const;
/** A wish waits for the director, who waits for programs to stop. */
const WISH_MS = 15_000;
const LOOK_EVERY_MS = 200;

/** A wish of an operator: what it would do with `--dry-run`, else it is carried to the director and done. */
export async function operateCommand(wish: OperatorWish, options: OperateOptions): Promise<number> {
  return asking(options, async (client, { state }) => {
    if (options.dryRun === true) {
      const plan = await client.call('plan', wish);
      if (!plan.ok) return refuse(plan);
      const words = [...planWords(plan.value, state), ...besideWords(wish, state)];
      print(options.json ? JSON.stringify(plan.value, undefined, 2) : words.join('\n'));
      return exitCodes.done;
    }
    const answer =
      wish.kind === 'move'
        ? await client.call('move', without(wish), { timeoutMs: WISH_MS })
        : await client.call('change', wish, { timeoutMs: WISH_MS });
    if (!answer.ok) return refuse(answer);
    print(options.json ? JSON.stringify(answer.value) : answer.value.message);
    return wish.kind === 'drain' ? await untilDrained(wish.board, options) : exitCodes.done;
  });
}

function without({ service, board }: Extract<OperatorWish, { kind: 'move' }>): { service: string; board?: string } {
  return { service, ...(board === undefined ? {} : { board }) };
}

/** The switches may take as long as the cluster file allows them, and the program its start. */
const PORTS_MS = 130_000;

/** `softset board unfence BOARD`: its switch ports are put up; with `--dry-run` they are told as they are. */
export async function unfenceCommand(name: string, options: OperateOptions): Promise<number> {
  return asking(options, async (client) => {
    const wanted = options.dryRun === true ? 'as-they-are' : 'up';
    const answer = await client.call('switchPorts', { board: name, wanted }, { timeoutMs: PORTS_MS });
    if (!answer.ok) return refuse(answer);
    const { ports } = answer.value;
    const words = ports.map(
      ({ network, agent, port, admin, oper }) =>
        `network ${network}: port ${port} of ${agent} is ${admin}${admin === oper ? '' : `, its link ${oper}`}`,
    );
    print(options.json ? JSON.stringify(answer.value) : words.join('\n'));
    return exitCodes.done;
  });
}

/** `softset service explain SERVICE`: why it is where it is, and what each board of its pool is thought of. */
export async function explainCommand(service: string, options: OperateOptions): Promise<number> {
  return asking(options, async (client, { state }) => {
    const answer = await client.call('explain', { service });
    if (!answer.ok) return refuse(answer);
    print(options.json ? JSON.stringify(answer.value, undefined, 2) : explainWords(answer.value, state).join('\n'));
    return exitCodes.done;
  });
}

async function asking(
  options: OperateOptions,
  work: (client: ReturnType<typeof redirectClient>, best: Gathered) => Promise<number>,
): Promise<number> {
  const targets = await targetsOf(options);
  if (!targets.ok) return refuse(targets);
  const best = await gather(targets.value);
  if (!best.ok) return refuse(best);
  const client = redirectClient(best.value.from.runDir, once);
  try {
    const ready = await client.ready();
    return ready.ok ? await work(client, best.value) : refuse(ready, 'start redirectd, or see softset status');
  } finally {
    client.close();
  }
}

/** The board holds nothing any more; or what it holds still, when the time is over: then others cannot take it. */
async function untilDrained(name: string, options: OperateOptions): Promise<number> {
  const endMs = performance.now() + Number(options.wait ?? 30) * 1000;
  for (;;) {
    const targets = await targetsOf(options);
    if (!targets.ok) return refuse(targets);
    const best = await gather(targets.value);
    if (!best.ok) return refuse(best);
    const left = heldBy(best.value.state, name);
    if (left.length === 0) {
      print(options.json ? JSON.stringify({ board: name, holds: left }) : `${name} holds nothing any more`);
      return exitCodes.done;
    }
    if (performance.now() >= endMs) {
      if (options.json) print(JSON.stringify({ board: name, holds: left }));
      const why = 'softset service explain says why';
      return refuse({ code: 'NOT_DRAINED', message: `${name} still holds ${left.join(', ')}` }, why);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Services that a board holds, gives up or is given. */
export function heldBy(state: NetrackState, name: string): string[] {
  const board = state.boards.find((one) => one.name === name)?.board;
  return state.services
    .filter(({ phase, holder, next }) => phase !== 'free' && (holder?.board === board || next?.board === board))
    .map(({ service }) => service);
}

const nameIn =
  ({ boards }: { readonly boards: readonly BoardState[] }) =>
  (id: number | undefined): string =>
    boards.find((board) => board.board === id)?.name ?? 'nobody';

export function planWords({ moves, stays }: Plan, state: NetrackState): string[] {
  const name = nameIn(state);
  if (moves.length === 0 && stays.length === 0) return ['nothing would move'];
  return [
    ...moves.flatMap(({ service, from, to, cause, reasons }) => [
      `${service}: ${name(from)} to ${name(to)} (${cause})`,
      ...reasons.map(({ board, why }) => `  board ${name(board)}: ${why}`),
    ]),
    ...stays.flatMap(({ service, why, reasons }) => {
      const now = state.services.find((one) => one.service === service);
      const where =
        now?.phase === 'free' || now?.holder === undefined ? 'held by nobody' : `on ${name(now.holder.board)}`;
      return [
        ...wrap(`${service}: would stay ${where}: ${why}`, width),
        ...reasons.map((reason) => `  board ${name(reason.board)}: ${reason.why}`),
      ];
    }),
  ];
}

/** What a wish changes beside what moves. */
export function besideWords(wish: OperatorWish, { prefers = 'A' }: Pick<NetrackState, 'prefers'>): string[] {
  switch (wish.kind) {
    case 'pin':
      return [`${wish.service} would prefer ${wish.board} at its next choice, until unpinned`];
    case 'unpin':
      return [`${wish.service} would be pinned to no board`];
    case 'prefer':
      return wish.network === prefers
        ? [`network ${prefers} is preferred already`]
        : [
            `each address would stand on network ${wish.network} within its board, while that works, and not on ${prefers}`,
          ];
    case 'drain':
    case 'maintenance':
      return [`${wish.board} would be given nothing until it is activated`];
    case 'standby':
      return [`${wish.board} would be given only what no active board can take, until it is activated`];
    case 'activate':
      return [`${wish.board} would be given work again`];
    default:
      return [];
  }
}

export function explainWords(told: Explanation, state: NetrackState): string[] {
  const name = nameIn(state);
  const { service, phase, holder, pin, cause, rests, next, reasons } = told;
  return [
    `${service}: ${phase}${holder === undefined ? '' : `, ${phase === 'held' ? 'on' : 'last on'} ${name(holder)}`}${cause === '' ? '' : `, because: ${cause}`}`,
    ...(pin === undefined ? [] : [`pinned to ${name(pin)}: its next choice goes there where it can`]),
    ...(rests ? ['it rests: three failures in ten minutes; softset service move ends that'] : []),
    next === undefined ? 'no other board could take it now' : `if it had to go now, it would go to ${name(next)}`,
    ...reasons.map(({ board, why }) => `  board ${name(board)}: ${why}`),
  ];
}
