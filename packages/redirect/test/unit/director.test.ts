import type { NetrackState } from '@softset/protocol';
import { directorStep, directorWakeMs } from '@softset/redirect/core/director.js';
import {
  DIRECTOR_START,
  type DirectorEffect,
  type DirectorEvent,
  type DirectorState,
  directorConfig,
} from '@softset/redirect/core/director-state.js';
import { expect } from 'chai';
import { board, changed, cluster, held, state } from '../fixture.js';

const config = directorConfig(cluster());
const sick = board(1, { programs: [{ program: 'echo', state: 'failed', sinceMs: 0, restarts: 3 }] });
const sickState = changed(state(), [sick]);
const free = (n: number): NetrackState => {
  const service = { service: 'media', phase: 'free', holder: { board: 1, grant: { term: 1, n } }, cause: '' } as const;
  return changed(state(), [board(1, { verdict: 'down' })], [service]);
};

class Run {
  state: DirectorState = DIRECTOR_START;
  nowMs = 1000;

  do(event: DirectorEvent): readonly DirectorEffect[] {
    const result = directorStep(this.state, event, this.nowMs, config);
    this.state = JSON.parse(JSON.stringify(result.state)) as DirectorState;
    return result.effects;
  }
  see(seen: NetrackState): readonly DirectorEffect[] {
    return this.do({ kind: 'state', state: seen });
  }
  wish(target: number, id = 'w1', service = 'media'): readonly DirectorEffect[] {
    return this.do({ kind: 'wish', id, service, board: target, who: 'uid 0' });
  }
  served(call: number, n: number): readonly DirectorEffect[] {
    return this.do({ kind: 'served', call, grant: { term: 1, n } });
  }
  refused(call: number, code = 'BUSY'): readonly DirectorEffect[] {
    return this.do({ kind: 'refused', call, code, message: '' });
  }
}

const words = (effects: readonly DirectorEffect[]): string[] =>
  effects.map((effect) => {
    switch (effect.kind) {
      case 'serve':
        return `serve ${effect.service} ${effect.board}`;
      case 'answer-wish':
        return `${effect.ok ? 'granted' : 'denied'} ${effect.id} ${effect.message.split(':')[0]}`;
      case 'journal':
        return `journal ${effect.move.service} ${effect.move.from ?? '-'} to ${effect.move.to}`;
      case 'tell':
        return `tell ${effect.router} ${effect.service} ${effect.board} ${effect.term}`;
      case 'fence':
      case 'tell-fenced':
        return `${effect.kind} ${effect.board}`;
      case 'amend':
        return `amend ${JSON.stringify(effect.change)}`;
      default:
        return `${effect.severity} ${effect.cause}`;
    }
  });

describe('directorStep', () => {
  it('does nothing while all is well', () => {
    expect(new Run().see(state())).to.deep.equal([]);
  });

  it('does nothing on a board that does not direct', () => {
    expect(new Run().see({ ...sickState, directing: false })).to.deep.equal([]);
  });

  it('asks once, however often the state comes', () => {
    const run = new Run();
    expect(words(run.see(sickState))).to.deep.equal(['serve media 2']);
    expect(run.see(sickState)).to.deep.equal([]);
    expect(run.do({ kind: 'tick' })).to.deep.equal([]);
  });

  it('journals the move with its reasons when it was taken on', () => {
    const run = new Run();
    run.see(sickState);
    const [effect] = run.served(1, 2);
    expect(words(effect === undefined ? [] : [effect])).to.deep.equal(['journal media 1 to 2']);
    expect(effect?.kind === 'journal' && effect.move.reasons.map((reason) => reason.board)).to.deep.equal([1, 2, 3]);
  });

  it('does not ask again on a state that is older than the answer', () => {
    const run = new Run();
    run.see(sickState);
    run.served(1, 2);
    expect(run.see(sickState)).to.deep.equal([]);
  });

  it('follows a grant until it is held', () => {
    const run = new Run();
    run.see(sickState);
    run.served(1, 2);
    const next = {
      service: 'media',
      phase: 'moving',
      next: { board: 2, grant: { term: 1, n: 2 } },
      cause: '',
    } as const;
    run.see(changed(sickState, [], [next]));
    run.see(changed(sickState, [], [held('media', 2, 2)]));
    expect(run.state.serving).to.deep.equal({});
    expect(run.state.history.attempts).to.deep.equal([]);
  });

  it('tries another board when the first does not come to hold it', () => {
    const run = new Run();
    run.see(free(1));
    run.served(1, 2);
    run.see({
      ...free(1),
      services: [{ service: 'media', phase: 'moving', next: { board: 2, grant: { term: 1, n: 2 } }, cause: '' }],
    });
    expect(words(run.see(free(1)))).to.deep.equal(['serve media 3']);
  });

  it('waits, ever longer, when every board of the pool failed to take it', () => {
    const run = new Run();
    const times: number[] = [];
    run.see(free(1));
    for (let i = 0; i < 120; i++) {
      const asked = Object.values(run.state.serving).find((entry) => entry.kind === 'asked');
      if (asked?.kind === 'asked') {
        times.push(run.nowMs);
        run.served(asked.call, 2 + i);
      }
      run.nowMs += 25;
      run.see(free(1));
    }
    // A grant that no state shows is followed for 50 ms. Both boards fail once, then there are pauses that double, up to 200 ms.
    expect(times.map((time) => time - 1000)).to.deep.equal([
      0, 50, 100, 250, 400, 650, 900, 1150, 1400, 1650, 1900, 2150, 2400, 2650, 2900,
    ]);
  });

  for (const code of ['BUSY', 'BOARD_UNFIT', 'NOT_DIRECTOR', 'TIMEOUT']) {
    it(`after ${code} asks again on a change of state`, () => {
      const run = new Run();
      run.see(sickState);
      expect(run.refused(1, code)).to.deep.equal([]);
      expect(words(run.see(sickState))).to.deep.equal(['serve media 2']);
    });

    it(`after ${code} asks again after 50 ms, and not before`, () => {
      const run = new Run();
      run.see(sickState);
      run.refused(1, code);
      expect(directorWakeMs(run.state, run.nowMs, config)).to.equal(1050);
      run.nowMs = 1049;
      expect(run.do({ kind: 'tick' })).to.deep.equal([]);
      run.nowMs = 1050;
      expect(words(run.do({ kind: 'tick' }))).to.deep.equal(['serve media 2']);
    });
  }

  it('ignores answers to calls that it does not know', () => {
    const run = new Run();
    run.see(sickState);
    expect(run.served(7, 2)).to.deep.equal([]);
    expect(run.refused(7)).to.deep.equal([]);
  });

  it('decides nothing on the word of a netrackd that is gone', () => {
    const run = new Run();
    run.see(sickState);
    expect(run.do({ kind: 'netrack-lost' })).to.deep.equal([]);
    expect(run.do({ kind: 'tick' })).to.deep.equal([]);
    expect(words(run.see(sickState))).to.deep.equal(['serve media 2']);
  });

  it('wakes when the grace of a missing daemon ends', () => {
    const run = new Run();
    expect(run.see(changed(state(), [board(1, { daemons: ['netrackd', 'redirectd'] })]))).to.deep.equal([]);
    expect(directorWakeMs(run.state, run.nowMs, config)).to.equal(1300);
    run.nowMs = 1300;
    expect(words(run.do({ kind: 'tick' }))).to.deep.equal(['serve media 2', 'serve disk 2']);
  });

  it('does not wake for what lies behind', () => {
    const run = new Run();
    run.see(sickState);
    run.served(1, 2);
    run.nowMs = 2000;
    run.do({ kind: 'tick' });
    expect(directorWakeMs(run.state, run.nowMs, config)).to.equal(undefined);
  });
});

describe('directorStep: rest', () => {
  const tossed = (): { run: Run; effects: DirectorEffect[] } => {
    const run = new Run();
    const effects: DirectorEffect[] = [];
    for (const [i, holder] of [1, 2, 1, 2].entries()) {
      run.nowMs += 1000;
      effects.push(...run.see(changed(state(), [], [held('media', holder, i + 1)])));
    }
    return { run, effects };
  };

  it('raises one alarm after three moves, and moves no more', () => {
    const { run, effects } = tossed();
    expect(words(effects)).to.deep.equal(['major SERVICE_RESTS']);
    const ill = board(2, { programs: sick.programs });
    expect(run.see(changed(state(), [ill], [held('media', 2, 4)]))).to.deep.equal([]);
  });

  it('ends with the window', () => {
    const { run } = tossed();
    run.do({ kind: 'tick' });
    const wake = directorWakeMs(run.state, run.nowMs, config);
    expect(wake).to.equal(3000 + config.limits.windowMs);
    run.nowMs = wake ?? 0;
    const effects = run.see(changed(state(), [], [held('media', 2, 4)]));
    expect(words(effects)).to.deep.equal(['cleared SERVICE_RESTS']);
  });

  it('ends with a wish', () => {
    const { run } = tossed();
    expect(words(run.wish(3))).to.deep.equal(['serve media 3', 'cleared SERVICE_RESTS']);
  });

  it('is known to a director that was elected meanwhile', () => {
    const run = new Run();
    for (const holder of [1, 2, 1, 2]) run.see({ ...changed(state(), [], [held('media', holder)]), directing: false });
    const ill = board(2, { programs: sick.programs });
    expect(words(run.see(changed(state(), [ill], [held('media', 2)])))).to.deep.equal(['major SERVICE_RESTS']);
  });
});

describe('directorStep: wishes', () => {
  it('moves, and answers when it came true', () => {
    const run = new Run();
    run.see(state());
    expect(words(run.wish(2))).to.deep.equal(['serve media 2']);
    expect(words(run.served(1, 2))).to.deep.equal(['journal media 1 to 2']);
    expect(words(run.see(changed(state(), [], [held('media', 2, 2)])))).to.deep.equal(['granted w1 media is on cpu-2']);
  });

  it('is true at once where the board holds it', () => {
    const run = new Run();
    run.see(state());
    expect(words(run.wish(1))).to.deep.equal(['granted w1 media is on cpu-1']);
  });

  it('waits while a move is under way, and is told after 5 s that it did not come true', () => {
    const run = new Run();
    run.see(changed(state(), [], [{ service: 'media', phase: 'moving', cause: '' }]));
    expect(run.wish(2)).to.deep.equal([]);
    run.nowMs += 5000;
    expect(words(run.do({ kind: 'tick' }))).to.deep.equal(['denied w1 TIMEOUT']);
  });

  it('a later wish replaces an earlier one', () => {
    const run = new Run();
    run.see(changed(state(), [], [{ service: 'media', phase: 'moving', cause: '' }]));
    run.wish(2);
    expect(words(run.wish(3, 'w2'))).to.deep.equal(['denied w1 REPLACED']);
  });

  it('the same wish twice is one wish', () => {
    const run = new Run();
    run.see(state());
    run.wish(2);
    expect(run.wish(2)).to.deep.equal([]);
  });

  const refusals: readonly [string, number, string, NetrackState, string][] = [
    ['of an unknown service', 2, 'x', state(), 'UNKNOWN_SERVICE'],
    ['for a board outside the pool', 4, 'media', state(), 'NOT_IN_POOL'],
    ['for a board that is down', 2, 'media', changed(state(), [board(2, { verdict: 'down' })]), 'BOARD_UNFIT'],
    ['on a board that does not direct', 2, 'media', { ...state(), directing: false }, 'NOT_DIRECTOR'],
  ];
  for (const [what, target, service, seen, code] of refusals) {
    it(`refuses one ${what}`, () => {
      const run = new Run();
      run.see(seen);
      expect(words(run.wish(target, 'w1', service))).to.deep.equal([`denied w1 ${code}`]);
    });
  }

  it('passes a final refusal on, and waits through a BUSY', () => {
    const run = new Run();
    run.see(state());
    run.wish(2);
    expect(run.refused(1, 'BUSY')).to.deep.equal([]);
    run.see(state());
    expect(words(run.refused(2, 'NOT_IN_POOL'))).to.deep.equal(['denied w1 NOT_IN_POOL']);
  });

  it('is denied when the director is replaced', () => {
    const run = new Run();
    run.see(state());
    run.wish(2);
    expect(words(run.see({ ...state(), directing: false }))).to.deep.equal(['denied w1 NOT_DIRECTOR']);
  });
});
