import { type ChildProcess, spawn } from 'node:child_process';
import { unwrap } from '@softset/base';
import { PollSet } from '@softset/linux/fd.js';
import { unsolicitedAdvertisement } from '@softset/linux/ndp.js';
import { ETH_P_IPV6, openPacket } from '@softset/linux/packet.js';
import { openUdp } from '@softset/linux/udp.js';
import { openKernelAsker } from '@softset/netrack/adapters/kernel-asker.js';
import { PortProbe } from '@softset/netrack/adapters/port-probe.js';
import type { Board, Cluster } from '@softset/protocol';
import { expect } from 'chai';
import { inNamespace, ip, suite, until } from './relay-namespace.js';

const PORT = 7413;
const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

const FAMILIES = [
  { family: 'ipv4', question: 'an ARP request', subnet: '10.1.0.', other: '20.1.0.', length: 16 },
  { family: 'ipv6', question: 'a neighbour solicitation', subnet: 'fd00:a::', other: 'fd00:b::', length: 64 },
] as const;
type Family = (typeof FAMILIES)[number];

/** Board 1 here and board 2 in a namespace of its own, with one wire between them. */
async function wired({ subnet, length }: Family): Promise<ChildProcess> {
  const peer = spawn('unshare', ['-n', 'sh', '-c', 'echo here; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((here) => peer.stdout?.once('data', here));
  ip(`link add a0 type veth peer name a0 netns ${peer.pid}`);
  const nodad = subnet.includes(':') ? ' nodad' : '';
  for (const [id, pid] of [
    [1, undefined],
    [2, peer.pid],
  ] as const) {
    ip(`addr add ${subnet}${id}/${length} dev a0${nodad}`, pid);
    ip('link set lo up', pid);
    ip('link set a0 up', pid);
  }
  return peer;
}

function clusterOf({ subnet, other, length }: Family): { cluster: Cluster; self: Board } {
  const boards = [1, 2].map(
    (id): Board => ({
      name: `b${id}`,
      id,
      role: 'node',
      addresses: { A: `${subnet}${id}`, B: `${other}${id}` },
      devices: { A: 'a0', B: 'b0' },
      vote: true,
      disk: true,
    }),
  );
  const cluster: Cluster = {
    name: 'askers',
    number: 1,
    keyFile: 'key',
    timing: { intervalMs: 10, leaseMs: 250, proofMs: 50 },
    ports: { beat: PORT, relay: PORT + 1, alert: PORT + 2 },
    networks: { A: { subnet: { ip: `${subnet}0`, length } }, B: { subnet: { ip: `${other}0`, length } } },
    boards,
    outside: [],
    services: [],
    programs: [],
  };
  return { cluster, self: boards[0] as Board };
}

function macOf(pid: number | undefined): string {
  const [link] = JSON.parse(ip('-j link show a0', pid)) as { address: string }[];
  return link?.address ?? '';
}

suite('asking a kernel', () => {
  for (const family of FAMILIES) {
    inNamespace(
      import.meta.url,
      `by ${family.question}: answered from its MAC, and only while it is there`,
      async () => {
        const peer = await wired(family);
        const { cluster, self } = clusterOf(family);
        const asker = unwrap(openKernelAsker(cluster, self, 'A'));
        const answers: [number, string][] = [];
        const drain = (): void => asker.drain((board, mac) => answers.push([board, mac]));
        await until('an answer', () => {
          asker.ask(2);
          drain();
          return answers.length > 0;
        });
        expect(answers[0]).to.deep.equal([2, macOf(peer.pid)]);
        await pause(20);
        drain();
        // Others' traffic does not wake who waits for answers.
        const other = unwrap(openUdp({ family: family.family, port: 0 }));
        const send = () => other.send(Uint8Array.of(1, 2, 3), cluster.boards[1]?.addresses.A ?? '', PORT);
        // The first makes this kernel ask by itself, and be answered.
        send();
        await pause(50);
        drain();
        send();
        const poll = new PollSet();
        poll.add(asker.fd);
        expect([...poll.wait(50)]).to.deep.equal([]);
        ip('link set a0 down', peer.pid);
        answers.length = 0;
        asker.ask(2);
        await pause(50);
        drain();
        expect(answers).to.deep.equal([]);
        peer.kill('SIGKILL');
      },
    );

    inNamespace(import.meta.url, `a port where nobody listens is refused over ${family.family}`, async () => {
      const peer = await wired(family);
      const { cluster, self } = clusterOf(family);
      const watched: number[] = [];
      const probe = new PortProbe(cluster, self, (fd) => watched.push(fd));
      const refusals: number[] = [];
      const drain = (): boolean[] => watched.map((fd) => probe.drain(fd, (board) => refusals.push(board)));
      await until('a refusal', () => {
        probe.ask(2, 'A');
        drain();
        return refusals.length > 0;
      });
      expect([new Set(refusals), watched.length, probe.drain(0, () => undefined)]).to.deep.equal([
        new Set([2]),
        1,
        false,
      ]);
      probe.ask(2, 'B');
      expect(watched.length, 'no device, no socket, and no throw').to.equal(1);

      const script = `require('node:dgram').createSocket('${family.family === 'ipv4' ? 'udp4' : 'udp6'}').bind(${PORT}, () => console.log('here'))`;
      const listener = spawn('nsenter', ['-t', `${peer.pid}`, '-n', process.execPath, '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((here) => listener.stdout?.once('data', here));
      await pause(50);
      drain();
      refusals.length = 0;
      for (let tries = 0; tries < 5; tries++) {
        probe.ask(2, 'A');
        await pause(20);
        drain();
      }
      expect(refusals, 'somebody listens').to.deep.equal([]);
      ip('link set a0 down', peer.pid);
      probe.ask(2, 'A');
      await pause(50);
      drain();
      expect(refusals, 'silence is no refusal').to.deep.equal([]);
      for (const child of [listener, peer]) child.kill('SIGKILL');
      probe.close();
    });
  }

  inNamespace(import.meta.url, 'an advertisement that nobody asked for is no answer', async () => {
    const [, family] = FAMILIES;
    const { cluster, self } = clusterOf(family);
    ip('link add a0 type veth peer name p0');
    for (const device of ['a0', 'p0']) ip(`link set ${device} up`);
    const asker = unwrap(openKernelAsker(cluster, self, 'A'));
    const other = unwrap(openPacket({ device: 'p0', etherType: ETH_P_IPV6 }));
    const poll = new PollSet();
    poll.add(asker.fd);
    other.send(unsolicitedAdvertisement(other.mac, `${family.subnet}2`));
    expect([...poll.wait(2000)], 'it came').to.deep.equal([asker.fd]);
    const answers: number[] = [];
    asker.drain((board) => answers.push(board));
    expect(answers).to.deep.equal([]);
  });
});
