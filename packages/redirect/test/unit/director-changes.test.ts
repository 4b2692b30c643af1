import type { Change, NetrackState } from '@softset/protocol';
import { directorStep, directorWakeMs } from '@softset/redirect/core/director.js';
import { DIRECTOR_START, type DirectorEvent, directorConfig } from '@softset/redirect/core/director-state.js';
import { expect } from 'chai';
import { board, changed, cluster, held, state } from '../fixture.js';

const config = directorConfig(cluster());
const drain: Change = { kind: 'admin', board: 1, admin: 'drained' };
const drained = changed(state(), [board(1, { admin: 'drained' })]);
const at = (seen: NetrackState, index: number, committed: number): NetrackState => ({
  ...seen,
  register: { term: 1, index, committed },
});

class Run {
  state = DIRECTOR_START;
  nowMs = 1000;

  do(event: DirectorEvent): string[] {
    const result = directorStep(this.state, event, this.nowMs, config);
    this.state = result.state;
    return result.effects.map((effect) => {
      if (effect.kind === 'answer-wish') return `${effect.ok ? 'done' : 'denied'} ${effect.message.split(':')[0]}`;
      if (effect.kind === 'serve') return `serve ${effect.service} ${effect.board}`;
      if (effect.kind === 'alarm') return `${effect.severity} ${effect.cause} ${effect.object}: ${effect.text}`;
      return effect.kind;
    });
  }
  see(seen: NetrackState): string[] {
    return this.do({ kind: 'state', state: seen });
  }
  change(change: Change, id = 'c1'): string[] {
    return this.do({ kind: 'change', id, who: 'uid 0', change });
  }
  /** So much later, and the tick that is due then. */
  after(ms: number): string[] {
    this.nowMs += ms;
    return this.do({ kind: 'tick' });
  }
}

describe('directorStep: changes of the register', () => {
  it('has it written, and answers when a majority has what shows it, and not before (R2)', () => {
    const run = new Run();
    run.see(at(state(), 5, 5));
    expect(run.change(drain)).to.deep.equal(['amend']);
    expect(run.see(at(state(), 6, 6)), 'another write').to.not.include('done cpu-1 is drained');
    expect(run.see(at(drained, 7, 6)).filter((one) => one.startsWith('done'))).to.deep.equal([]);
    expect(run.see(at(drained, 8, 7)).filter((one) => one.startsWith('done'))).to.deep.equal(['done cpu-1 is drained']);
    expect(run.state.changes).to.deep.equal([]);
  });

  it('a drained board’s services are moved as soon as the state shows it', () => {
    const run = new Run();
    run.see(state());
    run.change(drain);
    expect(run.see(drained)).to.include.members(['serve media 2', 'serve disk 2', 'serve plain 2']);
  });

  it('is answered at once where it is so already', () => {
    const run = new Run();
    run.see(at(drained, 5, 5));
    expect(run.change(drain)).to.include('done cpu-1 is drained');
  });

  it('is denied after 5 s without a majority', () => {
    const run = new Run();
    run.see(at(state(), 5, 5));
    run.change(drain);
    run.see(at(drained, 6, 5));
    expect(directorWakeMs(run.state, run.nowMs, config)).to.be.at.most(6000);
    expect(run.after(5000)).to.include('denied TIMEOUT');
  });

  it('a later one about the same board or service replaces the earlier', () => {
    const run = new Run();
    run.see(at(state(), 5, 5));
    run.change(drain);
    expect(run.change({ kind: 'admin', board: 1, admin: 'in-service' }, 'c2')).to.include('denied REPLACED');
    run.change({ kind: 'pin', service: 'media', board: 2 }, 'c3');
    expect(run.change({ kind: 'unpin', service: 'media' }, 'c4')).to.include('denied REPLACED');
  });

  it('is denied when the director is replaced', () => {
    const run = new Run();
    run.see(state());
    run.change(drain);
    expect(run.see({ ...state(), directing: false })).to.deep.equal(['denied NOT_DIRECTOR']);
  });

  const refusals: readonly [string, Change, string][] = [
    ['a pin to a board outside the pool', { kind: 'pin', service: 'media', board: 4 }, 'NOT_IN_POOL'],
    ['a pin of an unknown service', { kind: 'pin', service: 'x', board: 1 }, 'UNKNOWN_SERVICE'],
    ['an unknown board', { kind: 'admin', board: 9, admin: 'drained' }, 'UNKNOWN_BOARD'],
  ];
  for (const [what, change, code] of refusals) {
    it(`refuses ${what}`, () => {
      const run = new Run();
      run.see(state());
      expect(run.change(change)).to.deep.equal([`denied ${code}`]);
    });
  }

  describe('a board goes on standby', () => {
    const standby = (id: number): Change => ({ kind: 'admin', board: id, admin: 'standby' });
    const others = (admin: 'drained' | 'standby') => changed(state(), [board(2, { admin }), board(3, { admin })]);

    it('and its services go to active boards as soon as the state shows it', () => {
      const run = new Run();
      run.see(state());
      expect(run.change(standby(1))).to.deep.equal(['amend']);
      const seen = changed(state(), [board(1, { admin: 'standby' })]);
      expect(run.see(at(seen, 6, 6))).to.include('done cpu-1 stands by');
    });

    for (const admin of ['drained', 'standby'] as const) {
      it(`not where all others of a pool are ${admin}: nobody would be active`, () => {
        const run = new Run();
        run.see(others(admin));
        expect(run.change(standby(1))).to.deep.equal(['denied LAST_ACTIVE']);
      });
    }

    it('not where the others are asked to, and it is not written yet', () => {
      const run = new Run();
      run.see(state());
      run.change(standby(2), 'c2');
      run.change(standby(3), 'c3');
      expect(run.change(standby(1))).to.deep.equal(['denied LAST_ACTIVE']);
    });

    it('not beside a board that has left', () => {
      const run = new Run();
      run.see(changed(state(), [board(2, { left: true }), board(3, { admin: 'maintenance' })]));
      expect(run.change(standby(1))).to.deep.equal(['denied LAST_ACTIVE']);
    });

    it('one that no service needs may always', () => {
      const run = new Run();
      run.see(others('drained'));
      expect(run.change(standby(4))).to.deep.equal(['amend']);
    });

    it('who asks twice is told twice', () => {
      const run = new Run();
      run.see(at(changed(others('drained'), [board(1, { admin: 'standby' })]), 5, 5));
      expect(run.change(standby(1))).to.include('done cpu-1 stands by');
    });

    it('by an operator: no rule drains it or gives it work', () => {
      const run = new Run();
      run.see(changed(state(), [board(2, { admin: 'standby' })]));
      for (const admin of ['drained', 'in-service'] as const) {
        const change: Change = { kind: 'admin', board: 2, admin };
        expect(run.do({ kind: 'change', id: 'r', who: 'rule', change, rule: 'r' })).to.deep.equal([
          'denied BY_OPERATOR',
        ]);
      }
    });
  });

  const leave: Change = { kind: 'leave', board: 1 };
  it('a board leaves when it was drained and holds nothing, and not before', () => {
    const run = new Run();
    run.see(state());
    expect(run.change(leave), 'it is in service').to.deep.equal(['denied NOT_DRAINED']);
    run.see(drained);
    expect(run.change(leave), 'it holds still').to.deep.equal(['denied NOT_DRAINED']);
    const empty: NetrackState = {
      ...drained,
      services: drained.services.map(({ holder: _, next: __, ...service }) => ({ ...service, phase: 'free' })),
    };
    run.see(at(empty, 5, 5));
    expect(run.change(leave)).to.deep.equal(['amend']);
    const gone = changed(empty, [board(1, { admin: 'drained', left: true })]);
    expect(run.see(at(gone, 6, 5)).filter((one) => one.startsWith('done'))).to.deep.equal([]);
    expect(run.see(at(gone, 6, 6)).filter((one) => one.startsWith('done'))).to.deep.equal(['done cpu-1 has left']);
    expect(run.change({ kind: 'return', board: 1 }, 'c2')).to.deep.equal(['amend']);
    expect(run.see(at(empty, 7, 7))).to.include('done cpu-1 is a member again');
  });

  it('the last vote stays, and rules take none', () => {
    const others = cluster()
      .boards.filter(({ id, vote }) => vote && id !== 1)
      .map(({ id }) => board(id, { left: true }));
    const run = new Run();
    run.see(changed(drained, others));
    expect(run.change(leave)).to.deep.equal(['denied LAST_VOTE']);
    run.see(state());
    expect(run.do({ kind: 'change', id: 'r', who: 'rule', rule: 'r', change: leave })).to.not.include('amend');
  });

  it('refuses on a board that does not direct', () => {
    const run = new Run();
    run.see({ ...state(), directing: false });
    expect(run.change(drain)).to.deep.equal(['denied NOT_DIRECTOR']);
  });
});

describe('directorStep: boards that rules drain', () => {
  const activate: Change = { kind: 'admin', board: 1, admin: 'in-service' };
  const alarm = {
    object: 'board/cpu-1',
    cause: 'DRAINED_BY_RULE',
    ...({ severity: 'warning', text: '', raisedAtMs: 0, raisedBy: 9 } as const),
  };
  const kept = changed(state(), [board(1, { admin: 'maintenance' })]);
  const raised =
    'warning DRAINED_BY_RULE board/cpu-1: rule "late" drained cpu-1: it holds and is given nothing until that rule or an operator activates it';
  const byRule = (run: Run, change: Change, id = 'r1'): string[] =>
    run.do({ kind: 'change', id, who: 'rule late', change, rule: 'late' });

  it('is alarmed before it is written, so that it is never drained for a reason that nobody knows', () => {
    const run = new Run();
    run.see(at(state(), 5, 5));
    expect(byRule(run, drain)).to.deep.equal([raised, 'amend']);
    expect(run.see(at({ ...drained, alarms: [alarm] }, 7, 7))).to.include('done cpu-1 is drained');
  });

  it('is activated again by a rule, whoever directs by then, and its alarm ends a survey later', () => {
    const run = new Run();
    run.see(at({ ...drained, alarms: [alarm] }, 5, 5));
    expect(byRule(run, activate)).to.deep.equal(['amend']);
    expect(run.after(1000), 'not before it is done').to.not.include('cleared DRAINED_BY_RULE');
    run.see(at({ ...state(), alarms: [alarm] }, 6, 6));
    expect(run.state.changes).to.deep.equal([]);
    expect(run.after(1000)).to.include('cleared DRAINED_BY_RULE board/cpu-1: board/cpu-1 is drained no more');
  });

  it('drained by an operator it stays his: no alarm, and no rule gives it work', () => {
    const run = new Run();
    run.see(at(drained, 5, 5));
    expect(byRule(run, activate)).to.deep.equal(['denied BY_OPERATOR']);
    expect(byRule(run, drain, 'r2'), 'it is so already').to.deep.equal(['amend', 'done cpu-1 is drained']);
    expect(byRule(run, activate, 'r3')).to.deep.equal(['denied BY_OPERATOR']);
  });

  it('an operator who drains it as well takes it over', () => {
    const run = new Run();
    run.see(at({ ...drained, alarms: [alarm] }, 5, 5));
    expect(run.change(drain)[0]).to.match(/^cleared DRAINED_BY_RULE board\/cpu-1: /);
    run.see(at(drained, 6, 6));
    expect(byRule(run, activate)).to.deep.equal(['denied BY_OPERATOR']);
  });

  for (const [what, change] of [
    ['drains', drain],
    ['activates', activate],
  ] as const) {
    it(`no rule ${what} a board in maintenance, nor one that an operator is changing`, () => {
      const run = new Run();
      run.see(at(kept, 5, 5));
      expect(byRule(run, change)).to.deep.equal(['denied BY_OPERATOR']);
      run.see(at(state(), 6, 6));
      run.change(drain);
      expect(byRule(run, change)).to.deep.equal(['denied BUSY']);
    });
  }

  const toB: Change = { kind: 'prefer', network: 'B' };
  const toA: Change = { kind: 'prefer', network: 'A' };
  const preferred = {
    object: 'network/B',
    cause: 'PREFERRED_BY_RULE',
    severity: 'warning',
    text: '',
    raisedAtMs: 0,
    raisedBy: 1,
  } as const;

  it('a rule prefers a network, which is alarmed first; and A again, which ends the alarm', () => {
    const run = new Run();
    run.see(at(state(), 5, 5));
    const [told, written] = byRule(run, toB);
    expect(told).to.match(/^warning PREFERRED_BY_RULE network\/B: rule "late" prefers network B/);
    expect(written).to.equal('amend');
    const onB = { ...state(), prefers: 'B', alarms: [preferred] } as const;
    expect(run.see(at(onB, 6, 6)).filter((one) => one.startsWith('done'))).to.deep.equal([
      'done network B is preferred',
    ]);
    expect(byRule(run, toA)).to.deep.equal(['amend']);
    expect(run.see(at({ ...state(), alarms: [preferred] }, 7, 7))).to.include('done network A is preferred');
    expect(run.after(1000).join()).to.match(/^cleared PREFERRED_BY_RULE network\/B/);
  });

  it('no rule takes back what an operator prefers, and an operator who prefers it too takes it over', () => {
    const run = new Run();
    run.see(at({ ...state(), prefers: 'B' }, 5, 5));
    expect(byRule(run, toA)).to.deep.equal(['denied BY_OPERATOR']);
    expect(byRule(run, toB), 'no alarm: it is the operator’s').to.deep.equal(['amend', 'done network B is preferred']);
    run.see(at({ ...state(), prefers: 'B', alarms: [preferred] }, 6, 6));
    expect(run.change(toB, 'c2')[0]).to.match(/^cleared PREFERRED_BY_RULE network\/B: /);
  });

  it('an operator’s change replaces a rule’s', () => {
    const run = new Run();
    run.see(at(state(), 5, 5));
    byRule(run, drain);
    expect(run.change({ kind: 'admin', board: 1, admin: 'maintenance' })).to.include('denied REPLACED');
  });
});

describe('directorStep: spares that run out', () => {
  const dead = (...ids: number[]) => ids.map((id) => board(id, { verdict: 'down', programs: [] }));
  const alone = changed(state(), dead(2, 3));
  const lost = changed(state(), dead(1, 2, 3), [
    { service: 'media', phase: 'free', holder: { board: 1, grant: { term: 1, n: 1 } }, cause: '' },
  ]);
  const spare = (effects: string[]): string[] => effects.filter((one) => one.includes('service/media'));

  it('is alarmed a survey after it was found, so that no move waits for it', () => {
    const run = new Run();
    expect(spare(run.see(alone))).to.deep.equal([]);
    expect(directorWakeMs(run.state, run.nowMs, config)).to.equal(2000);
    expect(spare(run.after(1000))).to.deep.equal([]);
    expect(spare(run.after(1000))).to.deep.equal([
      'minor NO_SPARE service/media: no other board can take media: cpu-2: refused, it is down; cpu-3: refused, it is down',
    ]);
  });

  it('is not looked for on news, however late its time: what news brings is waited for', () => {
    const run = new Run();
    run.see(alone);
    run.after(1000);
    run.nowMs += 1500;
    expect(spare(run.see({ ...alone, nowMs: 1 }))).to.deep.equal([]);
    expect(directorWakeMs(run.state, run.nowMs, config), 'and is not forgotten').to.equal(run.nowMs + 1);
    expect(spare(run.after(1))).to.have.length(1);
  });

  it('what passes within a second is no alarm', () => {
    const run = new Run();
    run.see(alone);
    run.nowMs += 1000;
    run.do({ kind: 'tick' });
    run.see(state());
    expect(run.after(1000)).to.deep.equal([]);
    expect(run.after(1000)).to.deep.equal([]);
  });

  it('a service that nobody holds and nobody can take is critical, and says why of each board', () => {
    const run = new Run();
    run.see(lost);
    run.after(1000);
    const [alarm] = spare(run.after(1000));
    expect(alarm).to.match(
      /^critical NO_BOARD .*held by nobody: cpu-1 holds it no more; cpu-1: refused, it is down; cpu-2/,
    );
  });

  it('a drained board whose service nobody else can take: it stays, and that is told', () => {
    const run = new Run();
    const seen = changed(state(), [board(1, { admin: 'drained' }), ...dead(2, 3)]);
    expect(run.see(seen)).to.deep.equal([]);
    run.after(1000);
    expect(spare(run.after(1000))[0]).to.match(/^major NO_BOARD service\/media: media stays where it is: .*drained/);
  });

  it('is raised once, and cleared by whoever directs when it is over', () => {
    const run = new Run();
    const raisedBy = { raisedAtMs: 0, raisedBy: 9, severity: 'minor', text: '' } as const;
    const object = 'service/media';
    const alarms = [{ object, cause: 'NO_SPARE', ...raisedBy }];
    run.see({ ...alone, alarms });
    run.after(1000);
    expect(spare(run.after(1000)), 'it stands already').to.deep.equal([]);
    const rests = { object: 'service/plain', cause: 'SERVICE_RESTS', ...raisedBy };
    const others = { object: 'service/disk', cause: 'LEASE_LOST', ...raisedBy };
    run.see({ ...state(), alarms: [...alarms, rests, others] });
    expect(run.after(1000).map((one) => one.split(':')[0])).to.deep.equal([
      'cleared NO_SPARE service/media',
      'cleared SERVICE_RESTS service/plain',
    ]);
  });

  it('recovery: a board that returns is given the service at once', () => {
    const run = new Run();
    run.see(lost);
    const back = changed(lost, [board(3)]);
    expect(run.see(back)).to.include('serve media 3');
  });
});

describe('directorStep: failback and time', () => {
  it('wakes when a board has been well for long enough, and moves then', () => {
    const chassis = cluster();
    const services = chassis.services.map((one) => ({ ...one, failback: 'auto' as const, failbackStableMs: 60_000 }));
    const own = directorConfig({ ...chassis, services });
    const seen = changed(state(), [], [held('media', 2)]);
    const first = directorStep(DIRECTOR_START, { kind: 'state', state: seen }, 1000, own);
    const surveyed = directorStep(first.state, { kind: 'tick' }, 2000, own);
    expect(directorWakeMs(surveyed.state, 2000, own)).to.equal(61_000);
    const { effects } = directorStep(surveyed.state, { kind: 'tick' }, 61_000, own);
    expect(effects.map((one) => one.kind === 'serve' && [one.service, one.board, one.cause])).to.deep.equal([
      ['media', 1, 'failback: rank 1, not 2, and well for 60 s'],
    ]);
  });

  it('a failback counts as a move: three of them and it rests', () => {
    const run = new Run();
    for (const [i, holder] of [1, 2, 1, 2].entries()) {
      run.nowMs += 1000;
      run.see(changed(state(), [], [{ ...held('media', holder, i + 1), cause: i % 2 ? 'failback: rank 1' : 'died' }]));
    }
    expect(run.state.resting).to.deep.equal(['media']);
  });

  it('the wall clock is told, and is the only way to a daily failback', () => {
    const chassis = cluster();
    const daily = { failback: 'daily', failbackAtMin: 180, failbackStableMs: 1000 } as const;
    const own = directorConfig({ ...chassis, services: chassis.services.map((one) => ({ ...one, ...daily })) });
    const seen = changed(state(), [], [held('media', 2)]);
    let now = directorStep(DIRECTOR_START, { kind: 'state', state: seen }, 1000, own).state;
    const tell = (minuteOfDay: number): string[] => {
      const result = directorStep(now, { kind: 'clock', minuteOfDay }, 90_000, own);
      now = result.state;
      return result.effects.flatMap((one) => (one.kind === 'serve' ? [`${one.service} ${one.board}`] : []));
    };
    expect(tell(179)).to.deep.equal([]);
    expect(tell(180)).to.deep.equal(['media 1']);
  });
});
