import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NetrackState } from '@softset/protocol';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { pulseReport } from '../e2e/pulse-report.js';

const program = fileURLToPath(new URL('../../packages/cli/bin/softset.js', import.meta.url));
const name = `e2e-keys-${process.pid}`;
const BOARDS = ['cpu-1', 'cpu-2', 'cpu-3'];
const DAEMONS = ['netrack-pulse', 'netrackd'];
const topology = `trunk: true
cluster: chassis.yaml
outside: { client: 203.0.113.10/24, gateway: 203.0.113.1, routes: [192.168.1.0/24] }
boards:
  cpu-1: { A: 10.1.1.1/16, B: 20.1.1.1/16 }
  cpu-2: { A: 10.1.1.2/16, B: 20.1.1.2/16 }
  cpu-3: { A: 10.1.1.3/16, B: 20.1.1.3/16, outside: 203.0.113.1/24, forward: true }
`;
const cluster = `version: 1
cluster: { name: keys, number: 4715, keyFile: chassis.key }
timing: { intervalMs: 50, leaseMs: 1250, proofMs: 250 }
networks:
  A: { subnet: 10.1.0.0/16, device: a0, multicast: 224.0.0.254 }
  B: { subnet: 20.1.0.0/16, device: b0, multicast: 224.0.0.254 }
boards:
  cpu-1: { id: 1, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  cpu-2: { id: 2, A: 10.1.1.2, B: 20.1.1.2, vote: true }
  cpu-3: { id: 3, A: 10.1.1.3, B: 20.1.1.3, vote: true }
services:
  media: { addresses: [192.168.1.1/32], pool: [cpu-1, cpu-2] }
`;

/** Three boards with all daemons, slow beats; they share one key file, and take it one daemon after another. */
describe('keys are rotated while three real boards run', function () {
  this.timeout(240_000 * patience);
  let folder = '';
  let dir = '';
  const runDir = (board: string) => join(dir, 'boards', board, 'run');

  function softset(...args: string[]) {
    const done = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', timeout: 120_000 });
    return { code: done.status, out: done.stdout, err: done.stderr };
  }
  const status = (board: string): NetrackState | undefined => {
    const { out } = softset('status', '--lab', name, '--board', board, '--json');
    return out === '' ? undefined : ((JSON.parse(out) as { state?: NetrackState }).state ?? JSON.parse(out));
  };
  const grant = (state: NetrackState | undefined) => {
    const media = state?.services.find(({ service }) => service === 'media');
    return media?.phase === 'held' ? media.holder : undefined;
  };
  const said = (board: string, daemon: string, word: string): number =>
    readFileSync(join(dir, 'boards', board, 'log', `${daemon}.log`), 'utf8').split(`"${word}"`).length - 1;

  /** Renamed into place, as an operator should: a daemon reads the old file or the new. */
  function put(...keys: readonly string[]): void {
    const fresh = join(dir, 'chassis.key.fresh');
    writeFileSync(fresh, `${keys.join('\n')}\n`, { mode: 0o600 });
    renameSync(fresh, join(dir, 'chassis.key'));
  }
  async function taken(board: string, daemon: string, word: 'reloaded' | 'reload-refused'): Promise<void> {
    const before = said(board, daemon, word);
    // From inside the board: it has process numbers of its own, and here the same number is somebody else's.
    const words = `kill -HUP "$(cat ${join(runDir(board), `${daemon}.lock`)})"`;
    const sent = softset('lab', 'exec', board, '--name', name, '--', 'sh', '-c', words);
    expect(sent.code, sent.err).to.equal(0);
    await until(`${daemon} of ${board}: ${word}`, () => (said(board, daemon, word) > before ? true : undefined));
  }
  const refusals = async (): Promise<number> => {
    const reports = await Promise.all(BOARDS.map((board) => pulseReport(runDir(board))));
    const counts = reports.flatMap(({ refused }) => [refused.BEAT_UNKNOWN_KEY ?? 0, refused.BEAT_FORGED ?? 0]);
    return counts.reduce((sum, count) => sum + count, 0);
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'softset-keys-'));
    writeFileSync(join(folder, 'chassis.lab.yaml'), topology);
    writeFileSync(join(folder, 'chassis.yaml'), cluster);
    const up = softset('lab', 'up', join(folder, 'chassis.lab.yaml'), '--name', name, '--json');
    expect(up.code, up.err).to.equal(0);
    dir = (JSON.parse(up.out) as { dir: string }).dir;
    await until('all three see each other and media is held', () => {
      const states = BOARDS.map(status);
      return states.every((state) => state?.quorum.present === 3 && grant(state) !== undefined) ? true : undefined;
    });
  });
  after(() => {
    softset('lab', 'down', '--name', name);
    rmSync(folder, { recursive: true, force: true });
  });

  it('a step left out is refused by every daemon; in steps no beat is refused, and nothing moves', async () => {
    const old = readFileSync(join(dir, 'chassis.key'), 'utf8').trim();
    const fresh = 'ab'.repeat(32);
    const before = { grant: grant(status('cpu-3')), refused: await refusals() };
    put(fresh);
    for (const board of BOARDS) for (const daemon of DAEMONS) await taken(board, daemon, 'reload-refused');
    for (const step of [[old, fresh], [fresh, old], [fresh]]) {
      put(...step);
      for (const board of BOARDS) for (const daemon of DAEMONS) await taken(board, daemon, 'reloaded');
    }
    await sleep(500);
    expect(await refusals(), 'beats refused for their key').to.equal(before.refused);
    for (const board of BOARDS) expect(status(board)?.quorum.present, board).to.equal(3);
    expect(grant(status('cpu-3')), 'the same grant').to.deep.equal(before.grant);
  });
});
