import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unwrap } from '@softset/base';
import { Lab, type Prober, parseTopology } from '@softset/lab';
import { echoProgram } from '../../demo/places.js';
import { echoPort, publicAddress } from '../../demo/programs.js';
import { type KeepalivedVariant, keepalivedConfig } from './keepalived.js';

export const pool = ['cpu-1', 'cpu-2'] as const;
export const otherBoard = (board: string): string => (board === 'cpu-1' ? 'cpu-2' : 'cpu-1');

/** Our chassis as far as a peer uses it: two boards of a pool, a router, a client outside. */
const text = `
outside: { client: 203.0.113.10/24, gateway: 203.0.113.1, routes: [192.168.1.0/24] }
boards:
  cpu-1: { A: 10.1.1.1/16, B: 20.1.1.1/16, routes: [{ to: default, via: 10.1.1.254 }] }
  cpu-2: { A: 10.1.1.2/16, B: 20.1.1.2/16, routes: [{ to: default, via: 10.1.1.254 }] }
  router-1:
    A: 10.1.1.254/16
    B: 20.1.1.254/16
    outside: 203.0.113.1/24
    forward: true
    routes: [{ to: 192.168.1.0/24, device: a0 }]
`;

/** How long one board alone must answer before a fault is worth doing, ms. */
const steadyMs = 400;
const wellMs = 15_000;

/** The lab of the peers and of the floor; the echo runs hot on both boards of the pool. */
export class PeerLab {
  readonly lab: Lab;

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  static async start(name: string): Promise<PeerLab> {
    const boards = [...pool];
    const keepalived = ['keepalived', '-n', '-l', '-f', '{labDir}/keepalived-{board}.conf'];
    const pids = ['-p', '{runDir}/keepalived.pid', '-r', '{runDir}/vrrp.pid'];
    const topology = unwrap(
      parseTopology(text, 'the peers', [
        { name: 'echo', command: ['{node}', echoProgram, '--port', String(echoPort)], boards },
        // It waits until a run wants it, at every boot.
        {
          name: 'keepalived',
          command: [
            '/bin/sh',
            '-c',
            'while ! [ -e "$0" ]; do sleep 0.05; done; exec "$@"',
            '{labDir}/wanted',
            ...keepalived,
            ...pids,
          ],
          boards,
        },
      ]),
    );
    return new PeerLab(await Lab.up({ topology, name, lifeMs: 3_600_000 }));
  }

  #wanted(): string {
    return join(this.lab.dir, 'wanted');
  }

  /** Brings keepalived up on both boards. Undefined, or why no single board came to answer. */
  async begin(variant: KeepalivedVariant, prober: Prober): Promise<string | undefined> {
    for (const [index, board] of pool.entries()) {
      const file = join(this.lab.dir, `keepalived-${board}.conf`);
      writeFileSync(file, keepalivedConfig(board, 254 - index, variant, publicAddress), { mode: 0o644 });
    }
    writeFileSync(this.#wanted(), '');
    await Promise.all(pool.map((board) => this.lab.board(board).init.start('keepalived')));
    return this.#steady(prober);
  }

  /** The board that answers, and nobody else, for a while; both echoes must listen by then. */
  async #steady(prober: Prober): Promise<string | undefined> {
    const untilMs = performance.now() + wellMs;
    while (performance.now() < untilMs) {
      const beganMs = prober.mark();
      await sleep(steadyMs);
      if ((await this.holder(prober, beganMs)) === undefined) continue;
      if ((await Promise.all(pool.map((board) => this.#listens(board)))).every((listens) => listens)) return undefined;
    }
    return `no single board answered within ${wellMs / 1000} s`;
  }

  async holder(prober: Prober, sinceMs = prober.mark() - steadyMs): Promise<string | undefined> {
    const { count, boards } = await prober.replies(sinceMs);
    const [only, second] = Object.keys(boards);
    return second === undefined && count > steadyMs / 4 ? only : undefined;
  }

  async #listens(board: string): Promise<boolean> {
    const port = echoPort.toString(16).toUpperCase().padStart(4, '0');
    return (await this.lab.board(board).exec(['grep', '-q', `:${port} `, '/proc/net/udp'])).exitCode === 0;
  }

  /** Heals; no keepalived runs afterwards, and nobody has the address. */
  async rest(): Promise<void> {
    await this.lab.heal();
    rmSync(this.#wanted(), { force: true });
    await Promise.all(
      pool.map(async (board) => {
        await this.lab.board(board).init.stop('keepalived');
        // One that was killed may have left it behind.
        await this.lab.board(board).exec(['ip', 'address', 'del', `${publicAddress}/32`, 'dev', 'a0']);
      }),
    );
  }

  /** Both processes of keepalived on one board, at once. */
  async kill(board: string): Promise<void> {
    const { runDir } = this.lab.board(board);
    await this.lab.board(board).exec(['sh', '-c', `kill -9 $(cat ${runDir}/keepalived.pid ${runDir}/vrrp.pid)`]);
  }

  stop(): Promise<boolean> {
    return this.lab.down();
  }
}
