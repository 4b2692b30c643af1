import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import { setRoundRobin } from '@softset/linux/scheduling.js';
import { RotatingLog } from '@softset/runtime/init/rotating-log.js';
import { INIT_PRIORITY, Supervised } from '@softset/runtime/init/supervised.js';
import { type BoardPaths, boardPaths } from '../board-paths.js';
import { monotonicMs } from '../clock.js';
import { serveLines } from '../json-lines.js';
import type { Daemon } from '../topology.js';
import { insideBoard, programPids } from './programs.js';

/**
 * The init of one board: starts its daemons, keeps them running, and takes commands at `init.sock`. Arguments: the lab's
 * directory and the board's name; the daemons are in the board's `daemons.json`. Ends with the board.
 */
const [labDir = '', board = ''] = process.argv.slice(2);
const paths: BoardPaths = boardPaths(labDir, board);
const specs = JSON.parse(readFileSync(`${paths.dir}/daemons.json`, 'utf8')) as Daemon[];
const daemons = specs.map((spec) => {
  const log = new RotatingLog(join(paths.logDir, `${spec.name}.log`));
  return new Supervised(spec, process.env, (bytes) => log.write(bytes));
});

// A board has its processors for itself, and its init does not wait for those of six others; what it starts does.
setRoundRobin(INIT_PRIORITY);

if (!insideBoard(board)) {
  process.stderr.write(`init of ${board}: not inside a board of the lab\n`);
  process.exit(1);
}

/** Signals every pid that is still there, at one go. The instant is stamped before the first: never too late. */
function signal(pids: readonly (number | undefined)[], name: NodeJS.Signals): Result<{ atMs: number; pids: number[] }> {
  const reached: number[] = [];
  const atMs = monotonicMs();
  for (const pid of pids) {
    if (pid === undefined) continue;
    try {
      process.kill(pid, name);
      reached.push(pid);
    } catch {
      // Gone meanwhile.
    }
  }
  return ok({ atMs, pids: reached });
}

function pick(name: unknown): Supervised[] {
  return name === undefined ? daemons : daemons.filter((d) => d.name === name);
}

/** SIGSTOP or SIGCONT: to one daemon, to all daemons, or (`all`) to every process of the board but init. */
function freeze(daemon: unknown, name: 'SIGSTOP' | 'SIGCONT'): Result<unknown> {
  if (daemon !== 'all')
    return signal(
      pick(daemon).map((d) => d.pid),
      name,
    );
  // kill(2) with -1: everything in this process namespace except its PID 1 and the caller, in one call.
  const atMs = monotonicMs();
  try {
    process.kill(-1, name);
  } catch {
    // ESRCH: init is alone on its board.
  }
  return ok({ atMs });
}

async function command(method: string, params: Record<string, unknown>): Promise<Result<unknown>> {
  const atMs = monotonicMs();
  const { daemon, program } = params;
  const chosen = pick(daemon);
  if (daemon !== undefined && daemon !== 'all' && chosen.length === 0) {
    const names = daemons.map((d) => d.name).join(', ') || 'none';
    return fail('LAB_NO_DAEMON', `${board} has no daemon "${String(daemon)}"; it has: ${names}`);
  }
  switch (method) {
    case 'list':
      return ok(daemons.map((d) => d.status()));
    case 'start':
      for (const d of chosen) d.start();
      return ok({ atMs });
    case 'stop':
      await Promise.all(chosen.map((d) => d.stop()));
      return ok({ atMs: monotonicMs() });
    case 'hold':
      for (const d of chosen) d.hold();
      return ok({ atMs });
    case 'kill':
      return chosen.map((d) => d.kill('SIGKILL')).includes(true)
        ? ok({ atMs })
        : fail('LAB_NOT_RUNNING', `${String(daemon)} is not running on ${board}`);
    case 'freeze':
      return freeze(daemon, 'SIGSTOP');
    case 'thaw':
      return freeze(daemon, 'SIGCONT');
    case 'program-signal': {
      const pids = programPids(String(program));
      if (pids.length === 0) return fail('LAB_NOT_RUNNING', `${String(program)} is not running on ${board}`);
      return signal(pids, params.signal as NodeJS.Signals);
    }
    default:
      return fail('LAB_UNKNOWN_COMMAND', `init has no command "${method}"`);
  }
}

/** How often a file that daemons wait for is looked for, ms. A look costs nothing; a process that looks would. */
const LOOK_MS = 10;

/** Starts the daemons in their order, each once the file is there that it waits for. */
function begin(): void {
  const waiting = specs.flatMap(({ after }) => (after === undefined || existsSync(after) ? [] : [after]));
  for (const [i, daemon] of daemons.entries())
    if (daemon.idle && !waiting.includes(specs[i]?.after ?? '')) daemon.start();
  if (waiting.length > 0) setTimeout(begin, LOOK_MS);
}

void serveLines(paths.initSocket, command).then(() => {
  begin();
  process.stdout.write('ready\n');
});
