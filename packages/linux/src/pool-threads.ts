import { promisify } from 'node:util';
import { declare } from './libc.js';

type Async<A extends unknown[]> = { async(...args: [...A, (error: unknown, result: number) => void]): void };
const gettid = declare<Async<[]>>('int gettid()');
const usleep = declare<Async<[number]>>('int usleep(unsigned int microseconds)');

const askThread = promisify((done: (error: unknown, thread: number) => void) => gettid.async(done));
const rest = promisify((us: number, done: (error: unknown, status: number) => void) => usleep.async(us, done));

/** Long enough that a thread which rests takes no second task meanwhile, µs. */
const REST_US = 2000;
const ROUNDS_MAX = 20;

/**
 * The kernel's numbers of libuv's worker threads (UV_THREADPOOL_SIZE of them, 4 by default), which nothing tells: each
 * is asked from within. All but one are put to rest, and whoever is left answers; which one that is differs from round
 * to round. May return fewer than there are, if one never got its turn.
 */
export async function poolThreads(): Promise<readonly number[]> {
  const size = Math.max(1, Number(process.env.UV_THREADPOOL_SIZE ?? 4) || 4);
  const found = new Set<number>();
  for (let round = 0; round < ROUNDS_MAX && found.size < size; round++) {
    const tasks = Array.from({ length: size }, () => [rest(REST_US), askThread()] as const);
    for (const [, thread] of tasks) found.add(await thread);
  }
  return [...found];
}
