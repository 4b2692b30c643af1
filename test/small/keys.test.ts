import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetrackState } from '@softset/protocol';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { pulseReport } from '../e2e/pulse-report.js';
import { softset, threeBoards } from './three-boards.js';

const name = `e2e-keys-${process.pid}`;
const BOARDS = ['cpu-1', 'cpu-2', 'cpu-3'];
const DAEMONS = ['netrack-pulse', 'netrackd'];

/** Three boards with all daemons, slow beats; they share one key file, and take it one daemon after another. */
describe('keys are rotated while three real boards run', function () {
  this.timeout(240_000 * patience);
  let boards: ReturnType<typeof threeBoards> | undefined;
  let dir = '';
  const runDir = (board: string) => join(dir, 'boards', board, 'run');

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
    boards = threeBoards(name, 4715);
    dir = boards.dir;
    await until('all three see each other and media is held', () => {
      const states = BOARDS.map(status);
      return states.every((state) => state?.quorum.present === 3 && grant(state) !== undefined) ? true : undefined;
    });
  });
  after(() => boards?.down());

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
