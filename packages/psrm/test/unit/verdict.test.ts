import type { End } from '@softset/psrm/core/events.js';
import { verdictOn } from '@softset/psrm/core/verdict.js';
import { expect } from 'chai';
import { wrapping } from '../wrapping.js';

const exit = (code: number): End => ({ kind: 'exit', code });
const signal = (name: string): End => ({ kind: 'signal', signal: `SIG${name}` });
const oom: End = { kind: 'oom' };

describe('what follows from an end (002 ¶0030)', () => {
  const exits = {
    normal: [0, 3, 'TERM' as const],
    final: [42, 'SEGV' as const, 'OOM' as const],
    again: [9, 'HUP' as const],
  };
  const cases: readonly [End, string, string, string][] = [
    // permanent, transient, temporary
    [exit(0), 'restart', 'stopped', 'stopped'],
    [exit(3), 'restart', 'stopped', 'stopped'],
    [exit(1), 'restart', 'restart', 'failed'],
    [exit(9), 'restart', 'restart', 'restart'],
    [exit(42), 'failed', 'failed', 'failed'],
    [signal('TERM'), 'restart', 'stopped', 'stopped'],
    [signal('SEGV'), 'failed', 'failed', 'failed'],
    [signal('HUP'), 'restart', 'restart', 'restart'],
    [signal('KILL'), 'restart', 'restart', 'failed'],
    [oom, 'failed', 'failed', 'failed'],
    [{ kind: 'unseen' }, 'restart', 'restart', 'failed'],
    [{ kind: 'not-started', reason: 'ENOENT' }, 'restart', 'restart', 'failed'],
  ];
  for (const [end, ...verdicts] of cases) {
    for (const [i, restart] of (['permanent', 'transient', 'temporary'] as const).entries()) {
      it(`${restart}, ${JSON.stringify(end)}: ${verdicts[i]}`, () => {
        expect(verdictOn(end, true, { ...wrapping, restart, exits })).to.equal(verdicts[i]);
      });
    }
  }

  it('how it ends when psrmd ended it is neither normal nor on a list', () => {
    expect(verdictOn(exit(0), false, { ...wrapping, restart: 'transient', exits })).to.equal('restart');
    expect(verdictOn(signal('SEGV'), false, { ...wrapping, exits })).to.equal('restart');
  });
});
