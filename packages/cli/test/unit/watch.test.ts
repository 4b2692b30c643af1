import { changesOf } from '@softset/cli/watch/changes.js';
import { expect } from 'chai';
import { board, well } from './state.js';

describe('softset watch', () => {
  it('is silent about a state that is as it was', () => {
    expect(changesOf(well(), well({ nowMs: 99_000 }))).to.deep.equal([]);
  });

  it('begins with what stands: director, boards, services', () => {
    const lines = changesOf(undefined, well());
    expect(lines).to.include.members([
      'director: cpu-1',
      'cpu-2: up',
      'service media: held by cpu-1 (nobody holds it)',
    ]);
    expect(lines.filter((line) => line.includes(' on A'))).to.deep.equal([]);
  });

  it('tells a move from its beginning to its end', () => {
    const moving = well({
      services: [
        {
          service: 'media',
          phase: 'moving',
          holder: { board: 1, grant: { term: 3, n: 1 } },
          next: { board: 2, grant: { term: 3, n: 2 } },
          cause: 'an operator asked',
        },
      ],
    });
    expect(changesOf(well(), moving)).to.deep.equal([
      'service media: held by cpu-1 → moving by cpu-1 to cpu-2 (an operator asked)',
    ]);
  });

  it('tells paths, programs, faults and alarms that come and go', () => {
    const before = well();
    const after = well({
      boards: [
        board(1, 'cpu-1', {
          verdict: 'self',
          programs: [{ program: 'echo', state: 'failed', sinceMs: 0, restarts: 3 }],
        }),
        board(2, 'cpu-2', {
          paths: { A: false, B: true },
          programs: [{ program: 'echo', state: 'ready', sinceMs: 0, restarts: 1 }],
        }),
        ...before.boards.slice(2),
      ],
      faults: [{ kind: 'link-failed', target: 'cpu-2:A', sinceMs: 0, evidence: 'no carrier' }],
    });
    expect(changesOf(before, after)).to.deep.equal([
      'echo on cpu-1: ready → failed',
      'echo on cpu-1: restarted',
      'cpu-2 on A: works → lost',
      'echo on cpu-2: restarted',
      'link of cpu-2 to A failed: no carrier',
    ]);
    expect(changesOf(after, before)).to.include('no longer: link of cpu-2 to A failed');
  });
});
