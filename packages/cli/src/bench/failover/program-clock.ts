import { fileURLToPath } from 'node:url';
import { fail, ok, type Result } from '@softset/base';
import type { Lab } from '@softset/lab';

/** Where nothing else of a benchmark runs. */
export const clockBoard = 'io-3';
const fifo = 'clock.fifo';
const pidFile = 'clock.pid';
const clockMain = fileURLToPath(new URL('./program-clock-main.js', import.meta.url));

/**
 * A program whose first instruction writes to a FIFO: a shell, since it starts in a millisecond and what is measured is
 * who starts it. Opened for reading as well, a FIFO does not wait for its reader (fifo(7)).
 */
const script = (dir: string): string =>
  `[ -p "${dir}/${fifo}" ] && echo $$ 1<>"${dir}/${fifo}"; echo $$ >"${dir}/${pidFile}"; exec sleep 100000`;

/** The program, for a cluster file. Many deaths are what it is for. */
export const clock = {
  command: ['/bin/sh', '-c', script('$SOFTSET_RUN_DIR')],
  boards: [clockBoard],
  giveUp: { deaths: 1000, withinMs: 100 },
};

export interface ClockTimes {
  /** From the kill to the new program's first instruction, ms: psrmd's, and a bare spawn's by a small Node process. */
  readonly psrmd: readonly number[];
  readonly bare: readonly number[];
}

/** Kills the program, and one that a bare supervisor keeps, in turn. Error: `CLOCK_FAILED`, with what it wrote. */
export async function clockTimes(lab: Lab, runs: number): Promise<Result<ClockTimes, 'CLOCK_FAILED'>> {
  const { runDir } = lab.board(clockBoard);
  const command = [process.execPath, clockMain, runDir, fifo, pidFile, script(`${runDir}/bare`), String(runs)];
  const { exitCode, stdout, stderr } = await lab.exec(clockBoard, command, { timeoutMs: 30_000 + runs * 5_000 });
  if (exitCode === 0) return ok(JSON.parse(stdout) as ClockTimes);
  return fail('CLOCK_FAILED', stderr.trim().split('\n').at(-1) || `the clock ended with ${exitCode ?? 'a signal'}`);
}
