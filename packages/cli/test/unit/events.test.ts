import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JournalLine, linesOf, ordered } from '@softset/cli/events/order.js';
import { expect } from 'chai';
import fc from 'fast-check';

const softset = fileURLToPath(new URL('../../bin/softset.js', import.meta.url));
const line = (what: string, version: { term?: number; index?: number } = {}, time = '2026-01-01T00:00:00.000Z') =>
  ({ time, who: 'x', what, fields: {}, ...version }) satisfies JournalLine;

describe('softset events', () => {
  it('puts lines of several boards in the order of term and index, whatever their clocks say', () => {
    const a = [line('grant', { term: 1, index: 4 }, '2030'), line('moved', { term: 2, index: 1 }, '1999')];
    const b = [line('lost', { term: 1, index: 5 }, '1970')];
    const told = ordered([
      { from: 'cpu-2', lines: b },
      { from: 'cpu-1', lines: a },
    ]);
    expect(told.map(({ from, what }) => `${from} ${what}`)).to.deep.equal(['cpu-1 grant', 'cpu-2 lost', 'cpu-1 moved']);
  });

  it('keeps the order of one journal: a line without a version, or with an older one, goes with the line before it', () => {
    const lines = [line('a'), line('b', { term: 3, index: 1 }), line('c'), line('d', { term: 2, index: 9 })];
    const told = ordered([
      { from: 'x', lines },
      { from: 'y', lines: [line('e', { term: 3, index: 2 }), line('f', { term: 2, index: 7 })] },
    ]);
    expect(told.map(({ what, term, index }) => `${what} ${term}.${index}`)).to.deep.equal([
      'a 0.0',
      'b 3.1',
      'c 3.1',
      'd 3.1',
      'e 3.2',
      'f 3.2',
    ]);
  });

  it('loses and doubles nothing, and never turns two lines of a journal round', () => {
    const one = fc.record({ term: fc.nat(3), index: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(fc.array(one), { maxLength: 4 }), (journals) => {
        const told = journals.map((list, j) => ({ from: `b${j}`, lines: list.map((at, i) => line(String(i), at)) }));
        const all = ordered(told);
        for (const { from, lines } of told) {
          const kept = all.filter((entry) => entry.from === from).map(({ what }) => what);
          expect(kept).to.deep.equal(lines.map(({ what }) => what));
        }
        for (const [i, { term, index }] of all.entries()) {
          const before = all[i - 1] ?? { term: 0, index: 0 };
          expect(before.term < term || (before.term === term && before.index <= index)).to.equal(true);
        }
      }),
    );
  });

  it('passes over lines that are torn', () => {
    expect(linesOf('{"time":"t","what":"a"}\n{"time":\n7\nnull\n').map(({ what }) => what)).to.deep.equal(['a']);
  });

  it('reads the journals in folders that were fetched from boards', () => {
    const folder = mkdtempSync(join(tmpdir(), 'softset-events-'));
    try {
      for (const [board, term] of [
        ['cpu-1', 2],
        ['cpu-2', 1],
      ] as const) {
        mkdirSync(join(folder, board));
        const text = JSON.stringify({ ...line(`from-${board}`, { term, index: 1 }), sequence: 1, monotonicMs: 1 });
        writeFileSync(join(folder, board, 'redirectd.journal'), `${text}\n`);
      }
      const words = ['events', `cpu-1=${join(folder, 'cpu-1')}`, join(folder, 'cpu-2')];
      const { stdout } = spawnSync(process.execPath, [softset, ...words], { encoding: 'utf8' });
      expect(stdout.split('\n').map((text) => text.split('  ', 2).join(' '))).to.deep.equal([
        '1.1 cpu-2 redirectd',
        '2.1 cpu-1 redirectd',
        '',
      ]);
      expect(spawnSync(process.execPath, [softset, 'events', folder], { encoding: 'utf8' }).status).to.equal(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
