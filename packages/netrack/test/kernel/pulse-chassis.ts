import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unwrap } from '@softset/base';
import { BROADCAST_MAC, decodeArp, encodeArp, ZERO_MAC } from '@softset/linux/arp.js';
import { ETH_P_ARP, openPacket, type PacketSocket } from '@softset/linux/packet.js';
import type { DaemonName, PulseAnswer, PulseMessage, PulseReport, PulseRequest } from '@softset/protocol';
import { encodeFrame, FrameDecoder } from '@softset/protocol/frames.js';
import { ip, until } from './relay-namespace.js';

export const PUBLIC = '192.168.1.1';
/** Slow enough for a crowded machine: nothing here is about speed. */
export const LEASE_MS = 3000;
const PULSE = fileURLToPath(new URL('../../bin/netrack-pulse.js', import.meta.url));
const CLUSTER = `version: 1
cluster: { name: pulse-test, number: 99, keyFile: key }
timing: { intervalMs: 20, leaseMs: ${LEASE_MS}, proofMs: 200 }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  b1: { id: 1, A: 10.1.0.1, B: 20.1.0.1 }
  b2: { id: 2, A: 10.1.0.2, B: 20.1.0.2, vote: true }
services:
  media: { addresses: [${PUBLIC}/32], pool: [b1] }
`;

/** Two boards in namespaces of their own, on two bridges in this one; all of it dies with this process's namespace. */
export class Chassis {
  readonly folder = mkdtempSync(join(tmpdir(), 'netrack-pulse-'));
  readonly #boards = new Map<number, ChildProcess>();
  readonly #started: ChildProcess[] = [];
  readonly #clients: PulseClient[] = [];
  #asker: PacketSocket | undefined;

  constructor() {
    writeFileSync(join(this.folder, 'cluster.yaml'), CLUSTER);
    writeFileSync(join(this.folder, 'key'), `${'5a'.repeat(32)}\n`, { mode: 0o600 });
    for (const bridge of ['sw-a', 'sw-b']) {
      ip(`link add ${bridge} type bridge`);
      ip(`link set ${bridge} up`);
    }
  }

  async wire(): Promise<this> {
    for (const board of [1, 2]) {
      const holder = spawn('unshare', ['-n', 'sh', '-c', 'echo here; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((here) => holder.stdout.once('data', here));
      this.#boards.set(board, holder);
      ip('link set lo up', this.#pid(board));
      for (const [network, subnet] of [
        ['a', '10.1'],
        ['b', '20.1'],
      ] as const) {
        ip(`link add ${network}0 netns ${this.#pid(board)} type veth peer name ${network}-b${board}`);
        ip(`link set ${network}-b${board} master sw-${network} up`);
        ip(`addr add ${subnet}.0.${board}/16 dev ${network}0`, this.#pid(board));
        ip(`link set ${network}0 up`, this.#pid(board));
      }
    }
    this.#asker = unwrap(openPacket({ device: 'sw-a', etherType: ETH_P_ARP }));
    return this;
  }

  #pid(board: number): number {
    return this.#boards.get(board)?.pid ?? 0;
  }

  runDir(board: number): string {
    return join(this.folder, `run-${board}`);
  }

  ip(board: number, command: string): string {
    return ip(command, this.#pid(board));
  }

  nft(board: number, ...words: string[]): string {
    return execFileSync('nsenter', ['-t', `${this.#pid(board)}`, '-n', 'nft', ...words], { encoding: 'utf8' });
  }

  /** A pulse of that board; its log and how it ended. */
  pulse(board: number): Pulse {
    mkdirSync(this.runDir(board), { recursive: true });
    const args = [
      '--cluster',
      join(this.folder, 'cluster.yaml'),
      '--board',
      `b${board}`,
      '--run-dir',
      this.runDir(board),
    ];
    const inside = ['-t', `${this.#pid(board)}`, '-n', process.execPath, PULSE, ...args];
    const child = spawn('nsenter', inside, { stdio: ['ignore', 'inherit', 'pipe'] });
    this.#started.push(child);
    return new Pulse(child);
  }

  async client(board: number, daemon: DaemonName | 'watch'): Promise<PulseClient> {
    for (let tries = 0; tries < 200; tries++) {
      const socket = connect(join(this.runDir(board), 'pulse.sock'));
      const connected = await new Promise<boolean>((settled) => {
        socket.once('connect', () => settled(true));
        socket.once('error', () => settled(false));
      });
      if (connected) {
        const client = new PulseClient(socket, daemon);
        this.#clients.push(client);
        return client;
      }
      await new Promise((wake) => setTimeout(wake, 25));
    }
    throw new Error(`board ${board}: no pulse answers on its socket`);
  }

  /** Whether somebody on network A answers for the public address: five questions, so that one lost frame is no news. */
  async answered(): Promise<boolean> {
    const asker = this.#asker;
    if (!asker) throw new Error('not wired');
    while (asker.receive() !== undefined);
    for (let tries = 0; tries < 5; tries++) {
      const question = { senderMac: asker.mac, senderIp: '10.1.0.99', targetMac: ZERO_MAC, targetIp: PUBLIC };
      asker.send(encodeArp({ operation: 'request', ...question, destination: BROADCAST_MAC }));
      for (let waits = 0; waits < 4; waits++) {
        await new Promise((wake) => setTimeout(wake, 5));
        for (let frame = asker.receive(); frame !== undefined; frame = asker.receive()) {
          const arp = decodeArp(frame);
          if (arp.ok && arp.value.operation === 'reply' && arp.value.senderIp === PUBLIC) return true;
        }
      }
    }
    return false;
  }

  /** Board 2 directs term 1 and vouches for board 1. */
  async directed(): Promise<PulseClient> {
    const director = await this.client(2, 'netrackd');
    director.send({ kind: 'memory', amnesiac: false });
    await director.ask({ kind: 'follow', id: 1, term: 1, director: 2 });
    await director.ask({ kind: 'lead', id: 2, term: 1, deputy: 0 });
    await director.ask({ kind: 'vouch', id: 3, term: 1, boards: [1] });
    return director;
  }

  /** Board 1 follows and takes the address by the grant 1.1, or a later one. */
  async taken(n = 1): Promise<PulseClient> {
    const netrackd = await this.client(1, 'netrackd');
    netrackd.send({ kind: 'memory', amnesiac: false });
    netrackd.send({ kind: 'named', term: 1, index: n, grants: [{ service: 'media', grant: { term: 1, n } }] });
    const followed = await netrackd.ask({ kind: 'follow', id: 1, term: 1, director: 2 });
    if (followed.kind !== 'followed') throw new Error(JSON.stringify(followed));
    const { boot, incarnation, sequence } = followed.own;
    const order = {
      kind: 'take',
      service: 'media',
      grant: { term: 1, n },
      term: 1,
      director: 2,
      stamp: { boot, incarnation, sequence },
      cause: 'test',
    } as const;
    const agent = await this.client(1, 'redirectd');
    const created = await agent.ask({ kind: 'create', id: 2, order, network: 'A' });
    if (created.kind !== 'created') throw new Error(JSON.stringify(created));
    return netrackd;
  }

  close(): void {
    for (const client of this.#clients) client.close();
    for (const child of [...this.#started, ...this.#boards.values()]) child.kill('SIGKILL');
    this.#asker?.close();
    rmSync(this.folder, { recursive: true });
  }
}

export class Pulse {
  stderr = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((end) => child.once('close', (code) => end(code)));
  }

  async ready(): Promise<this> {
    await until(
      'a pulse is ready',
      () => this.stderr.includes('"ready"'),
      () => this.stderr,
    );
    return this;
  }
}

/** A daemon's connection to a pulse, spoken by hand. */
export class PulseClient {
  readonly #socket: Socket;
  readonly #frames = new FrameDecoder(1 << 20);
  readonly messages: PulseMessage[] = [];
  closed = false;

  constructor(socket: Socket, daemon: DaemonName | 'watch') {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      for (const payload of unwrap(this.#frames.push(chunk)))
        this.messages.push(JSON.parse(Buffer.from(payload).toString()));
    });
    socket
      .on('error', () => undefined)
      .on('close', () => {
        this.closed = true;
      });
    this.send({ kind: 'hello', daemon });
  }

  send(request: PulseRequest): void {
    this.#socket.write(unwrap(encodeFrame(new TextEncoder().encode(JSON.stringify(request)))));
  }

  async ask(request: PulseRequest & { id: number }): Promise<PulseAnswer> {
    this.send(request);
    const find = () =>
      this.messages.find((message): message is PulseAnswer => 'id' in message && message.id === request.id);
    await until(
      `an answer to ${request.kind}`,
      () => find() !== undefined,
      () => this.messages,
    );
    const answer = find();
    if (!answer) throw new Error('no answer');
    this.messages.splice(this.messages.indexOf(answer), 1);
    return answer;
  }

  report(): PulseReport | undefined {
    for (const message of [...this.messages].reverse()) if (message.kind === 'report') return message.report;
    return undefined;
  }

  async reports(what: string, ask: (report: PulseReport) => boolean): Promise<void> {
    const holds = (): boolean => {
      const report = this.report();
      return report !== undefined && ask(report);
    };
    await until(what, holds, () => this.report());
  }

  losses(): string[] {
    return this.messages.flatMap((message) => (message.kind === 'lost' ? [message.why] : []));
  }

  close(): void {
    this.#socket.destroy();
  }
}
