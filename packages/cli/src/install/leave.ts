import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetrackState } from '@softset/protocol';
import { exitCodes } from '../exit-codes.js';
import { type OperateOptions, operateCommand } from '../operate.js';
import { print } from '../say.js';
import { gather } from '../status/gather.js';
import { type TargetOptions, targetsOf } from '../targets.js';

export interface LeaveOptions extends TargetOptions {
  /** Only what would be done. */
  readonly dryRun?: boolean;
  readonly stateDir: string;
  /** Seconds. */
  readonly wait: string;
}

const LOOK_EVERY_MS = 500;
/** Says that a stop drained this board, and not an operator: what the next start takes back is its own. */
const MARK = 'left-by-stop';

/**
 * `softset board leave`, before the daemons stop: this board's services go to others, and it says so where the next start
 * finds it. One that somebody drained already, or keeps in maintenance, is left as it is: that is theirs to end. So is one
 * that stands by: what it holds no active board can take.
 */
export async function leaveCommand(options: LeaveOptions): Promise<number> {
  const own = await ownState(options);
  if (own === undefined) return said('netrackd does not answer: nothing is handed over, leases end by themselves');
  if (own.admin !== 'in-service') return said(`${own.name} is ${own.admin} already`);
  if (options.dryRun === true) return operateCommand({ kind: 'drain', board: own.name }, options);
  writeFileSync(join(options.stateDir, MARK), '', { mode: 0o640 });
  return operateCommand({ kind: 'drain', board: own.name }, options);
}

/** `softset board return`, after they started: waits until a director is there to ask. Nothing to do where no stop left a mark. */
export async function returnCommand(options: LeaveOptions): Promise<number> {
  const mark = join(options.stateDir, MARK);
  if (!existsSync(mark)) return said('no stop drained this board');
  if (options.dryRun === true) return wouldReturn(options);
  const endMs = performance.now() + Number(options.wait) * 1000;
  for (;;) {
    const own = await ownState(options);
    if (own?.directed) {
      const code = own.admin === 'drained' ? await operateCommand({ kind: 'activate', board: own.name }, options) : 0;
      if (code === exitCodes.done) {
        rmSync(mark, { force: true });
        return code;
      }
    }
    // The cluster may come up later than this board: whoever looks sees it drained, and why is in the journal.
    if (performance.now() >= endMs) return said('no director yet: this board stays drained; softset board activate');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/**
 * `softset board leave BOARD`: membership for good (000 Fig. 6). Its services go first, then its vote, by a write that a
 * majority has; whoever is told that it left may take it out of the chassis.
 */
export async function leaveForGoodCommand(board: string, options: OperateOptions): Promise<number> {
  const drained = await operateCommand({ kind: 'drain', board }, options);
  if (drained !== exitCodes.done) return drained;
  return options.dryRun === true
    ? besides(options, `then ${board} leaves: its vote counts no more`)
    : operateCommand({ kind: 'leave', board }, options);
}

/** `softset board return BOARD`: its vote counts again, and it is given work again. */
export async function returnForGoodCommand(board: string, options: OperateOptions): Promise<number> {
  if (options.dryRun === true) {
    const plan = await operateCommand({ kind: 'activate', board }, options);
    return plan === exitCodes.done ? besides(options, `before that ${board} returns: its vote counts again`) : plan;
  }
  const returned = await operateCommand({ kind: 'return', board }, options);
  return returned === exitCodes.done ? operateCommand({ kind: 'activate', board }, options) : returned;
}

async function wouldReturn(options: LeaveOptions): Promise<number> {
  const own = await ownState(options);
  if (own === undefined) return said('netrackd does not answer: this board stays drained');
  return own.admin === 'drained' ? operateCommand({ kind: 'activate', board: own.name }, options) : exitCodes.done;
}

/** What a plan of moves does not say; a program that reads the plan wants it alone. */
function besides(options: OperateOptions, what: string): number {
  if (options.json !== true) print(what);
  return exitCodes.done;
}

async function ownState(
  options: LeaveOptions,
): Promise<{ name: string; admin: string; directed: boolean } | undefined> {
  const targets = await targetsOf(options);
  if (!targets.ok) return undefined;
  const found = await gather(targets.value);
  return found.ok ? ownOf(found.value.state) : undefined;
}

export function ownOf(state: NetrackState): { name: string; admin: string; directed: boolean } | undefined {
  const own = state.boards.find(({ board }) => board === state.board);
  return own && { name: own.name, admin: own.admin, directed: state.director !== 0 };
}

function said(text: string): number {
  print(text);
  return exitCodes.done;
}
