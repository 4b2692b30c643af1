import { actionText } from '@softset/protocol/rules-actions.js';
import type { FactValue } from '@softset/redirect/core/rules/facts.js';
import type { RulesEffect } from '@softset/redirect/core/rules/state.js';
import { RulesEngine } from '@softset/redirect/rules/engine.js';
import { expect } from 'chai';
import { setOf } from './load.js';

/** The engine with answers in our hands: a step is under way until it is answered. */
class Hands {
  nowMs = 0;
  readonly effects: RulesEffect[] = [];
  readonly engine: RulesEngine;
  crash: unknown;

  constructor(text: string) {
    this.engine = new RulesEngine(setOf(text), {
      nowMs: () => this.nowMs,
      onEffect: (effect) => this.effects.push(effect),
      onCrash: (error) => {
        this.crash = error;
      },
    });
  }

  facts(facts: Readonly<Record<string, FactValue>>): Promise<void> {
    return this.engine.take({ kind: 'facts', changes: new Map(Object.entries(facts)) });
  }

  answer(text: string, ok = true): Promise<void> {
    const asked = this.effects.findLast((one) => one.kind === 'perform' && actionText(one.action) === text);
    expect(asked, text).to.not.equal(undefined);
    const call = asked?.kind === 'perform' ? asked.call : 0;
    return this.engine.take({ kind: 'performed', call, ok, message: '' });
  }

  get asked(): string[] {
    return this.effects.flatMap((one) => (one.kind === 'perform' ? [actionText(one.action)] : []));
  }
}

const shared = `version: 1
rules:
  - { name: first, key: io-1, when: board.io-1.state is down, do: [ { drain: io-1 }, { power-cycle: io-1 } ], on_clear: [ { activate: io-1 } ] }
  - { name: second, key: io-1, when: board.io-2.state is down, do: [ { prefer-network: B } ] }
`;

describe('rules: one plan at a time for each key', () => {
  it('a second plan waits until the first is done, and is then decided', async () => {
    const hands = new Hands(shared);
    await hands.facts({ 'board.io-1.state': 'down' });
    await hands.facts({ 'board.io-2.state': 'down' });
    expect(hands.asked).to.deep.equal(['drain io-1']);
    await hands.answer('drain io-1');
    expect(hands.asked).to.deep.equal(['drain io-1', 'power-cycle io-1']);
    await hands.answer('power-cycle io-1');
    expect(hands.asked.at(-1)).to.equal('prefer-network B');
  });

  it('one that is no longer true by then is dropped', async () => {
    const hands = new Hands(shared);
    await hands.facts({ 'board.io-1.state': 'down' });
    await hands.facts({ 'board.io-2.state': 'down' });
    await hands.facts({ 'board.io-2.state': 'up' });
    await hands.answer('drain io-1');
    await hands.answer('power-cycle io-1');
    expect(hands.asked).to.deep.equal(['drain io-1', 'power-cycle io-1']);
  });

  it('on_clear does not overtake the plan that it undoes', async () => {
    const hands = new Hands(shared);
    await hands.facts({ 'board.io-1.state': 'down' });
    await hands.facts({ 'board.io-1.state': 'up' });
    expect(hands.asked).to.deep.equal(['drain io-1']);
    await hands.answer('drain io-1');
    await hands.answer('power-cycle io-1');
    expect(hands.asked).to.deep.equal(['drain io-1', 'power-cycle io-1', 'activate io-1']);
  });

  it('a step that nobody answers has failed after its time, and the key is free', async () => {
    const hands = new Hands(shared);
    await hands.facts({ 'board.io-1.state': 'down' });
    await hands.facts({ 'board.io-2.state': 'down' });
    expect(hands.engine.wakeMs).to.equal(15_000);
    hands.nowMs = 15_000;
    await hands.engine.take({ kind: 'tick' });
    expect(hands.asked).to.deep.equal(['drain io-1', 'prefer-network B']);
  });

  it('an answer that comes late, or twice, or to nothing is nobody’s', async () => {
    const hands = new Hands(shared);
    await hands.facts({ 'board.io-1.state': 'down' });
    await hands.answer('drain io-1');
    await hands.answer('drain io-1');
    await hands.engine.take({ kind: 'performed', call: 999, ok: true, message: '' });
    expect(hands.asked).to.deep.equal(['drain io-1', 'power-cycle io-1']);
    expect(hands.crash).to.equal(undefined);
  });

  it('who directs no more gives all up, and begins afresh when it directs again', async () => {
    const hands = new Hands(shared);
    await hands.facts({ 'board.io-1.state': 'down' });
    await hands.engine.take({ kind: 'stand' });
    expect(hands.effects.at(-1)).to.deep.equal({ kind: 'ended', plan: 1, outcome: 'given-up' });
    await hands.answer('drain io-1');
    expect(hands.asked).to.deep.equal(['drain io-1']);
    await hands.facts({ 'board.io-1.state': 'down' });
    expect(hands.asked).to.deep.equal(['drain io-1', 'drain io-1']);
  });

  it('inputs that come together are decided one after the other, and none is skipped', async () => {
    const hands = new Hands(shared);
    const all = [
      hands.facts({ 'board.io-1.state': 'down' }),
      hands.engine.take({ kind: 'tick' }),
      hands.facts({ 'board.io-2.state': 'down' }),
      hands.engine.take({ kind: 'tick' }),
      hands.facts({ 'board.io-2.state': 'up' }),
    ];
    await Promise.all(all);
    expect(hands.effects.filter((one) => one.kind === 'held-back')).to.have.length(1);
    expect(hands.engine.state.facts.get('board.io-2.state')).to.equal('up');
  });
});

describe('rules: a director that stood still', () => {
  const held =
    'version: 1\nrules: [ { name: a, when: board.io-1.state is down, for: 300ms, clear_after: 1s, do: [ { drain: io-1 } ] } ]';
  it('counts no hold time that nobody watched', async () => {
    const hands = new Hands(held);
    await hands.facts({ 'board.io-1.state': 'down' });
    hands.nowMs = 10_000;
    await hands.engine.take({ kind: 'stalled' });
    await hands.engine.take({ kind: 'tick' });
    expect(hands.asked).to.deep.equal([]);
    hands.nowMs = 10_300;
    await hands.engine.take({ kind: 'tick' });
    expect(hands.asked).to.deep.equal(['drain io-1']);
  });

  it('and arms nothing again by it', async () => {
    const hands = new Hands(held);
    await hands.facts({ 'board.io-1.state': 'down' });
    hands.nowMs = 300;
    await hands.engine.take({ kind: 'tick' });
    await hands.answer('drain io-1');
    await hands.facts({ 'board.io-1.state': 'up' });
    hands.nowMs = 10_000;
    await hands.engine.take({ kind: 'stalled' });
    await hands.facts({ 'board.io-1.state': 'down' });
    expect(hands.engine.state.phases.get(0)?.kind).to.equal('active');
    expect(hands.asked).to.deep.equal(['drain io-1']);
  });
});

describe('rules: a new director', () => {
  const text = `version: 1
groups: { media: { members: [io-1, io-2], spares: [io-3], policy: n+1 } }
rules:
  - name: lost
    when: board.io-1.state is down
    do: [ { choose: { target: spare of media } }, { move: { service: media-1, to: $target } } ]
    else: [ { alarm: no spare } ]
`;
  const seen = { 'board.io-1.state': 'down', 'board.io-3.state': 'up', 'board.io-3.maintenance': false };
  it('whose predecessor died before the move makes it', async () => {
    const hands = new Hands(text);
    await hands.facts({ ...seen, 'board.io-3.services': 0, 'service.media-1.holder': 'io-1' });
    expect(hands.asked).to.deep.equal(['move media-1 io-3']);
  });

  it('whose predecessor died behind the move asks for the same, and does not take the spare for full', async () => {
    const hands = new Hands(text);
    await hands.facts({ ...seen, 'board.io-3.services': 1, 'service.media-1.holder': 'io-3' });
    expect(hands.asked).to.deep.equal(['move media-1 io-3']);
  });

  it('takes a spare that holds something else for full', async () => {
    const hands = new Hands(text);
    await hands.facts({ ...seen, 'board.io-3.services': 1, 'service.media-1.holder': 'io-1' });
    expect(hands.asked).to.deep.equal(['alarm major rule/lost RULE no spare']);
  });
});

describe('rules: reloading', () => {
  const changed = shared.replace('drain: io-1', 'drain: io-2');
  it('a rule that is word for word the same goes on, and does not act again', async () => {
    const hands = new Hands(shared);
    await hands.facts({ 'board.io-1.state': 'down' });
    await hands.engine.take({ kind: 'set', set: setOf(`# moved down\n${shared}`) });
    expect(hands.asked).to.deep.equal(['drain io-1']);
    await hands.answer('drain io-1');
    expect(hands.asked).to.deep.equal(['drain io-1', 'power-cycle io-1']);
  });

  it('a rule that changed is given up and begins anew', async () => {
    const hands = new Hands(shared);
    await hands.facts({ 'board.io-1.state': 'down' });
    await hands.engine.take({ kind: 'set', set: setOf(changed) });
    expect(hands.asked).to.deep.equal(['drain io-1', 'drain io-2']);
  });

  it('alarms of a rule that is gone are cleared', async () => {
    const hands = new Hands('version: 1\nrules: [ { name: a, when: board.io-1.state is down, do: [ { alarm: x } ] } ]');
    await hands.facts({ 'board.io-1.state': 'down' });
    await hands.engine.take({ kind: 'set', set: setOf('version: 1') });
    expect(hands.asked.at(-1)).to.equal('clear-alarm rule/a RULE');
  });
});
