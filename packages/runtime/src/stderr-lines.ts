import { write, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LineQueue, type WriteOutcome } from './line-queue.js';

/**
 * Lines to standard error. `process.stderr` writes to files and pipes synchronously, so a stuck reader (a full pipe, a
 * log collector that stopped) would stop the daemon; here the write happens in libuv's pool and the loop goes on.
 */
const stderrFd = 2;
/** Another process may have made the shared pipe non-blocking; then a full one says EAGAIN. */
const againMs = 20;

async function writeAll(lines: readonly string[]): Promise<WriteOutcome> {
  let rest = Buffer.from(lines.join(''));
  while (rest.length > 0) {
    const result = await new Promise<number | string>((resolve) => {
      write(stderrFd, rest, (error, written) => resolve(error === null ? written : (error.code ?? 'EIO')));
    });
    if (typeof result === 'number') rest = rest.subarray(result);
    else if (result === 'EAGAIN') await sleep(againMs);
    else return 'done'; // EPIPE, EBADF: nobody reads; keeping the lines would help nobody.
  }
  return 'done';
}

const queue = new LineQueue({ write: writeAll });

export function stderrLine(line: string): void {
  queue.push(line);
}

export const stderrDropped = (): number => queue.dropped;

export const flushStderr = (deadlineMs: number): Promise<boolean> => queue.flush(deadlineMs);

/** A write takes microseconds. One under way for longer means that the reader is stuck, and a thread of the pool with it. */
const stuckMs = 50;
export const stderrStuck = (): boolean => queue.busyMs > stuckMs;

/** Writes what waits before the process ends. Does nothing when the reader is stuck: leaving is more urgent than telling. */
export function flushStderrSync(): void {
  if (stderrStuck()) return;
  try {
    writeSync(stderrFd, queue.takeAll().join(''));
  } catch {
    // EAGAIN or EPIPE on the way out: there is nobody left to tell.
  }
}
