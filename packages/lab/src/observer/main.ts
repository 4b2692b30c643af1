import { Worker } from 'node:worker_threads';
import { type Failure, fail, formatIp, ok, parseIp, type Result } from '@softset/base';
import { monotonicMs } from '../clock.js';
import { type Answer, judgeHolders } from '../holders.js';
import { answerLines } from '../pipe-lines.js';
import { SampleRing } from '../sample-ring.js';
import type { ObserverSetting } from './observer.js';
import type { WorkerSetting } from './worker.js';

/** The observer's process: a thread that asks, and this one, which judges. Its argument is its setting as JSON. */
const { addresses: asked, boards } = JSON.parse(process.argv[2] ?? '{}') as ObserverSetting;
/** As answers name them: one address has many spellings in IPv6. */
const addresses = asked.map((address) => {
  const parsed = parseIp(address);
  return parsed.ok ? formatIp(parsed.value) : address;
});
const answers = new SampleRing(1_000_000);
const stalls = new SampleRing(10_000);
const meaning = new Map<number, { address: string; holder: string }>();
const known = new Set(Object.values(boards));

function read(method: string, params: { sinceMs?: number }): Result<unknown> {
  if (method !== 'read') return fail('LAB_UNKNOWN_COMMAND', `the observer has no command "${method}"`);
  const nowMs = monotonicMs();
  const sinceMs = params.sinceMs ?? nowMs;
  const heard: Answer[] = [];
  for (const { atMs, tag } of answers.read()) {
    const meant = meaning.get(tag);
    if (atMs >= sinceMs && meant !== undefined) heard.push({ atMs, ...meant });
  }
  const held = stalls.read().filter(({ atMs }) => atMs >= sinceMs);
  const stallMsMax = Math.max(0, ...held.map(({ tag }) => tag));
  return ok({ ...judgeHolders(heard, addresses, known, sinceMs, nowMs), stallMsMax });
}

function refusal(): Failure | undefined {
  const bad = addresses.find((address) => !parseIp(address).ok);
  return bad === undefined ? undefined : fail('ADDRESS_INVALID', `"${bad}" is not an address to ask for`);
}

const refused = refusal();
if (refused !== undefined) {
  answerLines(refused, read);
} else {
  const setting: WorkerSetting = { addresses, boards, answers: answers.memory, stalls: stalls.memory };
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: setting });
  worker.on('message', (told: 'ready' | { tag: number; address: string; mac: string }) => {
    if (told === 'ready') answerLines(ok(undefined), read);
    else meaning.set(told.tag, { address: told.address, holder: boards[told.mac] ?? told.mac });
  });
  worker.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
