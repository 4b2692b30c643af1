import type { BoardId, PulseBoard } from '@softset/protocol';
import { expect } from 'chai';
import { CLAIM_STAMP, claim, led } from './cluster-director.js';
import { bootOf, CLUSTER_NUMBER, ClusterWorld, logs, OWN_BOOT, registerOf, sends, takes } from './cluster-world.js';

function both(world: ClusterWorld, fields: Partial<PulseBoard>): void {
  for (const board of [2, 3]) world.set(board, fields);
}

describe('who stands', () => {
  it('at a cold start nobody acts before boards with a majority of votes are there', () => {
    const world = new ClusterWorld();
    for (const board of [2, 3] as const) world.set(board, { verdict: 'down' });
    world.start();
    expect(logs(world.run(2000))).to.not.include('stands');
    world.set(3, { verdict: 'up' });
    expect(logs(world.report())).to.include('stands');
  });

  const barred: readonly (readonly [title: string, change: (world: ClusterWorld) => void])[] = [
    ['its own loop stalled', (world) => Object.assign(world.pulse, { doubt: true })],
    ['it is isolated', (world) => Object.assign(world.pulse, { isolated: true })],
    ['it has not judged a board yet', (world) => world.set(4, { verdict: 'unknown' })],
    ['others of the majority are amnesiac (T4)', (world) => both(world, { amnesiac: true })],
    ['others of the majority are stalled', (world) => both(world, { verdict: 'stalled' })],
  ];
  for (const [title, change] of barred) {
    it(`not a board while ${title}`, () => {
      const world = new ClusterWorld();
      change(world);
      world.start();
      expect(logs(world.run(1000))).to.not.include('stands');
    });
  }

  it('T4: not an amnesiac board, and not one without a vote', () => {
    expect(logs(new ClusterWorld({ memory: null }).start().run(1000))).to.not.include('stands');
    expect(logs(new ClusterWorld({ self: 4 }).start().run(1000))).to.not.include('stands');
  });

  it('without its pulse nobody stands', () => {
    const world = new ClusterWorld();
    expect(world.run(1000).filter(({ kind }) => kind !== 'publish')).to.deep.equal([]);
  });

  it('T6: the deputy that the director named stands at once, the others wait their turn', () => {
    const stoodAfterMs = (self: BoardId): number => {
      const world = new ClusterWorld({ self, memory: { cluster: CLUSTER_NUMBER, term: 5, candidate: 3 } });
      if (self === 2) world.boards.delete(2);
      led(world);
      world.set(3, { verdict: 'down' });
      world.report();
      for (let ms = 0; ms < 500; ms += 10)
        if (logs(world.effects).includes('stands')) return ms;
        else world.run(10);
      return Number.POSITIVE_INFINITY;
    };
    // Board 2 is named deputy; board 1 comes after it, though its number is lower.
    expect(stoodAfterMs(2)).to.equal(0);
    expect(stoodAfterMs(1)).to.equal(60);
  });

  const missing: readonly (readonly [title: string, fields: Partial<PulseBoard>, afterMs: number])[] = [
    ['is down', { verdict: 'down' }, 0],
    ['leaves on purpose', { leaving: true }, 0],
    ['rebooted and lost its memory', { amnesiac: true }, 0],
    ['has lost its netrackd', { daemons: ['redirectd'] }, 0],
    ['is stalled for half a lease', { verdict: 'stalled' }, 130],
    ['is heard by others alone for half a lease', { verdict: 'unheard' }, 130],
    ['does not direct any more', { elected: false }, 130],
  ];
  for (const [title, fields, afterMs] of missing) {
    it(`the director is missed when it ${title}`, () => {
      const world = led();
      world.set(3, { ...fields, deputy: 1 });
      world.report();
      for (let ms = 0; ms < 1000 && !logs(world.effects).includes('stands'); ms += 10) world.run(10);
      expect(world.nowMs - 50_000).to.equal(afterMs);
      expect(world.state.term).to.equal(6);
    });
  }

  it('nobody stands while the director is well', () => {
    const world = led();
    world.run(5000);
    expect(logs(world.effects)).to.not.include('stands');
  });

  it('stands in a term above every one that it heard of, voted in or followed', () => {
    const world = new ClusterWorld({ memory: { cluster: CLUSTER_NUMBER, term: 7, candidate: 2 } });
    world.hear(2, { kind: 'denied', term: 11, reason: '' });
    world.start();
    world.run(20);
    expect(sends(world.effects, 'claim')[0]?.message.term).to.equal(12);
  });
});

describe('votes', () => {
  it('T1: one for each term: the second candidate is denied, and the first is answered again', () => {
    const world = new ClusterWorld({ self: 3 });
    world.start();
    expect(sends(claim(world, 2, 9), 'vote').map(({ to }) => to)).to.deep.equal([2]);
    expect(sends(claim(world, 1, 9), 'vote')).to.deep.equal([]);
    expect(sends(world.effects, 'denied').map(({ to }) => to)).to.deep.equal([1]);
    expect(sends(claim(world, 2, 9), 'vote').length).to.equal(1);
  });

  it('T1: not in a term that the disk remembers, nor in an older one', () => {
    const world = new ClusterWorld({ self: 3, memory: { cluster: CLUSTER_NUMBER, term: 9, candidate: 2 } });
    world.start();
    expect(sends(claim(world, 1, 9), 'vote'), 'voted for board 2 before the restart').to.deep.equal([]);
    expect(sends(claim(world, 1, 8), 'vote')).to.deep.equal([]);
    expect(sends(claim(world, 1, 10), 'vote').length).to.equal(1);
  });

  it('T1: not in a term that it adopted from a director, though it has not voted in it', () => {
    const world = new ClusterWorld({ self: 3 });
    world.pulse = { ...world.pulse, term: 9, director: 2 };
    world.set(2, { verdict: 'down' });
    world.start();
    expect(sends(claim(world, 1, 9), 'denied').length).to.equal(1);
    expect(sends(claim(world, 1, 10), 'vote').length).to.equal(1);
  });

  it('T1: none against a director that is well, but for itself; none from a director whose proof stands', () => {
    const world = led();
    expect(sends(claim(world, 2, 6), 'denied').map(({ message }) => message.reason)).to.deep.equal([
      'the director is well',
    ]);
    expect(sends(claim(world, 3, 6), 'vote').length, 'the director itself comes with a new term').to.equal(1);
    const director = new ClusterWorld().elect();
    director.run(20);
    expect(sends(claim(director, 2, 9), 'denied').map(({ message }) => message.reason)).to.deep.equal(['I direct']);
    director.proofStands = false;
    director.run(20);
    expect(sends(claim(director, 2, 10), 'vote').length).to.equal(1);
    expect(director.state.role).to.equal('follower');
  });

  it('a board without a vote answers no claim', () => {
    const world = new ClusterWorld({ self: 4 });
    world.start();
    expect(claim(world, 2, 9).filter(({ kind }) => kind === 'send')).to.deep.equal([]);
  });

  it('T3: leaves after the disk, the pulse and the agent, whichever comes last', () => {
    const world = new ClusterWorld({ self: 3 });
    world.start();
    world.diskWorks = false;
    world.agentWorks = false;
    world.step({ kind: 'agent-up' });
    const effects = claim(world, 2, 9);
    expect(
      effects.flatMap((e) => (e.kind === 'pulse' && e.request.kind === 'follow' ? [e.request.term] : [])),
    ).to.deep.equal([9]);
    expect(effects.flatMap((e) => (e.kind === 'keep-vote' ? [e.memory] : []))).to.deep.equal([
      { cluster: CLUSTER_NUMBER, term: 9, candidate: 2 },
    ]);
    expect(sends(world.effects, 'vote'), 'pulse alone').to.deep.equal([]);
    world.step({ kind: 'vote-kept', memory: { cluster: CLUSTER_NUMBER, term: 9, candidate: 1 } });
    world.step({ kind: 'agent-term', term: 8 });
    expect(sends(world.effects, 'vote'), 'another vote on disk, an older term confirmed').to.deep.equal([]);
    world.step({ kind: 'vote-kept', memory: { cluster: CLUSTER_NUMBER, term: 9, candidate: 2 } });
    expect(sends(world.effects, 'vote'), 'disk too').to.deep.equal([]);
    expect(sends(world.step({ kind: 'agent-term', term: 9 }), 'vote').length, 'agent too').to.equal(1);
  });

  it('T3: an agent that is gone obeys nobody, so the vote need not wait for it', () => {
    const world = new ClusterWorld({ self: 3 });
    world.start();
    world.agentWorks = false;
    world.step({ kind: 'agent-up' });
    expect(sends(claim(world, 2, 9), 'vote')).to.deep.equal([]);
    expect(sends(world.step({ kind: 'agent-down' }), 'vote').length).to.equal(1);
  });

  it('T3: a candidate asks for votes while the disk is at its own, which counts once it is kept', () => {
    const world = new ClusterWorld();
    world.diskWorks = false;
    world.start();
    world.run(50);
    expect([world.state.role, sends(world.effects, 'claim').length > 0]).to.deep.equal(['candidate', true]);
    world.vote(2);
    expect(world.state.role, 'its own is missing').to.equal('candidate');
    world.step({ kind: 'vote-kept', memory: world.state.memory });
    expect(world.state.role).to.equal('director');
  });

  it('T3: a candidate whose last vote never reached the disk asks nobody before this one did', () => {
    const world = new ClusterWorld();
    world.diskWorks = false;
    world.start();
    world.run(50);
    const first = world.state.term;
    world.effects.length = 0;
    world.run(3000);
    expect([world.state.role, world.state.term > first]).to.deep.equal(['candidate', true]);
    expect(sends(world.effects, 'claim').filter(({ message }) => message.term > first)).to.deep.equal([]);
    world.step({ kind: 'vote-kept', memory: world.state.memory });
    expect(sends(world.run(10), 'claim').length).to.equal(1);
  });

  it('T3: a vote that was overtaken by a higher term does not leave any more', () => {
    const world = new ClusterWorld({ self: 3 });
    world.diskWorks = false;
    world.start();
    claim(world, 2, 9);
    world.pulse = { ...world.pulse, term: 10, director: 1 };
    world.report();
    world.step({ kind: 'vote-kept', memory: { cluster: CLUSTER_NUMBER, term: 9, candidate: 2 } });
    expect(sends(world.effects, 'vote')).to.deep.equal([]);
  });

  it('carries the stock, and the register where it is newer than the candidate’s (R3)', () => {
    const register = registerOf({ term: 4, index: 8 });
    const world = new ClusterWorld({ self: 3, register });
    world.held = [{ service: 'media', grant: { term: 4, n: 8 } }];
    world.start();
    const [newer] = sends(claim(world, 2, 9, { term: 4, index: 7 }), 'vote');
    expect(newer?.message).to.deep.include({ stamp: CLAIM_STAMP, stock: world.stock(), register });
    const [same] = sends(claim(new ClusterWorld({ self: 3, register }).start(), 2, 9, { term: 4, index: 8 }), 'vote');
    expect(same?.message.term).to.equal(9);
    expect(same?.message.register).to.equal(undefined);
  });
});

describe('a candidate', () => {
  /** Standing, with its first claim sent. */
  function candidate(): ClusterWorld {
    const world = new ClusterWorld();
    world.start();
    world.run(20);
    expect(world.state.role).to.equal('candidate');
    return world;
  }

  it('is elected by a majority, and its pulse leads first', () => {
    const world = candidate();
    const effects = world.vote(2);
    expect(
      effects.flatMap((e) => (e.kind === 'pulse' && e.request.kind === 'lead' ? [e.request] : [])),
    ).to.deep.include({
      kind: 'lead',
      id: world.state.nextId - 3,
      term: 1,
      deputy: 2,
    });
    expect(world.state.role).to.equal('director');
  });

  it('T2: a vote that names a beat sent a lease ago counts no more', () => {
    for (const [ageMs, role] of [
      [240, 'director'],
      [250, 'candidate'],
    ] as const) {
      const world = candidate();
      const { sequence } = world.pulse;
      // Claims failed before, so this one is patient.
      world.state.claimsFailed = 3;
      // It stalled: the claim is as old as that, and the voter's answer comes only now.
      world.nowMs += ageMs - (world.nowMs - (world.state.claim?.stamps.get(sequence) ?? 0));
      world.vote(2, { sequence });
      expect(world.state.role, `${ageMs} ms`).to.equal(role);
    }
  });

  const worthless: readonly (readonly [title: string, ballot: (world: ClusterWorld) => void])[] = [
    ['of a board without a vote', (world) => world.vote(4)],
    ['that names a beat which no claim named', (world) => world.vote(2, { sequence: 1 })],
    [
      'of another term',
      (world) =>
        world.hear(2, {
          kind: 'vote',
          term: 9,
          stamp: { boot: OWN_BOOT, incarnation: 1, sequence: world.pulse.sequence },
          stock: { boot: bootOf(2), held: [], refused: [] },
        }),
    ],
    [
      'for another life of ours',
      (world) =>
        world.hear(2, {
          kind: 'vote',
          term: 1,
          stamp: { boot: OWN_BOOT, incarnation: 2, sequence: world.pulse.sequence },
          stock: { boot: bootOf(2), held: [], refused: [] },
        }),
    ],
  ];
  for (const [title, ballot] of worthless) {
    it(`counts no vote ${title}`, () => {
      const world = candidate();
      ballot(world);
      expect(world.state.role).to.equal('candidate');
    });
  }

  it('takes the newest register of its voters, under its own term (R3)', () => {
    const world = new ClusterWorld({ register: registerOf({ term: 3, index: 9 }) });
    const holder = { board: 2, grant: { term: 4, n: 1 } };
    world.elect({
      register: registerOf({ term: 4, index: 1 }, { holder }),
      held: [{ service: 'media', grant: holder.grant }],
    });
    expect(world.entry('media')?.holder).to.deep.equal(holder);
    expect(world.state.register).to.include({ term: world.state.term });
    const stubborn = new ClusterWorld({ register: registerOf({ term: 4, index: 9 }, { cause: 'ours' }) });
    stubborn.elect({ register: registerOf({ term: 4, index: 8 }) });
    expect(stubborn.entry('media')?.cause).to.equal('ours');
  });

  it('gives up in time, waits, and stands again in a later term', () => {
    const world = candidate();
    world.run(100);
    expect([world.state.role, logs(world.effects).includes('claim-failed')]).to.deep.equal(['follower', true]);
    world.run(2000);
    const terms = sends(world.effects, 'claim').map(({ message }) => message.term);
    expect(Math.max(...terms)).to.be.greaterThan(1);
    expect(terms).to.deep.equal([...terms].sort((a, b) => a - b));
  });

  it('yields to an elected director of its own term or a higher one', () => {
    for (const term of [1, 2]) {
      const world = candidate();
      world.pulse = { ...world.pulse, term, director: 2 };
      world.report();
      expect([world.state.role, world.state.director, world.state.term]).to.deep.equal(['follower', 2, term]);
    }
  });
});

describe('a director that loses its role', () => {
  it('makes room when no majority hears it for two leases, and its pulse follows nobody', () => {
    const world = new ClusterWorld().elect();
    world.run(100);
    world.proofStands = false;
    world.run(500);
    expect(world.state.role).to.equal('director');
    const effects = world.run(30);
    expect(logs(effects)).to.include('steps-down');
    expect(
      effects.flatMap((e) => (e.kind === 'pulse' && e.request.kind === 'follow' ? [e.request.director] : [])),
    ).to.deep.equal([0]);
  });

  it('is no director without its pulse', () => {
    const world = new ClusterWorld().elect();
    world.step({ kind: 'pulse-down' });
    expect(world.state.role).to.equal('follower');
  });

  it('of a higher term drops its moves and orders nothing more', () => {
    const world = new ClusterWorld().elect();
    world.run(20);
    world.serve('media', 2);
    world.pulse = { ...world.pulse, term: 9, director: 3, elected: false };
    const effects = world.report();
    expect(logs(effects)).to.include.members(['steps-down', 'move-dropped']);
    world.ack(2);
    expect(takes(world.run(100))).to.deep.equal([]);
  });

  it('goes after a board that stood in vain and is in a higher term, or that would stay outside', () => {
    const world = new ClusterWorld().elect();
    world.run(100);
    world.set(3, { term: 7, director: 3, elected: false });
    world.report();
    world.run(400);
    expect(world.state.term).to.be.greaterThan(7);
  });

  it('names as deputy the first other voter that is up (T6)', () => {
    const world = new ClusterWorld().elect();
    expect(world.state.lead?.deputy).to.equal(2);
    world.set(2, { verdict: 'down' });
    const effects = world.report();
    expect(
      effects.flatMap((e) => (e.kind === 'pulse' && e.request.kind === 'lead' ? [e.request.deputy] : [])),
    ).to.deep.equal([3]);
  });
});
