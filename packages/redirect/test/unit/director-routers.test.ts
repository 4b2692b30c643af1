import type { NetrackState } from '@softset/protocol';
import { directorStep, directorWakeMs } from '@softset/redirect/core/director.js';
import { DIRECTOR_START, type DirectorEvent, directorConfig } from '@softset/redirect/core/director-state.js';
import { routerWords } from '@softset/redirect/core/router-words.js';
import { expect } from 'chai';
import { changed, cluster, held, state } from '../fixture.js';

const base = cluster();
/** One service and one router are enough. */
const chassis = {
  ...base,
  services: base.services.slice(2),
  routers: [{ name: 'r1', tell: ['/sbin/tell', '--now'], timeoutMs: 1000 }],
};
const config = directorConfig(chassis);
const only = (seen: NetrackState): NetrackState => ({
  ...seen,
  services: seen.services.filter(({ service }) => service === 'plain'),
});
const on = (board: number, term = 1): NetrackState => ({ ...only(changed(state(), [], [held('plain', board)])), term });
const alarms = [
  { object: 'router/r1', cause: 'ROUTER_NOT_TOLD', severity: 'major', text: '', raisedAtMs: 0, raisedBy: 1 },
] as const;

class Run {
  state = DIRECTOR_START;
  nowMs = 1000;

  do(event: DirectorEvent): string[] {
    const result = directorStep(this.state, event, this.nowMs, config);
    this.state = result.state;
    return result.effects.map((effect) => {
      if (effect.kind === 'tell') return `tell ${effect.service} ${effect.board} ${effect.term}`;
      return effect.kind === 'alarm' ? `${effect.severity} ${effect.cause}` : effect.kind;
    });
  }
  see(seen: NetrackState): string[] {
    return this.do({ kind: 'state', state: seen });
  }
  told(ok: boolean): string[] {
    return this.do({ kind: 'told', router: 'r1', service: 'plain', ok, message: 'no route' });
  }
}

describe('directorStep: routers that are told by a command', () => {
  it('hear where each service is, once', () => {
    const run = new Run();
    expect(run.see(on(1))).to.deep.equal(['tell plain 1 1']);
    expect(run.see(on(1))).to.deep.equal([]);
    expect(run.told(true)).to.deep.equal([]);
    expect(run.see(on(1))).to.deep.equal([]);
  });

  it('hear of a move, and of nothing that is not held', () => {
    const run = new Run();
    run.see(on(1));
    run.told(true);
    expect(run.see(only(changed(state(), [], [{ ...held('plain', 1), phase: 'moving' }])))).to.deep.equal([]);
    expect(run.see(on(2))).to.deep.equal(['tell plain 2 1']);
  });

  it('hear one thing at a time: a move during a command is told when it has ended', () => {
    const run = new Run();
    run.see(on(1));
    expect(run.see(on(2))).to.deep.equal([]);
    expect(run.told(true)).to.deep.equal(['tell plain 2 1']);
  });

  it('hear everything again under a new term, and from a new director', () => {
    const run = new Run();
    run.see(on(1));
    run.told(true);
    expect(run.see(on(1, 2))).to.deep.equal(['tell plain 1 2']);
    run.told(true);
    run.see({ ...on(1, 2), directing: false });
    expect(run.see(on(1, 4))).to.deep.equal(['tell plain 1 4']);
  });

  it('a command that fails is alarmed and tried again after 5 s, until it works', () => {
    const run = new Run();
    run.see(on(1));
    expect(run.told(false)).to.deep.equal(['major ROUTER_NOT_TOLD']);
    run.see({ ...on(1), alarms });
    expect(directorWakeMs(run.state, 5999, config)).to.equal(6000);
    run.nowMs = 5999;
    expect(run.do({ kind: 'tick' })).to.not.include('tell plain 1 1');
    run.nowMs = 6000;
    expect(run.do({ kind: 'tick' })).to.include('tell plain 1 1');
    expect(run.told(false), 'the alarm stands').to.deep.equal([]);
    run.nowMs = 11_000;
    run.do({ kind: 'tick' });
    expect(run.told(true)).to.deep.equal(['cleared ROUTER_NOT_TOLD']);
  });

  it('a move is told at once, though the last command failed a moment ago', () => {
    const run = new Run();
    run.see(on(1));
    run.told(false);
    expect(run.see(on(2))).to.include('tell plain 2 1');
  });

  it('an answer to a command of an earlier office is none', () => {
    const run = new Run();
    run.see(on(1));
    run.see({ ...on(1), directing: false });
    expect(run.told(false)).to.deep.equal([]);
  });

  it('the words of a command', () => {
    expect(routerWords(chassis, 'r1', 'plain', 2, 7)?.command).to.deep.equal([
      ...['/sbin/tell', '--now', 'plain', '192.168.1.3/32', 'cpu-2', '10.1.1.2', '20.1.1.2', '7'],
    ]);
    expect(routerWords(chassis, 'r2', 'plain', 2, 7)).to.equal(undefined);
  });
});
