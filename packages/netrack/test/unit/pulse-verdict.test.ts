import { handfulMs, nextDeadlineMs } from '@softset/netrack/core/pulse/step.js';
import type { BoardId } from '@softset/protocol';
import { expect } from 'chai';
import { macOf, of, PulseWorld, sent, without } from './pulse-world.js';

/** Boards 2, 3 and 4 were heard for a while. */
function heard(config = {}): PulseWorld {
  const world = new PulseWorld(config);
  world.run(100, world.hearing(2, 3, 4));
  return world;
}

const answers = (board: BoardId) => (world: PulseWorld) =>
  world.step({ kind: 'answer', network: 'A', board, mac: macOf(board) });

/** Others that beat on; `more` happens with them. */
function others(world: PulseWorld, boards: readonly BoardId[], more: () => void = () => undefined): () => void {
  return () => {
    for (const board of boards) world.beat(board);
    more();
  };
}

describe('verdicts (the diagram of judge.ts)', () => {
  it('unknown → up: heard on one network', () => {
    const world = new PulseWorld();
    world.run(10);
    expect(world.verdict(2)).to.equal('unknown');
    world.beat(2, {}, ['B']);
    world.tick();
    expect(world.verdict(2)).to.equal('up');
    expect(world.reported(2)?.paths).to.deep.equal({ A: false, B: true });
  });

  it('unknown → down: not heard for three intervals after the start, and its kernel neither', () => {
    const world = new PulseWorld();
    world.run(25, world.hearing(3));
    expect(world.verdict(2)).to.equal('unknown');
    world.run(15, world.hearing(3));
    expect(world.verdict(2)).to.equal('down');
  });

  it('unknown → stalled: never heard, but its kernel answered — once a beat has told its MAC', () => {
    const world = new PulseWorld();
    world.run(40, (one) => answers(2)(one));
    expect(world.verdict(2), 'an unknown MAC counts for nothing').to.equal('down');
    expect(world.counted('ANSWER_UNKNOWN_MAC')).to.equal(4);
  });

  it('up → silent at two intervals, and its kernel is asked on both networks, twice', () => {
    const world = heard();
    const effects = world.run(20, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('silent');
    effects.push(...world.run(5, others(world, [3, 4])));
    expect(of(effects, 'ask').map(({ board, network }) => `${board}${network}`)).to.deep.equal([
      '2A',
      '2B',
      '2A',
      '2B',
    ]);
    expect(handfulMs(world.state, world.nowMs, world.config), 'every datagram counts now').to.equal(1);
    world.state.health = 1;
    expect(handfulMs(world.state, world.nowMs, world.config), 'but this board was late itself').to.equal(5);
    world.state.health = 0;
  });

  it('silent, and nothing that this board acts on: it looks no more often', () => {
    const world = new PulseWorld();
    world.follow(2);
    const beats = (boards: readonly BoardId[]) => () => {
      for (const one of boards) world.beat(one, one === 2 ? { director: 2, elected: true } : {});
    };
    world.run(100, beats([2, 3, 4]));
    world.run(25, beats([2, 4]));
    expect(world.verdict(3)).to.equal('silent');
    expect(handfulMs(world.state, world.nowMs, world.config)).to.equal(Number.POSITIVE_INFINITY);
    world.run(15, beats([4]));
    expect([world.state.director, world.verdict(2)]).to.deep.equal([2, 'silent']);
    expect(handfulMs(world.state, world.nowMs, world.config), 'its director').to.equal(1);
  });

  it('silent → up: a beat came after all', () => {
    const world = heard();
    world.run(20, others(world, [3, 4]));
    world.beat(2);
    world.tick();
    expect(world.verdict(2)).to.equal('up');
    expect(handfulMs(world.state, world.nowMs, world.config)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('silent → down at three intervals: nobody reaches it or its kernel', () => {
    const world = heard();
    world.run(25, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('silent');
    world.run(5, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('down');
    expect(world.verdict(3)).to.equal('up');
  });

  it('silent → stalled: its kernel answers', () => {
    const world = heard();
    world.run(25, others(world, [3, 4]));
    answers(2)(world);
    world.run(5, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('stalled');
  });

  it('silent → stalled: its port is closed, so only the pulse died, and that is told', () => {
    const world = heard();
    world.run(25, others(world, [3, 4]));
    world.step({ kind: 'port-closed', board: 2 });
    world.run(5, others(world, [3, 4]));
    expect([world.verdict(2), world.reported(2)?.pulseDead]).to.deep.equal(['stalled', true]);
  });

  it('an answer from before the last beat says nothing of now', () => {
    const world = heard();
    answers(2)(world);
    world.nowMs += 1;
    world.beat(2);
    world.run(35, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('down');
  });

  it('an answer from another MAC is none: proxies and strangers answer for others', () => {
    const world = heard();
    world.run(25, others(world, [3, 4]));
    world.step({ kind: 'answer', network: 'A', board: 2, mac: '02:ff:ff:ff:ff:ff' });
    world.step({ kind: 'answer', network: 'A', board: 2, mac: macOf(2, 'B') });
    world.run(5, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('down');
    expect(world.counted('ANSWER_UNKNOWN_MAC')).to.equal(2);
  });

  for (const [by, fields] of [
    ['hears it on A', { hears: { A: 2n, B: 0n } }],
    ['hears it on B', { hears: { A: 0n, B: 2n } }],
    ['reaches its kernel', { kernels: 2n }],
  ] as const) {
    it(`silent → unheard: a board in view ${by}`, () => {
      const world = heard();
      world.run(30, () => {
        world.beat(3, fields);
        world.beat(4);
      });
      expect(world.verdict(2)).to.equal('unheard');
      world.run(10, others(world, [3, 4]));
      expect(world.verdict(2), 'unheard → down: nobody does any more').to.equal('down');
    });
  }

  it('what a board says that is not up itself counts for nothing', () => {
    const world = heard();
    world.run(10, () => {
      world.beat(2);
      world.beat(3, { hears: { A: 2n, B: 2n } });
      world.beat(4);
    });
    world.run(40, others(world, [4]));
    expect([world.verdict(2), world.verdict(3)]).to.deep.equal(['down', 'down']);
  });

  it('stalled → down: answers no more (an answer speaks for four intervals)', () => {
    const world = heard();
    world.run(25, others(world, [3, 4]));
    answers(2)(world);
    world.run(35, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('stalled');
    world.run(5, others(world, [3, 4]));
    expect(world.verdict(2), 'it was just asked again, and gets the time to answer').to.equal('stalled');
    world.run(5, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('down');
  });

  it('down → stalled, stalled → up, down → up: it comes back in steps or at once', () => {
    const world = heard();
    world.run(40, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('down');
    answers(2)(world);
    world.run(5, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('stalled');
    world.beat(2);
    world.tick();
    expect(world.verdict(2)).to.equal('up');
    world.run(40, others(world, [3, 4]));
    world.beat(2);
    world.tick();
    expect(world.verdict(2)).to.equal('up');
  });

  it('a board that beats slower is given its own three intervals', () => {
    const world = new PulseWorld();
    world.run(100, () => {
      world.beat(3);
      if (world.nowMs % 50 === 0) world.beat(2, { intervalMs: 50 });
    });
    world.run(90, others(world, [3]));
    expect(world.verdict(2)).to.equal('up');
    world.run(70, others(world, [3]));
    expect(world.verdict(2)).to.equal('down');
  });

  it('asks on, every second interval, while a board stays silent, and not where there is no carrier', () => {
    const world = heard();
    world.run(30, others(world, [3, 4]));
    world.step({ kind: 'carrier', network: 'A', up: false });
    const asks = of(world.run(100, others(world, [3, 4])), 'ask');
    expect(asks.every(({ network }) => network === 'B')).to.equal(true);
    expect(asks.length).to.equal(5);
  });

  it('wakes at the steps of a silence: at two intervals, two and a half, and three', () => {
    const world = heard();
    const heardMs = world.state.peers.get(2)?.heardMs.A ?? 0;
    world.state.nextBeatMs = Number.POSITIVE_INFINITY;
    const steps = [0, 20, 25].map((quiet) => nextDeadlineMs(world.state, heardMs + quiet, world.config) - heardMs);
    expect(steps).to.deep.equal([20, 25, 30]);
  });
});

describe('paths', () => {
  it('silent on one network for three intervals: that path is down, the board is up', () => {
    const world = heard();
    world.run(30, () => {
      world.beat(2, {}, ['B']);
      world.beat(3);
      world.beat(4);
    });
    expect(world.reported(2)?.paths).to.deep.equal({ A: false, B: true });
    expect(world.verdict(2)).to.equal('up');
  });

  it('our carrier is lost: all paths of that network are down at once, and everybody is told', () => {
    const world = heard();
    world.step({ kind: 'carrier', network: 'A', up: false });
    const [beat] = sent(world.tick());
    expect(world.report().boards.map(({ paths }) => paths)).to.deep.equal(Array(3).fill({ A: false, B: true }));
    expect(beat?.carrier).to.deep.equal({ A: false, B: true });
    expect(beat?.hears).to.deep.equal({ A: 0n, B: 0b1110n });
  });

  it('another board says that its carrier is lost: its path is down without waiting', () => {
    const world = heard();
    world.beat(2, { carrier: { A: false, B: true } }, ['B']);
    world.tick();
    expect(world.reported(2)?.paths).to.deep.equal({ A: false, B: true });
  });
});

describe('a stall of our own', () => {
  it('counts all silences afresh: nobody is accused of what we did not listen to (drain before judging)', () => {
    for (const [config, verdict] of [
      [{}, 'up'],
      [without('drain'), 'down'],
    ] as const) {
      const world = heard(config);
      world.nowMs += 500;
      // Its kernel is asked twice, and nothing was drained in between.
      for (let i = 0; i < 3; i++) {
        world.tick();
        world.nowMs += 5;
      }
      expect(world.verdict(2)).to.equal(verdict);
    }
  });

  it('shows in its health, up to 7, and heals one by one with clean intervals', () => {
    const world = heard();
    for (let i = 1; i <= 9; i++) {
      world.nowMs += 21;
      world.tick();
      expect(world.state.health).to.equal(Math.min(7, i));
    }
    world.run(110, world.hearing(2, 3, 4));
    expect(world.state.health).to.equal(6);
    expect(sent(world.effects).at(-1)?.health).to.equal(6);
    world.nowMs += 20;
    world.tick();
    expect(world.state.health, 'two intervals are no stall').to.equal(6);
  });

  it('leaves it in doubt for three intervals, and the end of the doubt is reported', () => {
    const world = heard();
    expect(world.report().doubt).to.equal(false);
    world.nowMs += 100;
    world.tick();
    expect(world.report().doubt).to.equal(true);
    world.run(25, world.hearing(2, 3, 4));
    expect(world.report().doubt).to.equal(true);
    world.run(5, world.hearing(2, 3, 4));
    expect(world.report().doubt).to.equal(false);
  });

  it('makes nobody up who was down: only a beat does', () => {
    const world = heard();
    world.run(40, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('down');
    world.nowMs += 100;
    world.beat(3);
    world.tick();
    expect(world.verdict(2)).to.equal('down');
    expect(world.reported(2)?.paths).to.deep.equal({ A: false, B: false });
  });

  it('still ends in a verdict when the silence goes on', () => {
    const world = heard();
    world.nowMs += 100;
    world.tick();
    world.run(40, others(world, [3, 4]));
    expect(world.verdict(2)).to.equal('down');
  });
});

describe('a board that is cut off', () => {
  it('is isolated when it hears nobody and no kernel answers, and gives up what it holds at once', () => {
    const world = heard();
    world.follow(2);
    world.create();
    const effects = world.run(45);
    expect(world.report().isolated).to.equal(true);
    expect(of(effects, 'tell').flatMap(({ message }) => (message.kind === 'lost' ? [message.why] : []))).to.deep.equal([
      'isolated',
    ]);
    world.beat(2);
    world.tick();
    expect(world.report().isolated).to.equal(false);
  });

  it('is not isolated while one kernel answers', () => {
    const world = heard();
    world.run(60, () => answers(2)(world));
    expect(world.report().isolated).to.equal(false);
  });

  it('is never isolated with the only vote: it is the majority', () => {
    const world = heard({ voters: [1] });
    world.run(100);
    expect(world.report().isolated).to.equal(false);
    const last = heard();
    last.ask({ kind: 'named', term: 0, index: 1, grants: [], voters: [1] });
    last.run(100);
    expect(last.report().isolated, 'all others left').to.equal(false);
    const other = heard({ voters: [2] });
    other.run(100);
    expect(other.report().isolated).to.equal(true);
  });
});
