import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigurationState, NetrackState } from '@softset/protocol';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { type Said, softset, threeBoards } from './three-boards.js';

const name = `e2e-config-${process.pid}`;
const BOARDS = ['cpu-1', 'cpu-2', 'cpu-3'] as const;

/** Three boards with all daemons and slow beats, and the operator's commands as they are typed. */
describe('one configuration for three boards that run', function () {
  this.timeout(300_000 * patience);
  let boards: ReturnType<typeof threeBoards> | undefined;
  let dir = '';
  let number = 0;

  const lab = (...words: string[]): Said => softset(...words, '--lab', name);
  const well = (said: Said): Said => {
    expect(said.code, `${said.out}${said.err}`).to.equal(0);
    return said;
  };
  const status = (board: string): NetrackState | undefined => {
    const { out } = lab('status', '--board', board, '--json');
    return out === '' ? undefined : ((JSON.parse(out) as { state?: NetrackState }).state ?? JSON.parse(out));
  };
  const own = (board: string): ConfigurationState | undefined => {
    const { out, code } = lab('config', 'status', '--board', board, '--json');
    return code === 0 ? (JSON.parse(out) as ConfigurationState) : undefined;
  };
  const media = () => status('cpu-3')?.services.find(({ service }) => service === 'media');
  /** The file that runs, with another failback: something that placement and every board's hash depend on. */
  function written(extra: string): string {
    const file = join(dir, `next-${++number}.yaml`);
    writeFileSync(file, `${well(lab('config', 'show', '--board', 'cpu-3')).out.replace(/# .*\n/g, '')}# ${extra}\n`);
    return file;
  }
  const runs = (board: string): string | undefined => own(board)?.running.hash;
  /** A minute: boards begin anew one after another, and a trial takes its time. */
  async function allRun(hash: string, who: readonly string[] = BOARDS): Promise<void> {
    const endMs = performance.now() + 60_000 * patience;
    for (;;) {
      const now = who.map(runs);
      if (now.every((one) => one === hash)) return;
      if (performance.now() > endMs) throw new Error(`not all run ${hash}: ${now.join(', ')}`);
      await sleep(200);
    }
  }
  const staged = (board: string) => own(board)?.staged?.hash ?? '';
  const quiet = () =>
    until('all see each other, and media is held', () => {
      const states = BOARDS.map(status);
      return states.every((one) => one?.quorum.present === 3) && media()?.phase === 'held' ? true : undefined;
    });

  before(async () => {
    boards = threeBoards(name, 4717);
    dir = boards.dir;
    await quiet();
  });
  after(() => boards?.down());

  it('is pushed, committed, and confirmed: every board runs it, nothing moved, and each says whose wish it was', async () => {
    const before = media()?.holder;
    const file = written('the first');
    well(lab('config', 'check', file));
    const diff = lab('config', 'diff', file);
    expect(diff.code).to.equal(1);
    expect(diff.out).to.match(/^\+ # the first$/m);
    expect(well(lab('config', 'push', file)).out).to.match(/held ready by cpu-1, cpu-2, cpu-3/);
    const hash = staged('cpu-2');
    expect(runs('cpu-2'), 'nothing runs it yet').to.not.equal(hash);
    well(lab('config', 'commit', '--within', '200'));
    await allRun(hash);
    expect(lab('status').out).to.match(/on trial, by softset-config/);
    await until('it is confirmed', () => (lab('config', 'confirm').code === 0 ? true : undefined));
    await quiet();
    expect(own('cpu-1')?.rollout).to.include({ version: 1, phase: 'kept', hash });
    expect(media()?.holder, 'the same grant').to.deep.equal(before);
    for (const board of BOARDS) {
      const journal = readFileSync(join(dir, 'boards', board, 'state', 'netrackd.journal'), 'utf8');
      expect(journal, board).to.match(/"who":"softset-config \(uid \d+, pid \d+\)","what":"configuration-changed"/);
    }
  });

  it('one board that refuses is named, and no board changes', async () => {
    const before = BOARDS.map(runs);
    const renamed = written('the second').replace('next', 'bad');
    const text = well(lab('config', 'show', '--board', 'cpu-3')).out;
    writeFileSync(renamed, text.replace('leaseMs: 1250', 'leaseMs: 1500'));
    expect(lab('config', 'push', renamed).err).to.match(/timing\.leaseMs cannot change while boards run/);
    // A board whose disk takes nothing: its record's name is a folder there. Another is asked, or that one speaks for itself.
    const fine = written('the second');
    const stateDir = join(dir, 'boards', 'cpu-2', 'state');
    const onCpu2 = (command: string): void => {
      const folder = `${stateDir}/.configuration.new-0`;
      well(softset('lab', 'exec', 'cpu-2', '--name', name, '--', 'sh', '-c', `${command} '${folder}'`));
    };
    onCpu2('mkdir -p');
    try {
      const pushed = lab('config', 'push', fine, '--board', 'cpu-3');
      expect(pushed.code).to.equal(1);
      expect(pushed.err).to.match(/cpu-2: .*; no board\s+changed/);
      const committed = lab('config', 'commit', '--board', 'cpu-3');
      expect(committed.code, committed.out).to.equal(1);
      expect(committed.err).to.match(/cpu-2: /);
    } finally {
      onCpu2('rmdir');
    }
    expect(BOARDS.map(runs)).to.deep.equal(before);
  });

  it('not confirmed in time, it goes back on every board', async () => {
    const before = runs('cpu-1') ?? '';
    well(lab('config', 'push', written('the third')));
    expect(well(lab('config', 'commit', '--within', '25')).out).to.match(/cpu-1, cpu-2, cpu-3 run it/);
    await allRun(before);
    await quiet();
    expect(own('cpu-3')?.rollout).to.include({
      hash: before,
      phase: 'kept',
      who: 'not confirmed within 25 s',
    });
  });

  it('a board that was away takes what was kept meanwhile', async () => {
    const away = media()?.holder?.board === 2 ? 'cpu-1' : 'cpu-2';
    const fault = (...words: string[]) => well(softset('lab', ...words, '--name', name));
    fault('fault', 'crash', away);
    await until(`${away} is down`, () =>
      status('cpu-3')?.boards.find((one) => one.name === away)?.verdict === 'down' ? true : undefined,
    );
    const pushed = well(lab('config', 'push', written('the fourth'), '--board', 'cpu-3'));
    expect(pushed.out).to.match(new RegExp(`take it when they return: ${away}`));
    const hash = staged('cpu-3');
    well(lab('config', 'commit', '--within', '0', '--board', 'cpu-3'));
    fault('heal');
    await allRun(hash);
    await quiet();
    expect(existsSync(join(dir, 'boards', away, 'state', 'configuration'))).to.equal(true);
  });

  it('is rolled back by an operator, also after it was kept', async () => {
    const hash = own('cpu-1')?.rollout?.before ?? '';
    well(lab('config', 'rollback'));
    await allRun(hash);
    await quiet();
  });
});
