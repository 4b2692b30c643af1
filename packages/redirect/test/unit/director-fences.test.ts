import type { BoardState, NetrackState, ServiceState } from '@softset/protocol';
import { directorStep, directorWakeMs } from '@softset/redirect/core/director.js';
import { DIRECTOR_START, type DirectorEvent, directorConfig } from '@softset/redirect/core/director-state.js';
import { expect } from 'chai';
import { board, changed, cluster, held, state } from '../fixture.js';

/** `media` moves strictly and `disk` fast, both fenced; `plain` is not. */
const chassis = cluster();
const config = directorConfig({
  ...chassis,
  services: chassis.services.map((service) => ({
    ...service,
    ...(service.name === 'media' ? { takeover: 'strict' as const } : {}),
    ...(service.name === 'plain' ? {} : { fencing: 'power' as const }),
  })),
});
/** Board 2 holds it all; this board, 1, directs. */
const on2 = changed(state(), [], [held('media', 2), held('disk', 2), held('plain', 2)]);
const silent = (service: string): ServiceState => ({ ...held(service, 2), phase: 'silent' });
const gone = (part: Partial<BoardState>): NetrackState =>
  changed(on2, [board(2, { sinceMs: 1000, ...part })], [silent('media'), silent('disk'), silent('plain')]);
const dead = gone({ verdict: 'down' });
const failing = {
  object: 'board/cpu-2',
  cause: 'FENCE_FAILED',
  severity: 'critical',
  text: '',
  raisedAtMs: 0,
  raisedBy: 1,
} as const;

class Run {
  state = DIRECTOR_START;
  nowMs = 1000;
  /** Of the last fence. */
  means: readonly string[] = [];
  readonly #config: typeof config;

  constructor(own = config) {
    this.#config = own;
    this.see(on2);
  }
  do(event: DirectorEvent): string[] {
    const result = directorStep(this.state, event, this.nowMs, this.#config);
    this.state = result.state;
    return result.effects.map((effect) => {
      if (effect.kind === 'fence') this.means = effect.means;
      if (effect.kind === 'fence' || effect.kind === 'tell-fenced') return `${effect.kind} ${effect.board}`;
      if (effect.kind === 'alarm') return `${effect.severity} ${effect.cause}`;
      return effect.kind === 'serve' ? `serve ${effect.service} ${effect.board}` : effect.kind;
    });
  }
  see(seen: NetrackState): string[] {
    return this.do({ kind: 'state', state: seen });
  }
  fenced(ok: boolean): string[] {
    return this.do({ kind: 'fenced', board: 2, ok, ...(ok ? { means: 'power' } : {}), message: 'no answer' });
  }
}

describe('directorStep: fencing', () => {
  it('takes the power of a board that is down and held what is fenced, once for all its services', () => {
    const run = new Run();
    expect(run.see(dead)).to.deep.equal(['fence 2']);
    expect(run.see(dead)).to.deep.equal([]);
  });

  it('decides moves first: nothing that brings an address back waits for a fence', () => {
    const run = new Run();
    const free = { ...held('disk', 2), phase: 'free' } as const;
    expect(run.see(changed(dead, [], [free]))).to.deep.equal(['serve disk 1', 'fence 2']);
  });

  it('tells netrackd when it is done, and does not do it twice', () => {
    const run = new Run();
    run.see(dead);
    expect(run.fenced(true)).to.deep.equal(['tell-fenced 2']);
    expect(run.see(dead)).to.deep.equal([]);
    expect(run.fenced(true), 'the same answer again').to.deep.equal([]);
  });

  it('a fence that fails is alarmed, tried again after 5 s, and cleared when it works', () => {
    const run = new Run();
    run.see(dead);
    expect(run.fenced(false)).to.deep.equal(['critical FENCE_FAILED']);
    run.see({ ...dead, alarms: [failing] });
    run.nowMs += 4999;
    expect(run.do({ kind: 'tick' })).to.not.include('fence 2');
    expect(directorWakeMs(run.state, run.nowMs, config)).to.be.at.most(6000);
    run.nowMs += 1;
    expect(run.do({ kind: 'tick' })).to.include('fence 2');
    expect(run.fenced(true)).to.deep.equal(['tell-fenced 2', 'cleared FENCE_FAILED']);
  });

  it('a board that is heard again is fenced no more, and its alarm is over', () => {
    const run = new Run();
    run.see(dead);
    run.fenced(false);
    expect(run.see({ ...on2, alarms: [failing] })).to.deep.equal(['cleared FENCE_FAILED']);
    expect(run.state.fences).to.deep.equal({});
    expect(run.see(dead), 'its next end is another').to.deep.equal(['fence 2']);
  });

  for (const verdict of ['stalled', 'unheard'] as const) {
    it(`a board that is ${verdict} is given two leases first`, () => {
      const run = new Run();
      expect(run.see(gone({ verdict }))).to.deep.equal([]);
      expect(directorWakeMs(run.state, run.nowMs, config)).to.equal(1500);
      run.nowMs = 1499;
      expect(run.do({ kind: 'tick' })).to.deep.equal([]);
      run.nowMs = 1500;
      expect(run.do({ kind: 'tick' })).to.deep.equal(['fence 2']);
    });
  }

  for (const verdict of ['silent', 'unknown', 'up'] as const) {
    it(`a board that is ${verdict} is never fenced`, () => {
      const run = new Run();
      run.see(gone({ verdict }));
      run.nowMs += 60_000;
      expect(run.do({ kind: 'tick' })).to.not.include('fence 2');
    });
  }

  it('a board that held nothing that is fenced is left alone', () => {
    const run = new Run();
    expect(run.see(changed(on2, [board(3, { verdict: 'down' })]))).to.deep.equal([]);
  });

  it('both means where its services ask for both, power first; one cut off is alarmed until it is heard again', () => {
    const own = directorConfig({
      ...config.cluster,
      services: config.cluster.services.map((service) =>
        service.name === 'disk' ? { ...service, fencing: 'switch-port' as const } : service,
      ),
    });
    const run = new Run(own);
    expect(run.see(dead)).to.deep.equal(['fence 2']);
    expect(run.means).to.deep.equal(['power', 'switch-port']);
    const cutOff = { kind: 'fenced', board: 2, ok: true, means: 'switch-port', message: 'COMMAND_FAILED' } as const;
    expect(run.do(cutOff)).to.deep.equal(['tell-fenced 2', 'major FENCED']);
    const fenced = { ...failing, cause: 'FENCED', severity: 'major' } as const;
    for (const verdict of ['silent', 'unheard', 'unknown'] as const)
      expect(run.see({ ...gone({ verdict }), alarms: [fenced] })).to.deep.equal([]);
    expect(run.see({ ...on2, alarms: [fenced] })).to.deep.equal(['cleared FENCED']);
  });

  it('whoever directs clears what another raised, once the board is heard', () => {
    const run = new Run();
    expect(run.see({ ...on2, alarms: [failing] })).to.deep.equal(['cleared FENCE_FAILED']);
  });

  it('only by the director; a new one fences anew', () => {
    const run = new Run();
    expect(run.see({ ...dead, directing: false })).to.deep.equal([]);
    expect(run.see(dead)).to.deep.equal(['fence 2']);
    run.see({ ...dead, directing: false });
    expect(run.fenced(true), 'asked in an earlier office').to.deep.equal([]);
    expect(run.see(dead)).to.deep.equal(['fence 2']);
  });
});
