import { besideWords, explainWords, heldBy, planWords } from '@softset/cli/operate.js';
import { expect } from 'chai';
import { well } from './state.js';

describe('softset service and softset board', () => {
  const reasons = [
    { board: 1, chosen: false, why: 'refused, it is to give it up' },
    { board: 2, chosen: true, why: 'chosen, rank 2, load 0.4' },
  ];

  it('a plan says what moves, why, and what was thought of each board', () => {
    const moves = [{ service: 'media', from: 1, to: 2, cause: 'cpu-1 cannot keep it: it is being drained', reasons }];
    expect(planWords({ moves, stays: [] }, well())).to.deep.equal([
      'media: cpu-1 to cpu-2 (cpu-1 cannot keep it: it is being drained)',
      '  board cpu-1: refused, it is to give it up',
      '  board cpu-2: chosen, rank 2, load 0.4',
    ]);
  });

  it('a plan says what would stay, and that nothing would move', () => {
    const stays = [{ service: 'media', why: 'cpu-1 cannot keep it', reasons: [] }];
    expect(planWords({ moves: [], stays }, well())).to.deep.equal(['media: would stay on cpu-1: cpu-1 cannot keep it']);
    expect(planWords({ moves: [], stays: [] }, well())).to.deep.equal(['nothing would move']);
  });

  it('and what it changes beside', () => {
    const words = (wish: Parameters<typeof besideWords>[0]): string => besideWords(wish, {}).join();
    expect(words({ kind: 'pin', service: 'media', board: 'cpu-2' })).to.include('media would prefer cpu-2');
    expect(words({ kind: 'unpin', service: 'media' })).to.include('pinned to no board');
    expect(words({ kind: 'prefer', network: 'B' }))
      .to.include('would stand on network B')
      .and.include('not on A');
    expect(words({ kind: 'prefer', network: 'A' })).to.equal('network A is preferred already');
    expect(besideWords({ kind: 'prefer', network: 'B' }, { prefers: 'B' }).join()).to.include('preferred already');
    for (const kind of ['drain', 'maintenance'] as const)
      expect(words({ kind, board: 'cpu-2' })).to.include('cpu-2 would be given nothing');
    expect(words({ kind: 'standby', board: 'cpu-2' })).to.include('only what no active board can take');
    expect(words({ kind: 'activate', board: 'cpu-2' })).to.include('would be given work again');
    expect(words({ kind: 'move', service: 'media' })).to.equal('');
  });

  it('an explanation names holder, cause, pin, rest and the next board', () => {
    const told = {
      service: 'media',
      phase: 'held',
      holder: 1,
      pin: 2,
      cause: 'nobody held it',
      rests: true,
      next: 2,
      reasons,
    } as const;
    expect(explainWords(told, well()).slice(0, 4)).to.deep.equal([
      'media: held, on cpu-1, because: nobody held it',
      'pinned to cpu-2: its next choice goes there where it can',
      'it rests: three failures in ten minutes; softset service move ends that',
      'if it had to go now, it would go to cpu-2',
    ]);
  });

  it('a drained board holds nothing when nothing is on it, or on its way from or to it', () => {
    const service = { service: 'media', cause: '', holder: { board: 1, grant: { term: 1, n: 1 } } } as const;
    const state = (phase: 'held' | 'free' | 'moving') => well({ services: [{ ...service, phase }] });
    expect([
      heldBy(state('held'), 'cpu-1'),
      heldBy(state('moving'), 'cpu-1'),
      heldBy(state('free'), 'cpu-1'),
    ]).to.deep.equal([['media'], ['media'], []]);
    expect(heldBy(state('held'), 'cpu-2')).to.deep.equal([]);
  });
});
