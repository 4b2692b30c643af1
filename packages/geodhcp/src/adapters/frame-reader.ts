import { parentPort, workerData } from 'node:worker_threads';
import { decodeArp } from '@softset/linux/arp.js';
import { PollSet } from '@softset/linux/fd.js';
import { PacketSocket } from '@softset/linux/packet.js';
import { UdpSocket } from '@softset/linux/udp.js';
import { BATCH_MAX, BATCHES_MAX, type ReaderSetting, type Received, type Source } from './frames.js';

/*
 * The thread that reads: Node has no packet sockets, so somebody must wait in ppoll. It decides nothing; it reads, and
 * hands on in batches. Its waits are short, so that the process can end it.
 */
const WAIT_MS = 100;
const { sources, waiting } = workerData as ReaderSetting;

const poll = new PollSet();
const readers = new Map<number, () => Received[]>();
for (const source of sources) {
  poll.add(source.fd);
  readers.set(source.fd, source.kind === 'dhcp' ? dhcpReader(source) : arpReader(source));
}

function dhcpReader({ fd, network }: Source): () => Received[] {
  const socket = new UdpSocket(fd);
  return () => {
    const batch: Received[] = [];
    for (let i = 0; i < BATCH_MAX; i++) {
      const datagram = socket.receive();
      if (datagram === undefined) break;
      // A failure is of what was sent, or of a device that went down: the main thread looks after devices.
      if ('bytes' in datagram) batch.push({ kind: 'dhcp', network, bytes: datagram.bytes.slice() });
    }
    return batch;
  };
}

function arpReader({ fd, network }: Source): () => Received[] {
  const socket = new PacketSocket(fd, 0, '');
  return () => {
    const batch: Received[] = [];
    for (let i = 0; i < BATCH_MAX; i++) {
      const frame = socket.receive();
      if (frame === undefined) break;
      const arp = decodeArp(frame);
      if (arp.ok) batch.push({ kind: 'arp', network, arp: arp.value });
    }
    return batch;
  };
}

for (;;) {
  const ready = poll.wait(WAIT_MS);
  const batch = ready.flatMap((fd) => readers.get(fd)?.() ?? []);
  // A dead descriptor is always ready and yields nothing: no spinning on it.
  if (batch.length === 0) {
    if (ready.length > 0) Atomics.wait(waiting, 0, Atomics.load(waiting, 0), WAIT_MS / 10);
    continue;
  }
  Atomics.add(waiting, 0, 1);
  parentPort?.postMessage(batch);
  for (let full = Atomics.load(waiting, 0); full >= BATCHES_MAX; full = Atomics.load(waiting, 0)) {
    Atomics.wait(waiting, 0, full, WAIT_MS);
  }
}
