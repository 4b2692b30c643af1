import { lineDiff } from '@softset/cli/config/line-diff.js';
import { configurationLines } from '@softset/cli/config/words.js';
import type { NetrackState } from '@softset/protocol';
import { expect } from 'chai';
import fc from 'fast-check';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 });

describe('softset config', () => {
  it('shows what differs, with what is around it', () => {
    const before = ['1', '2', '3', '4', '5', '6', '7', '8'].join('\n');
    expect(lineDiff(before, before)).to.deep.equal([]);
    expect(lineDiff(before, before.replace('5', 'five'))).to.deep.equal([
      '…',
      '  3',
      '  4',
      '- 5',
      '+ five',
      '  6',
      '  7',
    ]);
  });

  it('of any two texts: without the lines of one, the other is left', () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const shown = lineDiff(a.join('\n'), b.join('\n'));
        const count = (mark: string) => shown.filter((line) => line.startsWith(mark)).length;
        expect(a.length - count('-')).to.equal(b.length - count('+'));
        expect(shown.length === 0).to.equal(a.join('\n') === b.join('\n'));
      }),
    );
  });

  const state = (configurations: readonly (string | undefined)[], change: Partial<NetrackState> = {}) =>
    ({
      director: 1,
      boards: configurations.map((configuration, i) => ({
        board: i + 1,
        name: `cpu-${i + 1}`,
        verdict: 'up',
        ...(configuration === undefined ? {} : { configuration }),
      })),
      ...change,
    }) as NetrackState;

  it('status says which board runs what while they differ, and who decides meanwhile', () => {
    expect(configurationLines(state(['aaaaaaaa', 'aaaaaaaa', undefined]), 80)).to.deep.equal([]);
    const told = configurationLines(state(['aaaaaaaa', 'aaaaaaaa', 'bbbbbbbb']), 200).join(' ');
    expect(told)
      .to.match(/cpu-1, cpu-2: aaaaaaaa; cpu-3: bbbbbbbb/)
      .and.match(/placement and rules go by cpu-1’s/);
  });

  it('and what waits for a word', () => {
    const rollout = { version: 4, hash: 'c'.repeat(64), before: 'a'.repeat(64), confirmMs: 1, who: 'operator' };
    const told = configurationLines(state(['cccccccc'], { rollout: { ...rollout, phase: 'trial' } }), 200).join(' ');
    expect(told).to.match(/cccccccc \(version 4\) is on trial, by operator: softset config confirm, or rollback/);
  });
});
