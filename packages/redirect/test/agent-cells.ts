import type { OrderRefusal } from '@softset/protocol';
import type { AgentEffect } from '@softset/redirect/core/agent-state.js';
import { AgentRun, grantOf, holding, order, report, STRANGER, TERM } from './agent-run.js';

/** Every phase of a service, reached by real steps. Grant 5 is the one that each is about. */
export const states: Readonly<Record<string, () => AgentRun>> = {
  idle: () => new AgentRun().ready(),
  'idle, refused 5': () => {
    const run = new AgentRun().ready();
    run.take(5, { formerly: 1 });
    run.asked(5, [{ ip: '192.168.1.2', network: 'A', mac: '02:00:00:00:00:01' }]);
    run.released(5);
    run.program('stop');
    return run;
  },
  asking: () => {
    const run = new AgentRun().ready();
    run.take(5, { formerly: 1 });
    return run;
  },
  creating: () => {
    const run = new AgentRun().ready();
    run.take(5);
    run.asked(5);
    return run;
  },
  'creating, after another board': () => {
    const run = new AgentRun().ready();
    run.take(5, { after: AFTER });
    run.asked(5);
    return run;
  },
  'creating, held': () => {
    const run = new AgentRun().ready().hold(3);
    run.take(5);
    return run;
  },
  held: () => new AgentRun().ready().hold(5),
  'held, rehoming': () => {
    const run = new AgentRun().ready().hold(5);
    run.do({ kind: 'report', report: report([holding(5)], { carrier: { A: false, B: true } }) });
    return run;
  },
  lost: () => {
    const run = new AgentRun().ready().hold(5);
    run.do({ kind: 'lost', service: 'disk', grant: grantOf(5), why: 'flushed' });
    return run;
  },
  releasing: () => {
    const run = new AgentRun().ready().hold(5);
    run.release(5);
    return run;
  },
  'releasing, address gone': () => {
    const run = new AgentRun().ready().hold(5);
    run.release(5);
    run.released(5);
    return run;
  },
  'releasing, take waits': () => {
    const run = new AgentRun().ready().hold(5);
    run.release(5);
    run.take(6);
    return run;
  },
};

/** Board 3 holds it until then. */
const AFTER = { board: 3, grant: grantOf(1) };

type Happening = (run: AgentRun) => readonly AgentEffect[];
const refusedBy =
  (code: OrderRefusal): Happening =>
  (run) =>
    run.do({ kind: 'answer', answer: { kind: 'refused', id: run.request, code, message: '' } });

export const events: Readonly<Record<string, Happening>> = {
  'take, earlier': (run) => run.take(2),
  'take, same': (run) => run.take(5),
  'take, later': (run) => run.take(7),
  'take, same, after another board': (run) => run.take(5, { after: AFTER }),
  'take, older term': (run) => run.take(8, { term: TERM - 1 }),
  'take, newer term': (run) => run.take(1, { term: TERM + 1, grant: grantOf(1, TERM + 1) }),
  'release, earlier': (run) => run.release(2),
  'release, same': (run) => run.release(5),
  'release, later': (run) => run.release(7),
  'release, older term': (run) => run.release(8, { term: TERM - 1 }),
  'release, newer term': (run) => run.release(1, { term: TERM + 1, grant: grantOf(1, TERM + 1) }),
  'unknown service': (run) => run.do({ kind: 'order', order: order('take', 5, { service: 'x' }) }),
  'term, older': (run) => run.do({ kind: 'term', term: TERM - 1 }),
  'term, same': (run) => run.do({ kind: 'term', term: TERM }),
  'term, newer': (run) => run.do({ kind: 'term', term: TERM + 1 }),
  'asked: nobody': (run) => run.asked(5),
  'asked: former holder': (run) => run.asked(5, [{ ip: '192.168.1.2', network: 'B', mac: '02:00:00:00:00:01' }]),
  'asked: stranger': (run) => run.asked(5, [{ ip: '192.168.1.2', network: 'A', mac: '02:00:00:00:00:99' }]),
  'asked: another board': (run) => run.asked(5, [{ ip: '192.168.1.2', network: 'A', mac: '02:00:00:00:00:03' }]),
  'asked: ourselves': (run) => run.asked(5, [{ ip: '192.168.1.2', network: 'A', mac: '02:00:00:00:00:02' }]),
  'asked, another grant': (run) => run.asked(4),
  'pulse: created': (run) => run.created(5),
  'pulse: refused': refusedBy('ORDER_LAPSED'),
  'pulse: released': (run) => run.released(5),
  'pulse: rehomed': (run) =>
    run.do({ kind: 'answer', answer: { kind: 'rehomed', id: run.request, service: 'disk', network: 'B' } }),
  'pulse: answer to another request': (run) =>
    run.do({ kind: 'answer', answer: { kind: 'created', id: 99, service: 'disk', grant: grantOf(5), untilMs: 0 } }),
  'pulse-down': (run) => run.do({ kind: 'pulse-down' }),
  'pulse back, holds nothing': (run) => {
    run.do({ kind: 'pulse-down' });
    run.do({ kind: 'pulse-up' });
    return run.do({ kind: 'report', report: report() });
  },
  'pulse back, holds 5': (run) => {
    run.do({ kind: 'pulse-down' });
    run.do({ kind: 'pulse-up' });
    return run.do({ kind: 'report', report: report([holding(5)]) });
  },
  'report: holds nothing': (run) => run.do({ kind: 'report', report: report() }),
  'report: holds 5': (run) => run.do({ kind: 'report', report: report([holding(5)]) }),
  'report: A has no carrier': (run) =>
    run.do({ kind: 'report', report: report([holding(5)], { carrier: { A: false, B: true } }) }),
  'lost 5': (run) => run.do({ kind: 'lost', service: 'disk', grant: grantOf(5), why: 'expired' }),
  'lost, earlier': (run) => run.do({ kind: 'lost', service: 'disk', grant: grantOf(2), why: 'expired' }),
  'program started': (run) => run.program('start'),
  'program not started': (run) => run.program('start', false),
  'program stopped': (run) => run.program('stop'),
  'program not stopped': (run) => run.program('stop', false),
  'round: nobody': (run) => run.do({ kind: 'round', answers: [] }),
  'round: stranger': (run) => run.do({ kind: 'round', answers: STRANGER }),
  macs: (run) => run.do({ kind: 'macs', macs: { own: [], boards: [] } }),
  'tick at once': (run) => run.do({ kind: 'tick' }),
  'tick after 10 s': (run) => {
    run.nowMs += 10_000;
    return run.do({ kind: 'tick' });
  },
};
