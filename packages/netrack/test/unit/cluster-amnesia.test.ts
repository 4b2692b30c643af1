import type { Rule } from '@softset/netrack/core/rules.js';
import type { BoardId } from '@softset/protocol';
import { expect } from 'chai';
import { claim, led } from './cluster-director.js';
import { bootOf, CLUSTER_NUMBER, ClusterWorld, OWN_BOOT, registerOf, sends } from './cluster-world.js';

describe('a board that lost its memory', () => {
  const remembered = (
    world: ClusterWorld,
    from: BoardId,
    fields: { term?: number; amnesiac?: boolean; incarnation?: number } = {},
  ) => world.hear(from, { kind: 'remembered', boot: OWN_BOOT, incarnation: 1, term: 8, amnesiac: false, ...fields });
  /** Board 3 asks to be told, with a director (board 2) whose register comes in. */
  function amnesiac(...without: Rule[]): ClusterWorld {
    const world = new ClusterWorld({ self: 3, memory: null, without });
    world.set(2, { term: 8, director: 2, elected: true });
    world.pulse = { ...world.pulse, term: 8, director: 2 };
    return world.start();
  }

  it('T4: abstains from votes, reports and acknowledgements', () => {
    for (const [rules, speaks] of [
      [[], false],
      [['T4'], true],
    ] as const) {
      const world = amnesiac(...rules);
      world.hear(2, { kind: 'write', register: registerOf({ term: 8, index: 3 }) });
      world.run(50);
      expect(sends(world.effects, 'wrote').length > 0).to.equal(speaks);
      expect(sends(world.effects, 'report').length > 0).to.equal(speaks);
      world.set(2, { verdict: 'down' });
      world.report();
      expect(sends(claim(world, 1, 9), 'vote').length > 0).to.equal(speaks);
    }
  });

  it('T4: no majority counts it', () => {
    const world = new ClusterWorld();
    world.set(2, { amnesiac: true });
    world.set(3, { verdict: 'down' });
    world.start();
    expect(world.view().quorum).to.deep.equal({ present: 1, needed: 2, votes: 3 });
    const director = new ClusterWorld().elect();
    director.set(2, { amnesiac: true });
    director.report();
    director.ack(2);
    expect(director.state.lead?.committed).to.equal(0);
  });

  it('T5: remembers again after two leases and the answers of a majority, itself not counted', () => {
    const world = amnesiac();
    expect(sends(world.effects, 'remember').map(({ message }) => message.boot)).to.deep.equal([OWN_BOOT]);
    remembered(world, 1);
    remembered(world, 4);
    world.run(600);
    expect(world.state.amnesiac, 'one voter').to.equal(true);
    remembered(world, 2);
    expect(world.state.amnesiac).to.equal(false);
    expect(world.state.memory).to.deep.equal({ cluster: CLUSTER_NUMBER, term: 8, candidate: 0 });
    expect(sends(claim(world, 1, 8), 'vote'), 'in a term that it may have forgotten').to.deep.equal([]);
  });

  it('T5: not before two leases have passed, whoever answered', () => {
    const world = amnesiac();
    remembered(world, 1);
    remembered(world, 2);
    world.run(490);
    expect(world.state.amnesiac).to.equal(true);
    world.run(10);
    expect(world.state.amnesiac).to.equal(false);
    expect(amnesiac('T5').state.amnesiac, 'without the rule it is at once').to.equal(false);
  });

  it('T5: follows nobody below the highest term that it heard of, in which it may have voted', () => {
    for (const [term, follows] of [
      [9, [{ term: 9, director: 0 }]],
      [8, []],
    ] as const) {
      const world = amnesiac();
      remembered(world, 1, { term });
      remembered(world, 2);
      world.run(510);
      expect(world.state.amnesiac).to.equal(false);
      const asked = world.effects.flatMap((effect) =>
        effect.kind === 'pulse' &&
        effect.request.kind === 'follow' &&
        effect.request.director === 0 &&
        effect.request.term > 0
          ? [{ term: effect.request.term, director: effect.request.director }]
          : [],
      );
      expect(asked).to.deep.equal(follows);
    }
  });

  it('T5: counts no time by which its clock leapt', () => {
    const world = amnesiac();
    remembered(world, 1);
    remembered(world, 2);
    world.run(200);
    world.nowMs += 1000;
    world.run(290);
    expect(world.state.amnesiac).to.equal(true);
    world.run(20);
    expect(world.state.amnesiac).to.equal(false);
  });

  it('T5: neither answers of the amnesiac nor answers to another life count', () => {
    const world = amnesiac();
    world.run(600);
    remembered(world, 2);
    remembered(world, 1, { amnesiac: true });
    world.run(50);
    expect(world.state.amnesiac, 'board 1 is amnesiac too').to.equal(true);
    remembered(world, 1, { incarnation: 2 });
    world.run(50);
    expect(world.state.amnesiac, 'that was said to another life').to.equal(true);
    remembered(world, 1);
    expect(world.state.amnesiac).to.equal(false);
  });

  it('T5: a board that asks is answered with the highest term heard of', () => {
    const world = led();
    world.hear(2, { kind: 'denied', term: 12, reason: '' });
    const [answer] = sends(world.hear(4, { kind: 'remember', boot: bootOf(4), incarnation: 6 }), 'remembered');
    expect(answer).to.deep.equal({
      to: 4,
      message: { kind: 'remembered', boot: bootOf(4), incarnation: 6, term: 12, amnesiac: false },
    });
  });
});
