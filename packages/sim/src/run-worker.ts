import { parentPort, workerData } from 'node:worker_threads';
import { type RunSetting, runSeed } from './run-seed.js';

/** One of the pool's threads: a seed comes in, its result goes out. */
const setting = workerData as RunSetting;
parentPort?.on('message', (seed: number) => parentPort?.postMessage(runSeed(seed, setting)));
