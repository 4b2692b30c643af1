import { parentPort, workerData } from 'node:worker_threads';
import { isIpv6, unwrap } from '@softset/base';
import { PollSet } from '@softset/linux/fd.js';
import { setRoundRobin } from '@softset/linux/scheduling.js';
import { openUdp } from '@softset/linux/udp.js';
import { monotonicMs } from '../clock.js';
import { SampleRing } from '../sample-ring.js';
import { probeBytes, readEcho, writeProbe } from './probe.js';
import type { ProberOptions } from './prober.js';

/**
 * The measuring thread: a probe at each absolute deadline, replies stamped as they come. It never returns to its event
 * loop. When it was held up for longer than an interval it says so, since a silence then may be its own.
 */
export interface WorkerSetting extends ProberOptions {
  readonly replies: SharedArrayBuffer;
  readonly stalls: SharedArrayBuffer;
}

const { address, port, intervalMs = 1, replies, stalls } = workerData as WorkerSetting;
const ring = new SampleRing(replies);
const stallRing = new SampleRing(stalls);
const boards = new Map<string, number>();
const probe = new Uint8Array(probeBytes);
const socket = unwrap(openUdp({ family: isIpv6(address) ? 'ipv6' : 'ipv4', port: 0 }));
const waiting = new PollSet();
waiting.add(socket.fd);
setRoundRobin(60); // Where it is not permitted the stalls tell.

function tagOf(board: string): number {
  const known = boards.get(board);
  if (known !== undefined) return known;
  const tag = boards.size;
  boards.set(board, tag);
  parentPort?.postMessage({ tag, board });
  return tag;
}

function drain(): void {
  for (let got = socket.receive(); got !== undefined; got = socket.receive()) {
    if ('code' in got) continue; // An error of an earlier probe: that probe is lost, and counts by its absence.
    const echo = readEcho(got.bytes);
    if (echo.ok) ring.push(monotonicMs(), tagOf(echo.value.board));
  }
}

parentPort?.postMessage('ready');
let dueMs = monotonicMs();
for (let sequence = 0; ; sequence = (sequence + 1) >>> 0) {
  const nowMs = monotonicMs();
  if (nowMs - dueMs > intervalMs) {
    stallRing.push(nowMs, nowMs - dueMs);
    dueMs = nowMs;
  }
  writeProbe(probe, sequence, nowMs);
  socket.send(probe, address, port);
  dueMs += intervalMs;
  do {
    waiting.wait(dueMs - monotonicMs());
    drain();
  } while (monotonicMs() < dueMs);
}
