import { parentPort, workerData } from 'node:worker_threads';
import { type Mac, unwrap } from '@softset/base';
import { PollSet } from '@softset/linux/fd.js';
import { openPacket, type PacketSocket } from '@softset/linux/packet.js';
import { setRoundRobin } from '@softset/linux/scheduling.js';
import { monotonicMs } from '../clock.js';
import { NetworkNamespace } from '../network-namespace.js';
import { SampleRing } from '../sample-ring.js';
import { bridge } from '../switch-rules.js';
import type { ObserverSetting } from './observer.js';
import { answerIn, question } from './question.js';

/**
 * The asking thread: every millisecond, by absolute deadlines, one question per address and switch. One thread asks on
 * both switches, so that the order of the answers is the order in which boards gave them: a question to a board on this
 * machine is answered before the call that sends it is over, or soon after, and is read before the next is sent.
 */
export interface WorkerSetting extends ObserverSetting {
  readonly answers: SharedArrayBuffer;
  readonly stalls: SharedArrayBuffer;
}

const intervalMs = 1;
const { addresses, answers, stalls } = workerData as WorkerSetting;
const ring = new SampleRing(answers);
const stallRing = new SampleRing(stalls);
const questions = addresses.map(question);
const types = [...new Set(questions.map((q) => q.etherType))];
const waiting = new PollSet();
const sockets: { readonly etherType: number; readonly socket: PacketSocket }[] = [];
for (const name of ['switch-a', 'switch-b']) {
  const namespace = new NetworkNamespace(`/run/netns/${name}`);
  for (const etherType of types) {
    const socket = unwrap(namespace.run(() => openPacket({ device: bridge, etherType })));
    waiting.add(socket.fd);
    sockets.push({ etherType, socket });
  }
}
setRoundRobin(60); // Where it is not permitted the stalls tell.

/** A tag stands for an address and who has it; the other thread is told what it means before it sees one. */
const tags = new Map<string, number>();
function tagOf(address: string, mac: Mac): number {
  const key = `${address} ${mac}`;
  const known = tags.get(key);
  if (known !== undefined) return known;
  const tag = tags.size;
  tags.set(key, tag);
  parentPort?.postMessage({ tag, address, mac });
  return tag;
}

function drain(): void {
  for (const { socket } of sockets) {
    for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
      const answer = answerIn(frame);
      if (answer !== undefined && addresses.includes(answer.address)) {
        ring.push(monotonicMs(), tagOf(answer.address, answer.mac));
      }
    }
  }
}

parentPort?.postMessage('ready');
let dueMs = monotonicMs();
for (;;) {
  const nowMs = monotonicMs();
  if (nowMs - dueMs > intervalMs) {
    stallRing.push(nowMs, nowMs - dueMs);
    dueMs = nowMs;
  }
  for (const { etherType, frame } of questions) {
    for (const s of sockets) {
      if (s.etherType !== etherType) continue;
      s.socket.send(frame);
      drain();
    }
  }
  dueMs += intervalMs;
  do {
    waiting.wait(dueMs - monotonicMs());
    drain();
  } while (monotonicMs() < dueMs);
}
