import { directorStep } from '@softset/redirect/core/director.js';
import {
  DIRECTOR_START,
  type DirectorEffect,
  type DirectorEvent,
  type DirectorState,
  directorConfig,
} from '@softset/redirect/core/director-state.js';
import { expect } from 'chai';
import { board, changed, cluster, held, state } from '../../fixture.js';

const config = directorConfig(cluster());

/** The director's core, asked by a rule. */
class Run {
  state: DirectorState = DIRECTOR_START;
  nowMs = 1000;

  do(event: DirectorEvent): string[] {
    const result = directorStep(this.state, event, this.nowMs, config);
    this.state = result.state;
    return result.effects.map(words);
  }
  ask(to: number, id: string, rule?: string): string[] {
    const wish = { kind: 'wish', id, service: 'media', board: to, who: 'cpu-1' } as const;
    return this.do(rule === undefined ? wish : { ...wish, rule });
  }
  /** A rule's move from board to board, to its end. */
  move(to: number, n: number): string[] {
    this.nowMs += 1000;
    const asked = this.ask(to, `rule-${n}`, 'relieve');
    if (!asked[0]?.startsWith('serve')) return asked;
    this.do({ kind: 'served', call: this.state.calls, grant: { term: 1, n } });
    const service = { ...held('media', to, n), cause: 'rule relieve' };
    return [...asked, ...this.do({ kind: 'state', state: changed(state(), [], [service]) })];
  }
}

function words(effect: DirectorEffect): string {
  switch (effect.kind) {
    case 'serve':
      return `serve ${effect.service} ${effect.board} ${effect.cause}`;
    case 'answer-wish':
      return `${effect.ok ? 'granted' : 'denied'} ${effect.id} ${effect.message.split(':')[0]}`;
    default:
      return effect.kind;
  }
}

function begun(): Run {
  const run = new Run();
  run.do({ kind: 'state', state: changed(state(), [], [held('media', 1, 1)]) });
  return run;
}

describe('directorStep: what rules ask for', () => {
  it('goes the way of a wish, and its cause names the rule', () => {
    expect(begun().ask(2, 'rule-1', 'relieve')).to.deep.equal(['serve media 2 rule relieve']);
  });

  it('is held to three moves in ten minutes whatever the rules say, and is told that the service rests', () => {
    const run = begun();
    expect(run.move(2, 2)[0]).to.equal('serve media 2 rule relieve');
    expect(run.move(3, 3)[0]).to.equal('serve media 3 rule relieve');
    expect(run.move(1, 4)[0]).to.equal('serve media 1 rule relieve');
    expect(run.move(2, 5)).to.deep.equal(['denied rule-5 RESTS']);
    run.nowMs += 600_000;
    expect(run.move(2, 6)[0]).to.equal('serve media 2 rule relieve');
  });

  it('does not lift a rest, as an operator does', () => {
    const run = begun();
    for (const [to, n] of [
      [2, 2],
      [3, 3],
      [1, 4],
    ] as const)
      run.move(to, n);
    expect(run.ask(2, 'rule-5', 'other')).to.deep.equal(['denied rule-5 RESTS']);
    expect(run.ask(2, 'w1')).to.include('serve media 2 wish of cpu-1');
  });

  it('may place a service that nobody holds even then: leaving it so would be an outage', () => {
    const run = begun();
    for (const [to, n] of [
      [2, 2],
      [3, 3],
      [1, 4],
    ] as const)
      run.move(to, n);
    const free = { service: 'media', phase: 'free', cause: '' } as const;
    const down = [board(1, { verdict: 'down' as const })];
    const effects = run.do({ kind: 'state', state: changed(state(), down, [free]) });
    expect(effects.some((one) => one.startsWith('serve media'))).to.equal(true);
  });

  it('never replaces an operator’s wish; an operator’s replaces it', () => {
    const run = new Run();
    run.do({ kind: 'state', state: changed(state(), [], [{ service: 'media', phase: 'moving', cause: '' }]) });
    run.ask(2, 'w1');
    expect(run.ask(3, 'rule-1', 'relieve')).to.deep.equal(['denied rule-1 BUSY']);
    const other = new Run();
    other.do({ kind: 'state', state: changed(state(), [], [{ service: 'media', phase: 'moving', cause: '' }]) });
    other.ask(2, 'rule-1', 'relieve');
    expect(other.ask(3, 'w1')).to.deep.equal(['denied rule-1 REPLACED']);
  });

  it('is refused on a board that does not direct', () => {
    const run = new Run();
    run.do({ kind: 'state', state: { ...state(), directing: false } });
    expect(run.ask(2, 'rule-1', 'relieve')).to.deep.equal(['denied rule-1 NOT_DIRECTOR']);
  });
});
