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

  const fingerprints = (): string[] => {
    const { out } = softset('key', 'status', '--lab', name, '--json');
    const { boards: told } = JSON.parse(out) as { boards: { keys: string[] }[] };
    return told.map(({ keys }) => keys.join(' '));
  };
  const rotate = (...words: string[]) => softset('key', 'rotate', ...words, '--lab', name);

  it('softset key rotate: one new key on all boards, no beat refused, nothing moved', async () => {
    const before = { grant: grant(status('cpu-3')), refused: await refusals(), keys: fingerprints() };
    const rotated = rotate();
    expect(rotated.code, rotated.err).to.equal(0);
    expect(rotated.out).to.match(/every board has the one key/);
    const after = fingerprints();
    expect(new Set(after).size, 'one key').to.equal(1);
    expect(after[0])
      .to.match(/^[0-9a-f]{16}$/)
      .and.not.equal(before.keys[0]);
    await sleep(500);
    expect(await refusals(), 'beats refused for their key').to.equal(before.refused);
    expect(grant(status('cpu-3')), 'the same grant').to.deep.equal(before.grant);
    const journal = readFileSync(join(dir, 'boards', 'cpu-2', 'state', 'netrackd.journal'), 'utf8');
    for (const step of ['install', 'use', 'remove']) expect(journal).to.contain(`"what":"key-${step}"`);
  });

  it('a board that dies in its midst stops it by name; back, it goes on, or is taken back', async () => {
    const before = fingerprints();
    const crash = () => {
      expect(softset('lab', 'fault', 'crash', 'cpu-3', '--name', name).code).to.equal(0);
    };
    const heal = () => {
      expect(softset('lab', 'heal', '--name', name).code).to.equal(0);
      return until('all are back', () =>
        BOARDS.every((board) => status(board)?.quorum.present === 3) ? true : undefined,
      );
    };
    // The pulse of the last board in order stands still: the others have installed when it does not acknowledge.
    const pulse = (signal: string) => {
      const words = `kill -${signal} "$(cat ${join(runDir('cpu-3'), 'netrack-pulse.lock')})"`;
      return softset('lab', 'exec', 'cpu-3', '--name', name, '--', 'sh', '-c', words);
    };
    pulse('STOP');
    const stopped = rotate();
    expect(stopped.code, stopped.out).to.equal(1);
    expect(stopped.err).to.match(/cpu-3 (did not install the key|does not answer)/);
    pulse('CONT');
    crash();
    const silent = rotate('--resume');
    expect(silent.code, silent.out).to.equal(1);
    expect(silent.err).to.match(/cpu-3 does not answer/);
    await heal();
    const resumed = await until('it goes on', () => {
      const said = rotate('--resume');
      return said.code === 0 ? said : undefined;
    });
    expect(resumed.out).to.match(/every board has the one key|nothing is left/);
    const after = fingerprints();
    expect(new Set(after).size).to.equal(1);
    const abort = rotate('--abort');
    expect(abort.code, 'the old key is gone for good').to.equal(1);
    expect(abort.err).to.match(/does not have the key/);
    expect(fingerprints()).to.deep.equal(after);
    expect(before[0]).to.match(/^[0-9a-f]{16}$/);
  });

  it('begun and taken back, the old key is what remains, also after every daemon began anew', async () => {
    const [before] = fingerprints();
    const words = `kill -STOP "$(cat ${join(runDir('cpu-2'), 'netrack-pulse.lock')})"`;
    softset('lab', 'exec', 'cpu-2', '--name', name, '--', 'sh', '-c', words);
    expect(rotate().code).to.equal(1);
    softset('lab', 'exec', 'cpu-2', '--name', name, '--', 'sh', '-c', words.replace('STOP', 'CONT'));
    await until('all see each other', () =>
      BOARDS.every((board) => status(board)?.quorum.present === 3) ? true : undefined,
    );
    await until('it is taken back', () => (rotate('--abort').code === 0 ? true : undefined));
    expect(fingerprints()).to.deep.equal([before, before, before]);
    for (const board of BOARDS)
      for (const daemon of DAEMONS) {
        const kill = `kill "$(cat ${join(runDir(board), `${daemon}.lock`)})"`;
        softset('lab', 'exec', board, '--name', name, '--', 'sh', '-c', kill);
      }
    await until('they are back with it', () =>
      BOARDS.every((board) => status(board)?.quorum.present === 3) ? true : undefined,
    );
    expect(fingerprints()).to.deep.equal([before, before, before]);
  });
});
