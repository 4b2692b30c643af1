import { memoryOf } from '@softset/netrack/core/pulse/state.js';
import type { PulseConfig } from '@softset/netrack/core/pulse/types.js';
import type { Beat, BoardId } from '@softset/protocol';
import { expect } from 'chai';
import { bootOf, OWN_BOOT, of, PROOF_MS, PulseWorld, sent, without } from './pulse-world.js';

/** Beats of followers that echo a beat of board 1: its newest one, or another. */
function following(
  world: PulseWorld,
  boards: readonly BoardId[],
  sequence?: number,
  fields: Partial<Beat> = {},
): () => void {
  return () => {
    const echo = { boot: OWN_BOOT, incarnation: 1, sequence: sequence ?? world.sequence };
    for (const board of boards) world.beat(board, { term: 1, director: 1, echo, ...fields });
  };
}

function director(config: Partial<PulseConfig> = {}): PulseWorld {
  const world = new PulseWorld(config);
  world.run(30, world.hearing(2, 3, 4));
  world.lead(1, 2, 3, 4);
  return world;
}

/** Whether the newest beat vouches for anybody. */
function echoed(world: PulseWorld): BoardId[] {
  return (
    sent(world.effects)
      .at(-1)
      ?.echoes.map(({ board }) => board) ?? []
  );
}

describe('terms of the pulse', () => {
  it('T1: adopts the term of an elected director, and answers it alone', () => {
    const world = new PulseWorld();
    world.ask({ kind: 'memory', amnesiac: false });
    world.beat(2, { term: 3, director: 2, elected: true, incarnation: 4, sequence: 70 });
    expect([world.state.term, world.state.director]).to.deep.equal([3, 2]);
    world.beat(3, { sequence: 5 });
    world.run(10);
    expect(sent(world.effects).at(-1)?.echo).to.deep.equal({ boot: bootOf(2), incarnation: 4, sequence: 70 });
    expect(of(world.effects, 'persist').at(-1)?.memory).to.include({ term: 3, director: 2 });
  });

  const ignored: readonly (readonly [title: string, fields: Partial<Beat>])[] = [
    ['a candidate', { term: 4, director: 2, elected: false }],
    ['an older term', { term: 2, director: 2, elected: true }],
    ['an amnesiac board', { term: 4, director: 2, elected: true, amnesiac: true }],
    ['a board that follows another', { term: 4, director: 4, elected: true }],
  ];
  for (const [title, fields] of ignored) {
    it(`T1: is not moved by ${title}`, () => {
      const world = new PulseWorld();
      world.follow(3, 3);
      world.beat(2, fields);
      expect([world.state.term, world.state.director]).to.deep.equal([3, 3]);
    });
  }

  it('T1: goes over from a candidate to the elected director of the same term', () => {
    const world = new PulseWorld();
    world.follow(3, 3);
    world.beat(2, { term: 3, director: 2, elected: true });
    expect(world.state.director).to.equal(2);
  });

  it('T1: who directs a term does not believe that another does: refused, counted and alarmed', () => {
    const world = director();
    world.beat(2, { term: 1, director: 2, elected: true });
    expect([world.state.director, world.state.elected]).to.deep.equal([1, true]);
    expect(world.counted('BEAT_TWO_DIRECTORS')).to.equal(1);
    expect(world.alarms()).to.deep.equal(['FORGED board/2']);
  });

  it('T1: a director that hears of a higher term vouches for nobody from then on', () => {
    const world = director();
    world.run(50, following(world, [2, 3]));
    expect(echoed(world)).to.deep.equal([2, 3]);
    world.beat(3, { term: 2, director: 3, elected: true });
    world.run(20);
    expect([world.state.elected, echoed(world)]).to.deep.equal([false, []]);
  });

  it('T1, T3: netrackd is refused an older term, and another director in the same one; it is told what is held', () => {
    const world = new PulseWorld();
    world.follow(2, 5);
    expect(world.ask({ kind: 'follow', id: 1, term: 4, director: 3 })).to.include({
      kind: 'refused',
      code: 'PULSE_OLD_TERM',
    });
    expect(world.ask({ kind: 'follow', id: 2, term: 5, director: 3 })).to.include({
      kind: 'refused',
      code: 'PULSE_OLD_TERM',
    });
    expect(world.ask({ kind: 'follow', id: 3, term: 5, director: 2 })).to.include({ kind: 'followed', term: 5 });
    world.run(20);
    world.create();
    const answer = world.ask({ kind: 'follow', id: 4, term: 6, director: 0 });
    expect(answer?.kind === 'followed' ? answer.stock : answer).to.deep.equal({
      boot: OWN_BOOT,
      held: [{ service: 'media', grant: { term: 5, n: 5 } }],
      refused: [],
    });
    expect(
      world.ask({ kind: 'follow', id: 5, term: 6, director: 3 }),
      'a term without a director takes one',
    ).to.include({ kind: 'followed' });
  });

  it('a netrackd that was just started, and knows of no director, takes none away; who directs itself gives up by that', () => {
    const world = new PulseWorld();
    world.run(20);
    world.follow(2, 5);
    world.create();
    expect(world.ask({ kind: 'follow', id: 1, term: 5, director: 0 })).to.include({ kind: 'followed', director: 2 });
    expect([world.state.director, world.held]).to.deep.equal([2, ['media']]);
    const directs = director();
    directs.ask({ kind: 'follow', id: 1, term: 1, director: 0 });
    expect([directs.state.director, directs.state.elected]).to.deep.equal([0, false]);
  });

  it('T1, T2: a term is on disk before it is confirmed, and the answer dates the newest own beat', () => {
    const world = new PulseWorld();
    world.run(30);
    world.tick();
    const from = world.effects.length;
    const answer = world.ask({ kind: 'follow', id: 1, term: 2, director: 1 });
    expect(world.effects.slice(from).map(({ kind }) => kind)).to.deep.equal(['persist', 'log', 'answer']);
    expect(answer?.kind === 'followed' ? answer.own : answer).to.deep.equal({
      boot: OWN_BOOT,
      incarnation: 1,
      sequence: 4,
      sentMs: world.nowMs,
    });
  });

  it('is not elected in a term that it does not follow itself, and vouches only while it is', () => {
    const world = new PulseWorld();
    world.follow(2, 3);
    expect(world.ask({ kind: 'lead', id: 1, term: 3, deputy: 2 })).to.include({ code: 'PULSE_OLD_TERM' });
    expect(world.ask({ kind: 'vouch', id: 2, term: 3, boards: [2] })).to.include({ code: 'PULSE_OLD_TERM' });
    world.follow(1, 4);
    expect(world.ask({ kind: 'lead', id: 3, term: 3, deputy: 2 })).to.include({ code: 'PULSE_OLD_TERM' });
    expect(world.ask({ kind: 'lead', id: 4, term: 4, deputy: 2 })).to.include({ kind: 'followed' });
    world.run(10);
    expect(sent(world.effects).at(-1)).to.include({ elected: true, deputy: 2, director: 1, term: 4 });
  });

  it('T4: an amnesiac board echoes no director', () => {
    for (const [config, echo] of [
      [{}, undefined],
      [without('T4'), 70],
    ] as const) {
      const world = new PulseWorld(config);
      world.beat(2, { term: 3, director: 2, elected: true, sequence: 70 });
      world.run(10);
      expect(sent(world.effects).at(-1)).to.include({ amnesiac: true });
      expect(sent(world.effects).at(-1)?.echo?.sequence).to.equal(echo);
    }
  });
});

describe('the proof of a director', () => {
  it('L2: vouches while boards with a majority of votes echo beats that it sent less than proofMs ago', () => {
    const world = director();
    world.run(20, world.hearing(2, 3));
    expect(echoed(world), 'nobody echoed yet').to.deep.equal([]);
    world.run(100, following(world, [2, 4]));
    expect(echoed(world), 'one other voter of three').to.deep.equal([2, 4]);
  });

  it('L2: boards without a vote prove nothing', () => {
    const world = director();
    world.run(100, following(world, [4]));
    expect(echoed(world)).to.deep.equal([]);
  });

  it('L2, R4: by whose votes the register counts, once netrackd told of it, and after a restart of the pulse', () => {
    const world = director();
    world.run(100, following(world, [4]));
    world.ask({ kind: 'named', term: world.state.term, index: 1, grants: [], voters: [1, 4] });
    world.run(100, following(world, [4]));
    expect(echoed(world), 'the vote of 4 counts').to.include(4);
    world.run(100, following(world, [2, 3]));
    expect(echoed(world), 'those of 2 and 3 do not').to.deep.equal([]);
    expect(memoryOf(world.state).named.voters).to.deep.equal([1, 4]);
  });

  it('L2: by the send time of what was echoed: old echoes from a full socket prove nothing', () => {
    for (const [config, vouches] of [
      [{}, false],
      [without('L2'), true],
    ] as const) {
      const world = director(config);
      world.run(100, following(world, [2, 3, 4]));
      // It stalls, and finds what waited in its socket: echoes of the beats before.
      const old = world.sequence;
      world.nowMs += 200;
      following(world, [2, 3, 4], old)();
      world.tick();
      expect(echoed(world).length > 0).to.equal(vouches);
    }
  });

  it('L2: ends at proofMs after the newest proven send time, and not before', () => {
    const world = director();
    world.run(100, following(world, [2, 3]));
    const newest = world.sequence;
    const sentMs = world.state.sentMs[newest] ?? 0;
    following(world, [2, 3], newest)();
    world.nowMs = sentMs + PROOF_MS - 0.5;
    world.tick();
    expect(echoed(world)).to.not.deep.equal([]);
    world.nowMs = sentMs + PROOF_MS;
    world.state.nextBeatMs = world.nowMs;
    world.tick();
    expect(echoed(world)).to.deep.equal([]);
  });

  const worthless: readonly (readonly [title: string, fields: Partial<Beat>])[] = [
    ['of an amnesiac board (T4)', { amnesiac: true }],
    ['of an older term', { term: 0 }],
    ['of a board that follows another', { director: 3 }],
    ['of another boot of ours', { echo: { boot: 'c'.repeat(16), incarnation: 1, sequence: 4 } }],
    ['of another incarnation of ours', { echo: { boot: OWN_BOOT, incarnation: 2, sequence: 4 } }],
    ['of nothing', { echo: undefined }],
  ];
  for (const [title, fields] of worthless) {
    it(`L2: an echo ${title} proves nothing`, () => {
      const world = director();
      const effects = world.run(60, () => {
        const echo = fields.echo ? { ...fields.echo, sequence: world.sequence } : undefined;
        following(world, [2, 3], undefined, { ...fields, ...('echo' in fields ? { echo } : {}) })();
        following(world, [4])();
      });
      expect(sent(effects).flatMap(({ echoes }) => echoes)).to.deep.equal([]);
    });
  }

  it('L2: an older echo behind a newer one takes nothing back, and nothing speaks for a board’s earlier life', () => {
    const world = director();
    world.run(60, following(world, [2, 3]));
    following(world, [2, 3], 1)();
    world.nowMs += 5;
    world.state.nextBeatMs = world.nowMs;
    world.tick();
    expect(echoed(world)).to.deep.equal([2, 3]);
    for (const board of [2, 3]) world.beat(board, { incarnation: 2, term: 1, director: 1 });
    world.state.nextBeatMs = world.nowMs;
    world.tick();
    expect(echoed(world), 'their pulses restarted and have not heard us').to.deep.equal([]);
  });

  it('L2: what was echoed in an older term proves nothing in the next', () => {
    const world = director();
    world.run(60, following(world, [2, 3]));
    world.lead(2, 2, 3);
    for (const board of [2, 3]) world.beat(board, { term: 2, director: 1 });
    world.state.nextBeatMs = world.nowMs;
    world.tick();
    expect(echoed(world)).to.deep.equal([]);
  });

  it('L6: stops echoing a board that it calls stalled, whatever netrackd asked for', () => {
    const world = director();
    world.run(100, following(world, [2, 3, 4]));
    expect(echoed(world)).to.include(4);
    world.run(60, () => {
      following(world, [2, 3])();
      world.step({ kind: 'answer', network: 'A', board: 4, mac: '02:00:00:00:0a:04' });
    });
    expect(world.verdict(4)).to.equal('stalled');
    expect(echoed(world)).to.deep.equal([2, 3]);
  });

  it('echoes only whom netrackd vouches for, who follow it, and who are not amnesiac', () => {
    const world = director();
    world.ask({ kind: 'vouch', id: 1, term: 1, boards: [2, 4] });
    world.run(60, following(world, [2, 3, 4]));
    expect(echoed(world)).to.deep.equal([2, 4]);
    for (const astray of [{ amnesiac: true }, { term: 0 }, { director: 3 }]) {
      world.run(30, () => {
        following(world, [2, 3])();
        following(world, [4], undefined, astray)();
      });
      expect(echoed(world), JSON.stringify(astray)).to.deep.equal([2]);
    }
  });

  it('L5: tells the receipt of the last beat that it echoed, and for an unechoed board that there was none', () => {
    const world = director();
    world.ask({ kind: 'vouch', id: 1, term: 1, boards: [2, 3] });
    world.run(60, following(world, [2, 3, 4]));
    const lastMs = world.state.peers.get(2)?.beatMs;
    const answer = world.ask({ kind: 'vouch', id: 2, term: 1, boards: [3] });
    world.run(40, following(world, [2, 3, 4]));
    const later = world.ask({ kind: 'vouch', id: 3, term: 1, boards: [3] });
    if (answer?.kind !== 'vouching' || later?.kind !== 'vouching') throw new Error('no answer');
    const of2 = (one: typeof answer): number | undefined => one.echoed.find(({ board }) => board === 2)?.lastMs;
    expect([of2(answer), of2(later)], 'and it stays').to.deep.equal([lastMs, lastMs]);
    expect(answer.echoed.find(({ board }) => board === 4)?.lastMs).to.equal(0);
  });

  it('M5: tells netrackd with each beat until when orders may leave, and everybody’s newest stamp', () => {
    const world = director();
    const effects = world.run(60, following(world, [2, 3]));
    const paces = of(effects, 'tell').flatMap(({ message }) => (message.kind === 'pace' ? [message.pace] : []));
    expect(paces.length).to.equal(sent(effects).length);
    const pace = paces.at(-1);
    const proven = world.state.peers.get(2)?.echoedSentMs ?? 0;
    expect(pace?.proofUntilMs).to.equal(proven + PROOF_MS);
    expect(pace?.stamps.find(({ board }) => board === 2)).to.deep.equal({
      board: 2,
      boot: bootOf(2),
      incarnation: 1,
      sequence: 9,
    });
    expect(pace?.own.sequence).to.equal(world.sequence);
  });

  it('a director alone with the only vote proves itself', () => {
    const world = new PulseWorld({ voters: [1] });
    world.run(30, world.hearing(2));
    world.lead(1, 2);
    world.run(30, following(world, [2]));
    expect(echoed(world)).to.deep.equal([2]);
  });

  it('L2: an echo that comes when what it proves is over renews nothing of its own', () => {
    const world = director();
    world.run(60, following(world, [2, 3]));
    world.named();
    world.create();
    world.run(200, following(world, [2, 3]));
    const after = world.sequence + 1;
    world.run(120, following(world, [4]));
    const until = world.state.leases.get('media')?.untilMs;
    following(world, [2, 3], after)();
    world.tick();
    expect(world.state.peers.get(2)?.echoedSentMs, 'newer than what it stood on, and too old').to.be.within(
      world.nowMs - 150,
      world.nowMs - 50,
    );
    expect(world.state.leases.get('media')?.untilMs).to.equal(until);
  });

  it('L1, L2: its own address stands on its own proof', () => {
    const world = director();
    world.run(60, following(world, [2, 3]));
    world.named();
    world.create();
    world.run(200, following(world, [2, 3]));
    const until = (): number => world.state.leases.get('media')?.untilMs ?? 0;
    expect(until()).to.be.greaterThan(world.nowMs + 150);
    const before = until();
    world.run(240, following(world, [4]));
    expect(until(), 'no proof, no renewal').to.be.at.most(before + 60);
    world.run(100, following(world, [4]));
    expect(world.held).to.deep.equal([]);
  });
});
