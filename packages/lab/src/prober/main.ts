import { Worker } from 'node:worker_threads';
import { fail, ok, type Result } from '@softset/base';
import { monotonicMs } from '../clock.js';
import { outageAround, type Reply } from '../outage.js';
import { answerLines } from '../pipe-lines.js';
import { SampleRing } from '../sample-ring.js';
import type { ProberOptions } from './prober.js';
import type { WorkerSetting } from './worker.js';

/** The prober's process: a thread that measures, and this one, which answers. Its argument is its options as JSON. */
const options = JSON.parse(process.argv[2] ?? '{}') as ProberOptions;
const intervalMs = options.intervalMs ?? 1;
const replies = new SampleRing(500_000);
const stalls = new SampleRing(10_000);
const boards = new Map<number, string>();
const setting: WorkerSetting = { ...options, replies: replies.memory, stalls: stalls.memory };
const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: setting });
worker.on('message', (told: 'ready' | { tag: number; board: string }) => {
  if (told === 'ready') answerLines(ok(undefined), answer);
  else boards.set(told.tag, told.board);
});
worker.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});

function since(fromMs: number): Reply[] {
  return replies
    .read()
    .filter(({ atMs }) => atMs >= fromMs)
    .map(({ atMs, tag }) => ({ atMs, board: boards.get(tag) ?? '' }));
}

function answer(method: string, params: Record<string, number>): Result<unknown> {
  const nowMs = monotonicMs();
  const { instantMs = nowMs, windowMs = 0, sinceMs = nowMs } = params;
  switch (method) {
    case 'outage': {
      const outage = outageAround(since(0), instantMs, windowMs, intervalMs, nowMs);
      const held = stalls.read().filter(({ atMs }) => atMs >= instantMs && atMs <= instantMs + windowMs);
      return ok({ ...outage, stallMsMax: Math.max(0, ...held.map(({ tag }) => tag)) });
    }
    case 'replies': {
      const found = since(sinceMs);
      const counts: Record<string, number> = {};
      for (const { board } of found) counts[board] = (counts[board] ?? 0) + 1;
      return ok({ count: found.length, boards: counts });
    }
    default:
      return fail('LAB_UNKNOWN_COMMAND', `the prober has no command "${method}"`);
  }
}
