import type { Level } from '@softset/psrm/core/events.js';
import { believe, initialBelief, judge } from '@softset/psrm/core/strain.js';
import { expect } from 'chai';

describe('a program in trouble (002 ¶0029, failure 3)', () => {
  const thresholds = { files: { warn: 10, act: 20 }, threads: { warn: 5 }, status: { warn: 'slow', act: 'stuck' } };
  const cases = [
    [{ files: 9, threads: 4, status: 'well' }, 'none', ''],
    [{ files: 10 }, 'warn', 'files 10 ≥ 10'],
    [{ files: 20, threads: 9 }, 'act', 'files 20 ≥ 20'],
    [{ files: 10, status: 'is stuck' }, 'act', 'says "is stuck"'],
    [{ files: 10, threads: 5 }, 'warn', 'files 10 ≥ 10'],
    [{ memoryBytes: 1e12 }, 'none', ''],
    [{}, 'none', ''],
    [{ logLine: { level: 'warn', line: 'oh' } }, 'warn', 'wrote "oh"'],
  ] as const;
  for (const [measured, level, why] of cases) {
    it(`${JSON.stringify(measured)}: ${level}`, () => {
      expect(judge(measured, thresholds)).to.deep.equal({ level, why });
    });
  }

  it('is believed after so many measurements in a row, for better or worse', () => {
    const levels: Level[] = [
      'warn',
      'warn',
      'none',
      'warn',
      'warn',
      'warn',
      'none',
      'act',
      'act',
      'act',
      'none',
      'none',
      'none',
    ];
    const seen: Level[] = [];
    let belief = initialBelief;
    for (const level of levels) {
      belief = believe(belief, level, 3);
      seen.push(belief.believed);
    }
    expect(seen.join(' ')).to.equal('none none none none none warn warn warn warn act act act none');
  });
});
