import { Worker } from 'node:worker_threads';
import type { SimResult } from './cluster-sim.js';
import type { RunSetting } from './run-seed.js';

/**
 * Runs seeds on several threads. Results come in whatever order they are done in; each seed gives the same result on
 * any of them. `next` hands out seeds until it has no more.
 */
export async function runPool(
  jobs: number,
  setting: RunSetting,
  next: () => number | undefined,
  take: (result: SimResult) => void,
): Promise<void> {
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./run-worker.js', import.meta.url), { workerData: setting });
    try {
      for (let seed = next(); seed !== undefined; seed = next()) take(await ask(worker, seed));
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

function ask(worker: Worker, seed: number): Promise<SimResult> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (result: SimResult) => {
      worker.off('error', reject);
      resolve(result);
    });
    worker.postMessage(seed);
  });
}
