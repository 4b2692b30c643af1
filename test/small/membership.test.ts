import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { netrackClient } from '@softset/client';
import { DESCRIBED } from '@softset/netrack/described.js';
import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import { softset, threeBoards } from './three-boards.js';

const example = fileURLToPath(new URL('../../examples/python/holders.py', import.meta.url));
const name = `e2e-membership-${process.pid}`;

interface Vote {
  readonly board: string;
  readonly vote: string;
}

/** Three boards with all daemons, slow beats, and the operator's commands as they are typed. */
describe('who is a member: three real boards', function () {
  this.timeout(240_000 * patience);
  let boards: ReturnType<typeof threeBoards> | undefined;
  let dir = '';

  const lab = (...words: string[]) => softset(...words, '--lab', name);
  const fault = (...words: string[]) => {
    const done = softset('lab', ...words, '--name', name);
    expect(done.code, done.err).to.equal(0);
  };
  /** As one board sees it; undefined while it does not answer. */
  function quorum(board: string): { code: number | null; votes: string } | undefined {
    const { code, out } = lab('quorum', 'status', '--board', board, '--json');
    if (out === '') return undefined;
    const { votes } = JSON.parse(out) as { votes: Vote[] };
    return { code, votes: votes.map((one) => `${one.board} ${one.vote}`).join(', ') };
  }
  const holder = (): string | undefined => /media +(\S+) +held/.exec(lab('service', 'list').out)?.[1];
  const becomes = (what: string, look: () => boolean) => until(what, () => (look() ? true : undefined));
  /** A director that changes in the midst of a wish refuses it, and says so: it is uttered again, as an operator would. */
  const done = (...words: string[]) =>
    until(words.join(' '), () => {
      const answer = lab(...words);
      return answer.code === 0 ? answer : undefined;
    });
  const ALL = 'cpu-1 counts, cpu-2 counts, cpu-3 counts';
  const all = (): boolean =>
    ['cpu-1', 'cpu-2', 'cpu-3'].every((board) => quorum(board)?.votes === ALL) && holder() !== undefined;

  before(async () => {
    boards = threeBoards(name, 4713);
    dir = boards.dir;
    await becomes('all three vote and media is held', all);
  });
  after(() => boards?.down());

  it('the holder leaves for good, its service first; switched off, it is no fault, and it returns', async () => {
    const who = holder() ?? '';
    const other = who === 'cpu-1' ? 'cpu-2' : 'cpu-1';
    const would = lab('board', 'leave', who, '--dry-run');
    expect(would.code, would.err).to.equal(0);
    expect(would.out)
      .to.include(`media: ${who} to ${other}`)
      .and.include(`then ${who} leaves: its vote counts no more`);
    expect([holder(), all()], 'a dry run does nothing').to.deep.equal([who, true]);
    const left = await done('board', 'leave', who);
    expect(left.out).to.match(new RegExp(`${who} holds nothing any more[^]*${who} has left`));
    expect(holder()).to.equal(other);
    await becomes('the others know', () => quorum('cpu-3')?.votes === ALL.replace(`${who} counts`, `${who} left`));
    fault('fault', 'crash', who);
    const seen = (board: string) => softset('quorum', 'status', '--lab', name, '--board', board).out;
    await becomes('it is not there', () => /left +down/.test(seen('cpu-3')));
    expect(quorum('cpu-3')?.code, 'two of two votes').to.equal(0);
    expect(lab('status', '--board', 'cpu-3').out, 'no fault').to.not.match(/board-failed/);
    expect(holder()).to.equal(other);
    fault('heal');
    await becomes('it answers again', () => quorum(who) !== undefined);
    const back = lab('board', 'return', who, '--dry-run');
    expect(back.out).to.include(`before that ${who} returns: its vote counts again`);
    expect(quorum('cpu-3')?.votes, 'nor that one').to.not.equal(ALL);
    await done('board', 'return', who);
    await becomes('all three vote again', all);
  });

  it('answers as docs/netrackd.openrpc.json says', async () => {
    const client = netrackClient(join(dir, 'boards', 'cpu-1', 'run'), { name: 'e2e', retry: 'none' });
    try {
      await client.ready();
      const answers = [
        ['status', await client.call('status', {})],
        ['register', await client.call('register', {})],
        ['path', await client.call('path', { board: 'cpu-2' })],
      ] as const;
      for (const [method, answer] of answers) {
        const schema = DESCRIBED[method].result;
        expect(answer.ok && schema.safeParse(answer.value), method).to.include({ success: true });
      }
    } finally {
      client.close();
    }
  });

  it('the ten lines of Python in examples/ say who holds what', function () {
    const run = spawnSync('python3', [example, join(dir, 'boards', 'cpu-3', 'run')], { encoding: 'utf8' });
    // Nothing of ours needs Python; where it is not installed there is nobody to run the example.
    if (run.error !== undefined && (run.error as NodeJS.ErrnoException).code === 'ENOENT') this.skip();
    expect(run.stderr).to.equal('');
    expect(run.stdout).to.equal(`media held ${holder()}\n`);
    expect(readFileSync(example, 'utf8').trimEnd().split('\n').length).to.equal(10);
  });

  it('one board of three is left: a quorum is forced there, with a warning, an alarm and a line of the journal', async () => {
    fault('fault', 'crash', 'cpu-1');
    fault('fault', 'crash', 'cpu-3');
    await becomes('no quorum', () => quorum('cpu-2')?.code === 1);
    const unsure = lab('quorum', 'force', '--board', 'cpu-2');
    expect(unsure.code).to.equal(1);
    expect(unsure.err)
      .to.match(/WARNING: this takes the votes of cpu-1,\s+cpu-3/)
      .and.match(/two\s+boards\s+will\s+answer/);
    expect(unsure.err).to.match(/nothing was done/);
    expect(lab('quorum', 'force', '--board', 'cpu-2', '--confirm', 'other').code).to.equal(1);
    expect(quorum('cpu-2')?.code).to.equal(1);
    const forced = lab('quorum', 'force', '--board', 'cpu-2', '--confirm', 'small');
    expect(forced.code, forced.err).to.equal(0);
    expect(forced.out).to.match(/without a vote now: cpu-1, cpu-3/);
    await becomes('cpu-2 serves alone', () => holder() === 'cpu-2');
    expect(quorum('cpu-2')).to.deep.equal({ code: 0, votes: 'cpu-1 left, cpu-2 counts, cpu-3 left' });
    expect(lab('status').out).to.match(/QUORUM_FORCED/);
    const journal = readFileSync(join(dir, 'boards', 'cpu-2', 'state', 'netrackd.journal'), 'utf8');
    expect(journal.split('\n').filter((line) => line.includes('"what":"force"')).length).to.be.greaterThan(0);
    const again = lab('quorum', 'force', '--board', 'cpu-2', '--confirm', 'small');
    expect(again.err).to.match(/nothing has to be forced/);

    fault('heal');
    await becomes('the others follow without votes', () => quorum('cpu-1')?.votes === quorum('cpu-2')?.votes);
    for (const board of ['cpu-1', 'cpu-3']) {
      await done('board', 'return', board);
    }
    await becomes('all three vote again', all);
    expect(holder()).to.equal('cpu-2');
  });
});
