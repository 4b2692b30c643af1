import { agentStep, agentWakeMs } from '@softset/redirect/core/agent.js';
import { type Answer, agentStart } from '@softset/redirect/core/agent-state.js';
import { expect } from 'chai';
import { AgentRun, config, grantOf, holding, order, pulseBoard, report, STRANGER, TERM, words } from '../agent-run.js';

const FORMER = [{ ip: '192.168.1.2', network: 'A' as const, mac: '02:00:00:00:00:01' }];
const said = (run: AgentRun): string[] => run.log.map(words);
const rounds = (run: AgentRun, answers: readonly Answer[]): string[] => run.do({ kind: 'round', answers }).map(words);

describe('agent: taking', () => {
  it('M6: asks on the segment before it creates, and announces before it answers', () => {
    const run = new AgentRun().ready().hold(1);
    expect(said(run)).to.deep.equal(['start', 'ask', 'create', 'announce A', 'taken 1']);
  });

  it('M6: a former holder that answers stops the move; the refusal is sent when nothing is left of it', () => {
    const run = new AgentRun().ready();
    run.take(1, { formerly: 1 });
    expect(run.asked(1, FORMER).map(words)).to.deep.equal(['release', 'stop']);
    run.program('stop');
    expect(run.released(1).map(words)).to.deep.equal(['refused ORDER_ADDRESS_IN_USE 1']);
  });

  it('M6: the same MAC is a stranger, and no stop, when the order names no former holder', () => {
    const run = new AgentRun().ready();
    run.take(1);
    expect(run.asked(1, FORMER).map(words)).to.deep.equal(['critical ADDRESS_IN_USE', 'create']);
  });

  it('names the MAC of a stranger, raises the alarm once, and clears it when the stranger is gone', () => {
    const run = new AgentRun().ready();
    run.take(1);
    run.asked(1, [...STRANGER, ...STRANGER]);
    const alarms = run.log.filter((effect) => effect.kind === 'alarm');
    expect(alarms).to.have.length(1);
    expect(alarms[0]?.alarm.text).to.contain('02:00:00:00:00:99').and.contain('network B');
    run.created(1);
    run.release(1);
    run.program('stop');
    run.released(1);
    run.take(2);
    expect(run.asked(2).map(words), 'a millisecond of silence says nothing').to.deep.equal(['create']);
    run.created(2);
    for (let i = 0; i < 2; i++) expect(rounds(run, [])).to.deep.equal(['probe']);
    expect(rounds(run, [])).to.deep.equal(['cleared ADDRESS_IN_USE']);
  });

  it('hears a stranger whose answer comes after the move, in two rounds', () => {
    const run = new AgentRun().ready().hold(1);
    expect(rounds(run, STRANGER)).to.deep.equal(['probe']);
    expect(rounds(run, STRANGER)).to.deep.equal(['critical ADDRESS_IN_USE', 'probe']);
    expect(rounds(run, STRANGER), 'raised once').to.deep.equal(['probe']);
  });

  it('takes a MAC that it hears once, a board’s, and its own for nobody', () => {
    const run = new AgentRun().ready().hold(1);
    rounds(run, STRANGER);
    rounds(run, []);
    const ours = ['02:00:00:00:00:02', '02:00:00:00:00:01'].map((mac) => ({ ...STRANGER[0], mac }));
    for (const answers of [STRANGER, ours, STRANGER, [{ ...STRANGER[0], ip: '192.168.1.77' }]]) rounds(run, answers);
    expect(said(run)).to.not.include('critical ADDRESS_IN_USE');
  });

  it('asks again half a minute later for what it holds: a stranger that comes late says nothing by itself', () => {
    const run = new AgentRun().ready().hold(1);
    const asked = Array.from({ length: 40 }, () => rounds(run, []).includes('probe'));
    expect(asked.flatMap((probed, round) => (probed ? [round] : []))).to.deep.equal([0, 1, 32, 33, 34]);
  });

  it('watches on after a release until the stranger is gone, and what it does not hold not at all', () => {
    const run = new AgentRun().ready().hold(1);
    rounds(run, STRANGER);
    rounds(run, STRANGER);
    run.release(1);
    run.program('stop');
    run.released(1);
    for (const expected of [['probe'], ['probe'], ['cleared ADDRESS_IN_USE'], [], []])
      expect(rounds(run, [])).to.deep.equal(expected);
    expect(rounds(run, STRANGER)).to.deep.equal([]);
  });

  it('starts programs while it asks only if the former holder confirmed', () => {
    const run = new AgentRun().ready();
    expect(run.take(1, { formerly: 1 }).map(words)).to.deep.equal(['ask']);
    expect(new AgentRun().ready().take(1).map(words)).to.deep.equal(['start', 'ask']);
  });

  it('asks psrmd again, ever more slowly, until the program starts', () => {
    const run = new AgentRun().ready().hold(1);
    run.log.length = 0;
    for (let i = 0; i < 12; i++) {
      run.do({ kind: 'tick' });
      run.program('start', false);
      run.nowMs += 100;
    }
    // The program had started: nothing is asked and nothing is said any more.
    expect(said(run).filter((text) => text === 'start')).to.have.length(0);
    const other = new AgentRun().ready();
    other.take(1);
    const tries: number[] = [];
    for (let i = 0; i < 40; i++) {
      other.program('start', false);
      other.nowMs += 100;
      if (other.do({ kind: 'tick' }).some((effect) => words(effect) === 'start')) tries.push(i);
    }
    expect(tries).to.deep.equal([0, 2, 6, 14, 30]);
    expect(said(other).filter((text) => text.endsWith('PROGRAM_NOT_STARTED'))).to.have.length(1);
  });

  it('announces in rounds of 10, 50, 200, 1000 and 5000 ms, each while the pulse holds it', () => {
    const run = new AgentRun().ready().hold(1);
    const startMs = run.nowMs;
    const rounds: number[] = [];
    for (let wake = agentWakeMs(run.state, config); wake !== undefined; wake = agentWakeMs(run.state, config)) {
      run.nowMs = wake;
      if (run.do({ kind: 'tick' }).some((effect) => effect.kind === 'announce')) rounds.push(run.nowMs - startMs);
    }
    expect(rounds).to.deep.equal([10, 50, 200, 1000, 5000]);
  });

  it('does not announce what the pulse does not hold, or while the pulse is away', () => {
    const away = new AgentRun().ready().hold(1);
    away.do({ kind: 'pulse-down' });
    away.nowMs += 10;
    expect(away.do({ kind: 'tick' })).to.deep.equal([]);
    const unconfirmed = new AgentRun().ready();
    unconfirmed.take(1);
    unconfirmed.asked(1);
    unconfirmed.created(1);
    unconfirmed.nowMs += 10;
    expect(unconfirmed.do({ kind: 'tick' })).to.deep.equal([]);
  });
});

describe('agent: a MAC that moves along', () => {
  const MOVED = '02:5f:00:00:00:01';
  const itsOwn = [{ ip: '192.168.1.2', network: 'A' as const, mac: MOVED }];

  it('M6: an answer from it is the former holder’s, who let nothing go', () => {
    const run = new AgentRun(MOVED).ready();
    run.take(1, { formerly: 1 });
    expect(run.asked(1, itsOwn).map(words)).to.deep.equal(['release', 'stop']);
    run.program('stop');
    expect(run.released(1).map(words)).to.deep.equal(['refused ORDER_ADDRESS_IN_USE 1']);
  });

  it('M6: it is a stranger’s where nobody is to have it any more, and the move goes on', () => {
    const run = new AgentRun(MOVED).ready();
    run.take(1);
    expect(run.asked(1, itsOwn).map(words)).to.deep.equal(['critical ADDRESS_IN_USE', 'create']);
  });

  it('is announced with the addresses, again each half minute, and is no stranger while held', () => {
    const run = new AgentRun(MOVED).ready().hold(1);
    expect(run.log.find(({ kind }) => kind === 'announce')).to.include({ network: 'A', mac: MOVED });
    run.log.length = 0;
    for (let seconds = 0; seconds < 70; seconds++) rounds(run, itsOwn);
    expect(said(run).filter((one) => one !== 'probe')).to.deep.equal(['announce A', 'announce A']);
  });

  it('an address without one is announced in its rounds, and no more', () => {
    const run = new AgentRun().ready().hold(1);
    run.log.length = 0;
    for (let seconds = 0; seconds < 70; seconds++) rounds(run, []);
    expect(said(run).filter((one) => one !== 'probe')).to.deep.equal([]);
  });
});

describe('agent: releasing', () => {
  it('answers only when the address and every program are gone', () => {
    const run = new AgentRun().ready().hold(1);
    expect(run.release(1).map(words)).to.deep.equal(['release', 'stop']);
    expect(run.released(1)).to.deep.equal([]);
    expect(run.program('stop').map(words)).to.deep.equal(['released 1']);
  });

  it('M2: tells the pulse to refuse even what was never held here', () => {
    const run = new AgentRun().ready();
    expect(run.release(9).map(words)).to.contain('release');
    run.program('stop');
    expect(run.released(9).map(words)).to.deep.equal(['released 9']);
  });

  it('refuses with ORDER_PROGRAM when a program does not stop in its time and a second', () => {
    const run = new AgentRun().ready().hold(1);
    run.release(1);
    run.released(1);
    run.nowMs += 3999;
    expect(run.do({ kind: 'tick' })).to.deep.equal([]);
    run.nowMs += 1;
    expect(run.do({ kind: 'tick' }).map(words)).to.contain('refused ORDER_PROGRAM 1');
  });

  it('a take that comes meanwhile waits for the end', () => {
    const run = new AgentRun().ready().hold(1);
    run.release(1);
    run.take(2);
    run.released(1);
    expect(run.program('stop').map(words)).to.deep.equal(['released 1', 'start', 'ask']);
  });

  it('a release that the pulse refuses is asked for again', () => {
    const run = new AgentRun().ready().hold(1);
    run.release(1);
    run.do({ kind: 'answer', answer: { kind: 'refused', id: run.request, code: 'ORDER_KERNEL', message: '' } });
    expect(agentWakeMs(run.state, config)).to.equal(run.nowMs + config.retryMs);
    run.nowMs += config.retryMs;
    expect(run.do({ kind: 'tick' }).map(words)).to.deep.equal(['release']);
  });
});

describe('agent: terms (T3)', () => {
  it('keeps the term before it confirms it', () => {
    const run = new AgentRun().ready();
    expect(run.do({ kind: 'term', term: 9 }).map(words)).to.deep.equal(['persist-term 9', 'confirm-term 9']);
  });

  it('confirms only when an unfinished take is rolled back, and does not wait for programs', () => {
    const run = new AgentRun().ready();
    run.take(1);
    run.asked(1);
    expect(run.do({ kind: 'term', term: 9 }).map(words)).to.deep.equal(['release', 'stop']);
    expect(run.released(1).map(words)).to.deep.equal(['persist-term 9', 'confirm-term 9']);
    expect(run.program('stop').map(words)).to.deep.equal(['refused ORDER_OLD_TERM 1']);
  });

  it('a create that was sent before the term and succeeds after it is not announced', () => {
    const run = new AgentRun().ready();
    run.take(1);
    run.asked(1);
    const late = { kind: 'created', id: run.request, service: 'disk', grant: grantOf(1), untilMs: 0 } as const;
    run.do({ kind: 'term', term: 9 });
    expect(run.do({ kind: 'answer', answer: late })).to.deep.equal([]);
  });

  it('a holder that is granted anew goes on holding through a change of term', () => {
    const run = new AgentRun().ready().hold(1);
    run.take(2);
    expect(run.do({ kind: 'term', term: 9 })).to.deep.equal([]);
    expect(run.created(2).map(words)).to.deep.equal([
      'announce A',
      'taken 2',
      'start',
      'persist-term 9',
      'confirm-term 9',
    ]);
  });

  it('sends no create of an older term after the pulse came back', () => {
    const run = new AgentRun().ready().hold(1);
    run.take(2);
    run.do({ kind: 'term', term: 9 });
    run.do({ kind: 'pulse-down' });
    run.do({ kind: 'pulse-up' });
    const effects = run.do({ kind: 'report', report: report([holding(1)]) }).map(words);
    expect(effects).to.deep.equal(['refused ORDER_OLD_TERM 2', 'persist-term 9', 'confirm-term 9']);
    expect(run.disk.phase.kind).to.equal('held');
  });

  it('begins with the term that it confirmed in this boot', () => {
    const late = { kind: 'order', order: order('take', 1, { term: TERM - 1 }) } as const;
    expect(agentStep(agentStart(config, TERM), late, 0, config).effects.map(words)).to.deep.equal([
      'refused ORDER_OLD_TERM 1',
    ]);
  });
});

describe('agent: home network (M7) and healing', () => {
  const bad = { carrier: { A: false, B: true } };
  const run = (): AgentRun => {
    const made = new AgentRun().ready().hold(1);
    made.do({ kind: 'report', report: report([holding(1)], bad) });
    made.do({ kind: 'answer', answer: { kind: 'rehomed', id: made.request, service: 'disk', network: 'B' } });
    made.do({ kind: 'report', report: report([holding(1, 'disk', 'B')], bad) });
    return made;
  };

  it('moves to B when A has no carrier, and announces there', () => {
    expect(said(run()).slice(-2)).to.deep.equal(['rehome', 'announce B']);
  });

  it('moves to B when it hears nobody on A and somebody on B', () => {
    const deaf = new AgentRun().ready().hold(1);
    const boards = [pulseBoard(1, { paths: { A: false, B: true } }), pulseBoard(3, { paths: { A: false, B: false } })];
    expect(deaf.do({ kind: 'report', report: report([holding(1)], { boards }) }).map(words)).to.deep.equal(['rehome']);
  });

  it('stays where nobody is heard on either', () => {
    const alone = new AgentRun().ready().hold(1);
    const boards = [pulseBoard(1, { verdict: 'down', paths: { A: false, B: false } })];
    expect(alone.do({ kind: 'report', report: report([holding(1)], { boards }) })).to.deep.equal([]);
  });

  it('returns to A only after A was good for a second', () => {
    const back = run();
    back.do({ kind: 'report', report: report([holding(1, 'disk', 'B')]) });
    back.nowMs += 999;
    expect(back.do({ kind: 'tick' }).map(words)).to.not.contain('rehome');
    back.nowMs += 1;
    expect(back.do({ kind: 'tick' }).map(words)).to.contain('rehome');
  });

  it('returns to A at once when B fails', () => {
    const back = run();
    back.do({ kind: 'report', report: report([holding(1, 'disk', 'B')]) });
    const gone = report([holding(1, 'disk', 'B')], { carrier: { A: true, B: false } });
    expect(back.do({ kind: 'report', report: gone }).map(words)).to.deep.equal(['rehome']);
  });

  const preferring = (): AgentRun => {
    const made = new AgentRun().ready().hold(1);
    made.do({ kind: 'report', report: report([holding(1)]) });
    made.do({ kind: 'prefer', network: 'B' });
    return made;
  };

  it('moves to the preferred network once that was good for a second, and back when A is preferred again', () => {
    const made = preferring();
    expect(said(made)).to.not.include('rehome');
    expect(agentWakeMs(made.state, config)).to.be.at.most(made.nowMs + 1000);
    made.nowMs += 1000;
    expect(made.do({ kind: 'tick' }).map(words)).to.include('rehome');
    made.do({ kind: 'answer', answer: { kind: 'rehomed', id: made.request, service: 'disk', network: 'B' } });
    expect(said(made).at(-1)).to.equal('announce B');
    made.do({ kind: 'report', report: report([holding(1, 'disk', 'B')]) });
    made.do({ kind: 'prefer', network: 'A' });
    made.nowMs += 1000;
    expect(made.do({ kind: 'tick' }).map(words)).to.include('rehome');
  });

  it('stays on A while the preferred network is bad, and takes what is new there', () => {
    const made = preferring();
    made.do({ kind: 'report', report: report([holding(1)], { carrier: { A: true, B: false } }) });
    made.nowMs += 5000;
    expect(made.do({ kind: 'tick' }).map(words)).to.not.include('rehome');
  });

  it('takes on B while A is bad', () => {
    const board = new AgentRun().ready();
    board.do({ kind: 'report', report: report([], bad) });
    board.take(1);
    board.asked(1);
    expect(board.created(1).map(words)).to.contain('announce B');
  });

  it('announces once more when a board comes back, and not for each of many', () => {
    const healed = new AgentRun().ready().hold(1);
    const down = [pulseBoard(1, { verdict: 'down' }), pulseBoard(3, { verdict: 'down' })];
    healed.nowMs += 10_000;
    healed.do({ kind: 'tick' });
    healed.nowMs += 10_000;
    healed.do({ kind: 'report', report: report([holding(1)], { boards: down }) });
    healed.log.length = 0;
    healed.do({
      kind: 'report',
      report: report([holding(1)], { boards: [pulseBoard(1), pulseBoard(3, { verdict: 'down' })] }),
    });
    healed.do({ kind: 'report', report: report([holding(1)]) });
    expect(agentWakeMs(healed.state, config)).to.equal(healed.nowMs);
    healed.do({ kind: 'tick' });
    expect(said(healed)).to.deep.equal(['announce A']);
    expect(agentWakeMs(healed.state, config)).to.equal(undefined);
  });
});
