import { ALONE_MS, initialAgent, stepAgent } from '@softset/netrack/core/rollout/agent.js';
import type { AgentEffect, AgentEvent, View } from '@softset/netrack/core/rollout/types.js';
import type { Rollout } from '@softset/protocol';
import type { KeptConfiguration } from '@softset/protocol/kept-configuration.js';
import { expect } from 'chai';

const OLD = { hash: 'a'.repeat(64), text: 'old' };
const NEW = { hash: 'b'.repeat(64), text: 'new' };
const trialOf = (change: Partial<Rollout> = {}): Rollout => ({
  version: 1,
  hash: NEW.hash,
  before: OLD.hash,
  phase: 'trial',
  confirmMs: 60_000,
  who: 'operator',
  ...change,
});

/** Board 2 of three, of which board 1 directs; its disk keeps at once unless told not to. */
class Board {
  nowMs = 1000;
  disk: 'works' | 'fails' | 'hangs' = 'works';
  director = 1;
  readonly effects: AgentEffect[] = [];
  readonly state;
  readonly config;
  constructor(record: KeptConfiguration = {}, runs = OLD, boot = 'this', self = 2) {
    this.state = initialAgent(runs, record, this.nowMs);
    this.config = { self, boot };
  }
  step(event: AgentEvent): AgentEffect[] {
    const made = stepAgent(this.state, event, this.nowMs, this.config);
    for (const effect of made)
      if (effect.kind === 'keep' && this.disk !== 'hangs') {
        const refusal = this.disk === 'fails' ? { refusal: 'ENOSPC' } : {};
        made.push(...this.step({ kind: 'kept', number: effect.number, ...refusal }));
      }
    this.effects.push(...made);
    return made;
  }
  /** `runs`: first letters of what boards 1, 2 and 3 run. */
  view(rollout: Rollout | undefined, runs = 'aaa', change: Partial<View> = {}): AgentEffect[] {
    const boards = [...runs].map((letter, i) => ({
      board: i + 1,
      present: letter !== '-',
      configuration: letter.repeat(8),
      alive: true,
    }));
    return this.step({
      kind: 'view',
      view: {
        rollout,
        live: true,
        director: this.director,
        directing: this.director === this.config.self,
        boards,
        ...change,
      },
    });
  }
  stage(text = NEW, refusal?: string, round = 'r1'): AgentEffect[] {
    return this.step({ kind: 'stage', from: 3, round, staged: { ...text, who: 'operator' }, refusal });
  }
  after(ms: number): AgentEffect[] {
    this.nowMs += ms;
    return this.step({ kind: 'tick' });
  }
}
const kinds = (effects: readonly AgentEffect[]) => effects.map(({ kind }) => kind);
const answers = (effects: readonly AgentEffect[]) =>
  effects.flatMap((one) => (one.kind === 'answer' ? [{ to: one.to, ok: one.ok, round: one.round }] : []));

describe('one board of a roll-out', () => {
  it('holds what it is given ready, on disk before it says so', () => {
    const board = new Board();
    board.disk = 'hangs';
    expect(answers(board.stage())).to.deep.equal([]);
    expect(answers(board.stage(NEW, undefined, 'r1')), 'asked again meanwhile').to.deep.equal([]);
    expect(answers(board.step({ kind: 'kept', number: 1 }))).to.deep.equal([{ to: 3, ok: true, round: 'r1' }]);
    expect(board.state.record.staged?.hash).to.equal(NEW.hash);
    expect(kinds(board.after(100_000)), 'nothing runs it').to.deep.equal([]);
  });

  it('refuses what it could not run, and what its disk does not take; what it had stays', () => {
    const board = new Board();
    expect(answers(board.stage(NEW, 'it has no board "b2"'))).to.deep.equal([{ to: 3, ok: false, round: 'r1' }]);
    board.disk = 'fails';
    expect(answers(board.stage())).to.deep.equal([{ to: 3, ok: false, round: 'r1' }]);
    expect(board.state.record).to.deep.equal({});
  });

  it('refuses another while a roll-out is under way', () => {
    for (const phase of ['deciding', 'trial'] as const) {
      const board = new Board();
      board.view(trialOf({ phase }), 'aaa', { live: false });
      expect(answers(board.stage())).to.deep.equal([{ to: 3, ok: false, round: 'r1' }]);
    }
  });

  it('runs it when the register says so and it is its turn: its record first, then the restart', () => {
    const board = new Board();
    board.director = 3;
    board.stage();
    expect(kinds(board.view(trialOf())), 'board 1 goes first').to.deep.equal([]);
    board.nowMs += 500;
    const effects = board.view(trialOf(), 'baa');
    expect(kinds(effects)).to.deep.equal(['keep', 'restart']);
    expect(board.state.record).to.deep.equal({
      running: { ...NEW, version: 1 },
      previous: OLD,
      trial: { version: 1, boot: 'this', untilMs: 61_000, confirmMs: 60_000 },
    });
    expect(kinds(board.view(trialOf(), 'baa')), 'once').to.deep.equal([]);
  });

  it('does nothing before a majority has the decision, nor by a register that is only remembered', () => {
    const board = new Board();
    board.stage();
    expect(kinds(board.view(trialOf({ phase: 'deciding' }), 'bab'))).to.deep.equal([]);
    expect(kinds(board.view(trialOf(), 'bab', { live: false }))).to.deep.equal([]);
  });

  it('the director goes last', () => {
    const board = new Board({}, OLD, 'this', 1);
    board.director = 1;
    board.stage();
    expect(kinds(board.view(trialOf(), 'aba'))).to.deep.equal([]);
    expect(kinds(board.view(trialOf(), 'abb'))).to.deep.equal(['keep', 'restart']);
  });

  it('a board before it that does not change is not waited for without end; one that is away not at all', () => {
    const board = new Board();
    board.director = 3;
    board.stage();
    board.view(trialOf());
    expect(kinds(board.after(9000))).to.deep.equal([]);
    expect(kinds(board.after(1000))).to.deep.equal(['keep', 'restart']);
    const other = new Board();
    other.director = 3;
    other.stage();
    expect(kinds(other.view(trialOf(), '-aa'))).to.deep.equal(['keep', 'restart']);
  });

  it('a board that was away asks those that run it for the text, one after another', () => {
    const board = new Board();
    board.director = 3;
    const wants = (effects: readonly AgentEffect[]) =>
      effects.flatMap((one) => (one.kind === 'want' ? [one.from] : []));
    expect(wants(board.view(trialOf({ phase: 'kept' }), 'bab'))).to.deep.equal([1]);
    expect(wants(board.after(500))).to.deep.equal([]);
    expect(wants(board.after(600))).to.deep.equal([3]);
    board.step({ kind: 'text', text: { hash: 'c'.repeat(64), text: 'not asked for' } });
    expect(board.state.record).to.deep.equal({});
    const effects = board.step({ kind: 'text', text: NEW });
    expect(kinds(effects)).to.deep.equal(['keep', 'keep', 'restart']);
    expect(board.state.record.running).to.deep.equal({ ...NEW, version: 1 });
    expect(board.state.record).to.not.have.property('trial');
  });

  const onTrial: KeptConfiguration = {
    running: { ...NEW, version: 1 },
    previous: OLD,
    trial: { version: 1, boot: 'this', untilMs: 61_000, confirmMs: 60_000 },
  };

  it('confirmed: nothing is left of the trial', () => {
    const board = new Board(onTrial, NEW);
    expect(kinds(board.view(trialOf({ phase: 'kept' }), 'bbb'))).to.deep.equal(['keep']);
    expect(board.state.record).to.deep.equal({ running: { ...NEW, version: 1 }, previous: OLD });
    expect(kinds(board.after(200_000))).to.deep.equal([]);
  });

  it('not confirmed: the director has it rolled back for all, once a second until the register says so', () => {
    const board = new Board(onTrial, NEW, 'this', 1);
    board.view(trialOf(), 'bbb');
    expect(kinds(board.after(59_000))).to.deep.equal([]);
    expect(kinds(board.after(1000))).to.deep.equal(['roll-back']);
    expect(kinds(board.after(500))).to.deep.equal([]);
    expect(kinds(board.after(500))).to.deep.equal(['roll-back']);
    board.director = 1;
    const back = trialOf({ version: 2, hash: OLD.hash, before: NEW.hash, phase: 'kept', confirmMs: 0 });
    expect(kinds(board.view(back, 'baa'))).to.deep.equal(['keep', 'restart']);
    expect(board.state.record).to.deep.equal({ running: { ...OLD, version: 2 }, previous: NEW });
  });

  it('not confirmed, and no director is heard: it goes back by itself, and takes that version only once it is kept', () => {
    const board = new Board(onTrial, NEW);
    board.view(trialOf(), 'bbb', { live: false });
    expect(kinds(board.after(60_000 + ALONE_MS - 1))).to.deep.equal([]);
    expect(kinds(board.after(1))).to.deep.equal(['keep', 'restart']);
    expect(board.state.record).to.deep.equal({ running: { ...OLD, version: 0 }, previous: NEW, refused: 1 });
    const next = new Board(board.state.record, OLD);
    next.director = 3;
    expect(kinds(next.view(trialOf(), 'bab')), 'still on trial elsewhere').to.deep.equal([]);
    expect(kinds(next.view(trialOf({ phase: 'kept' }), 'bab'))).to.deep.equal(['keep', 'restart']);
    expect(next.state.record).to.deep.equal({ running: { ...NEW, version: 1 }, previous: OLD });
  });

  it('after a reboot its time begins anew, and ends', () => {
    const board = new Board(onTrial, NEW, 'another boot');
    expect(kinds(board.after(0))).to.deep.equal(['keep']);
    expect(kinds(board.after(60_000 + ALONE_MS))).to.deep.equal(['keep', 'restart']);
    expect(board.state.record.running?.hash).to.equal(OLD.hash);
  });

  it('a full disk changes nothing, and is tried again a second later', () => {
    const board = new Board();
    board.director = 3;
    board.stage();
    board.disk = 'fails';
    expect(kinds(board.view(trialOf(), 'baa'))).to.deep.equal(['keep', 'log']);
    expect(board.state.record).to.have.property('staged');
    expect(kinds(board.after(500))).to.deep.equal([]);
    board.disk = 'works';
    expect(kinds(board.after(500))).to.deep.equal(['keep', 'restart']);
  });

  it('a late word of the disk, of a record that is no longer waited for, means nothing', () => {
    const board = new Board();
    board.stage();
    expect(kinds(board.step({ kind: 'kept', number: 1 }))).to.deep.equal([]);
    expect(kinds(board.step({ kind: 'kept', number: 99 }))).to.deep.equal([]);
  });

  it('what runs already by the register’s word is noted, without a restart', () => {
    const board = new Board();
    const same = trialOf({ hash: OLD.hash, before: NEW.hash, phase: 'kept', version: 4 });
    expect(kinds(board.view(same))).to.deep.equal(['keep']);
    expect(board.state.record.running).to.deep.equal({ ...OLD, version: 4 });
    expect(kinds(board.view(same))).to.deep.equal([]);
  });
});
