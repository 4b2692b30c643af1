import type { PulseConfig } from '@softset/netrack/core/pulse/types.js';
import type { Beat } from '@softset/protocol';
import { expect } from 'chai';
import { LEASE_MS, losses, OWN_BOOT, of, PulseWorld, without } from './pulse-world.js';

/** Board 1 follows board 2, the elected director of term 1, and holds `media` by its grant 1.5. */
function holder(config: Partial<PulseConfig> = {}): PulseWorld {
  const world = new PulseWorld(config);
  world.follow(2);
  world.run(30, directed(world));
  world.named();
  expect(world.create()?.kind).to.equal('created');
  return world;
}

/** Board 2 directs term 1 and echoes our beat of that number; boards 3 and 4 are there. */
function directed(world: PulseWorld, sequence?: () => number, fields: Partial<Beat> = {}): () => void {
  return () => {
    const echo = sequence?.() ?? world.sequence;
    const echoes = echo > 0 ? [{ board: 1, boot: OWN_BOOT, incarnation: 1, sequence: echo }] : [];
    world.beat(2, { term: 1, director: 2, elected: true, echoes, ...fields });
    world.beat(3, { term: 1, director: 2 });
    world.beat(4, { term: 1, director: 2 });
  };
}

function endOf(world: PulseWorld): number {
  return world.state.leases.get('media')?.untilMs ?? Number.NaN;
}

describe('leases of the pulse: how they end', () => {
  it('L1: a new element ends a lease after the named beat left, not after the order came', () => {
    const world = new PulseWorld();
    world.follow(2);
    world.run(100);
    // The order names the beat before the four newest.
    world.create({ stamp: { boot: OWN_BOOT, incarnation: 1, sequence: world.sequence - 4 } });
    expect(endOf(world)).to.equal(world.nowMs - 40 + LEASE_MS);
  });

  it('L1: is renewed to a lease after the send time of the beat that the director echoed, never after its receipt', () => {
    const ends = [without(), without('L1')].map((config) => {
      const world = holder(config);
      const echoed = world.sequence;
      const sentMs = world.nowMs;
      // The same old number comes back again and again, in fresh beats of the director.
      world.run(
        100,
        directed(world, () => echoed),
      );
      return endOf(world) - sentMs - LEASE_MS;
    });
    expect(ends[0], 'by the rule').to.equal(0);
    expect(ends[1], 'without it, fresh receipts of old echoes keep it').to.be.greaterThan(30);
  });

  const strangers: readonly (readonly [title: string, fields: Partial<Beat>])[] = [
    ['of another boot', { echoes: [{ board: 1, boot: 'b'.repeat(16), incarnation: 1, sequence: 6 }] }],
    ['of another incarnation', { echoes: [{ board: 1, boot: OWN_BOOT, incarnation: 2, sequence: 6 }] }],
    ['of a number that was never sent', { echoes: [{ board: 1, boot: OWN_BOOT, incarnation: 1, sequence: 5000 }] }],
    ['of another board', { echoes: [{ board: 3, boot: OWN_BOOT, incarnation: 1, sequence: 6 }] }],
    ['by a board that is not elected', { elected: false }],
    ['under an older term', { term: 0 }],
  ];
  for (const [title, fields] of strangers) {
    it(`L1: an echo ${title} renews nothing`, () => {
      const world = holder();
      const before = endOf(world);
      const effects = world.run(LEASE_MS - 20, directed(world, undefined, fields));
      expect(of(effects, 'renew')).to.deep.equal([]);
      expect(endOf(world)).to.equal(before);
      expect(losses(world.run(40, directed(world, undefined, fields)))).to.deep.equal(['expired']);
    });
  }

  it('is renewed five times a lease, and on disk before the kernel hears of it', () => {
    const world = holder();
    const effects = world.run(1000, directed(world));
    const renewals = of(effects, 'renew');
    expect(renewals.length).to.be.within(18, 20);
    for (const renewal of renewals) {
      const before = effects[effects.indexOf(renewal) - 1];
      expect(before?.kind === 'persist' ? before.memory.leases[0]?.untilMs : undefined).to.equal(renewal.lease.untilMs);
    }
  });

  it('L3: an element that ran out is not renewed: it is lost, and its grant refused for good', () => {
    const lapse = (config: Partial<PulseConfig>): PulseWorld => {
      const world = holder(config);
      // Not echoed for longer than a lease; the director's next echo is fresh.
      world.run(
        LEASE_MS + 50,
        directed(world, () => 0),
      );
      return world;
    };
    const world = lapse({});
    expect(losses(world.effects)).to.deep.equal(['expired']);
    expect(of(world.run(100, directed(world)), 'renew')).to.deep.equal([]);
    expect(world.create()).to.include({ kind: 'refused', code: 'ORDER_REFUSED_BEFORE' });
    const revived = lapse(without('L3'));
    const renewals = of(revived.run(100, directed(revived)), 'renew');
    expect(
      renewals.some(({ revive }) => revive),
      'without the rule it comes back to life',
    ).to.equal(true);
  });

  it('L3: ends at its very millisecond, and not before', () => {
    const world = holder();
    world.nowMs = endOf(world) - 0.5;
    world.beat(3);
    expect(losses(world.tick())).to.deep.equal([]);
    world.nowMs += 0.5;
    expect(losses(world.tick())).to.deep.equal(['expired']);
  });

  it('T4: an amnesiac holder renews nothing', () => {
    const world = holder();
    world.ask({ kind: 'memory', amnesiac: true });
    expect(of(world.run(100, directed(world)), 'renew')).to.deep.equal([]);
    const careless = holder(without('T4'));
    careless.ask({ kind: 'memory', amnesiac: true });
    expect(of(careless.run(100, directed(careless)), 'renew')).to.not.deep.equal([]);
  });

  it('a flushed ruleset takes everything, and says so', () => {
    const world = holder();
    const effects = world.step({ kind: 'flushed', by: 'nft (process 7)' });
    expect(effects.map(({ kind }) => kind)).to.deep.equal(['delete', 'persist', 'tell', 'log']);
    expect(losses(effects)).to.deep.equal(['flushed']);
    expect(world.alarms()).to.deep.equal(['RULESET_FLUSHED board/1']);
    expect(world.create()).to.include({ code: 'ORDER_REFUSED_BEFORE' });
  });

  it('L4: a kernel that took too long to renew it takes it, and is alarmed', () => {
    const world = holder();
    const lease = { service: 'media', grant: { term: 1, n: 5 }, network: 'A', untilMs: 0 } as const;
    expect(losses(world.step({ kind: 'unmade', lease, code: 'LEASE_LATE', message: 'late' }))).to.deep.equal([
      'kernel',
    ]);
    expect(world.alarms()).to.deep.equal(['LEASE_LATE board/1']);
  });

  it('a kernel that will not renew takes it; one that speaks of an older grant takes nothing', () => {
    const world = holder();
    const lease = { service: 'media', grant: { term: 1, n: 4 }, network: 'A', untilMs: 0 } as const;
    expect(losses(world.step({ kind: 'unmade', lease, code: 'ENOENT', message: 'ENOENT' }))).to.deep.equal([]);
    expect(world.held).to.deep.equal(['media']);
    const effects = world.step({
      kind: 'unmade',
      lease: { ...lease, grant: { term: 1, n: 5 } },
      code: 'ENOENT',
      message: 'ENOENT',
    });
    expect(losses(effects)).to.deep.equal(['kernel']);
    expect(world.held).to.deep.equal([]);
    expect(world.alarms()).to.deep.equal([]);
  });
});

describe('leases of the pulse: what the register says', () => {
  it('M3: a grant that the register of the term does not name is deleted', () => {
    const deposed = (config: Partial<PulseConfig>): PulseWorld => {
      const world = holder(config);
      world.ask({ kind: 'named', term: 1, index: 6, grants: [] });
      world.run(20, directed(world));
      return world;
    };
    const world = deposed({});
    expect(losses(world.effects)).to.deep.equal(['not-named']);
    expect(of(world.effects, 'delete').map(({ lease }) => lease.grant)).to.deep.equal([{ term: 1, n: 5 }]);
    expect(deposed(without('M3')).held, 'without the rule the old holder lives on').to.deep.equal(['media']);
  });

  it('M3: a register older than the grant says nothing of it', () => {
    const world = new PulseWorld();
    world.follow(2);
    world.run(20, directed(world));
    world.named(3, 4);
    world.create();
    world.run(50, directed(world));
    expect(world.held).to.deep.equal(['media']);
    expect(of(world.effects, 'renew'), 'but renews nothing either').to.deep.equal([]);
  });

  it('M3: under a new term nothing is renewed until its register names it, and an older register is not taken', () => {
    const world = holder();
    const next = (): void => {
      const echoes = [{ board: 1, boot: OWN_BOOT, incarnation: 1, sequence: world.sequence }];
      world.beat(3, { term: 2, director: 3, elected: true, echoes });
      world.beat(2, { term: 2, director: 3 });
      world.beat(4, { term: 2, director: 3 });
    };
    expect(of(world.run(60, next), 'renew'), 'not named yet').to.deep.equal([]);
    expect(world.held).to.deep.equal(['media']);
    world.ask({ kind: 'named', term: 2, index: 1, grants: [{ service: 'media', grant: { term: 1, n: 5 } }] });
    expect(of(world.run(60, next), 'renew'), 'named').to.not.deep.equal([]);
    world.ask({ kind: 'named', term: 1, index: 99, grants: [] });
    world.ask({ kind: 'named', term: 2, index: 0, grants: [] });
    expect(of(world.run(120, next), 'renew'), 'late words of the old term and of this one').to.not.deep.equal([]);
    expect(world.held).to.deep.equal(['media']);
    world.ask({ kind: 'named', term: 2, index: 2, grants: [{ service: 'media', grant: { term: 2, n: 2 } }] });
    world.run(20, next);
    expect(losses(world.effects), 'another grant of the same service').to.deep.equal(['not-named']);
  });
});

describe('leases of the pulse: orders', () => {
  it('M3: what an older term’s register says of other grants does not touch a new one', () => {
    const world = new PulseWorld();
    world.follow(2);
    world.ask({ kind: 'named', term: 1, index: 9, grants: [] });
    world.follow(2, 2);
    world.run(20, world.hearing(2, 3));
    world.create({ grant: { term: 2, n: 3 } });
    world.run(20, world.hearing(2, 3));
    expect(world.held).to.deep.equal(['media']);
  });

  it('M3: a grant that names another service does not keep this one', () => {
    const world = holder();
    world.ask({ kind: 'named', term: 1, index: 6, grants: [{ service: 'voice', grant: { term: 1, n: 5 } }] });
    world.run(10, directed(world));
    expect(world.held).to.deep.equal([]);
  });

  it('M5: names a beat so old that its send time is forgotten, or one still to come: lapsed', () => {
    const world = new PulseWorld();
    world.follow(2);
    world.run(5200, world.hearing(2, 3));
    // The ring of send times has 512 places: these fall on the newest one's.
    for (const away of [-512, 512]) {
      const stamp = { boot: OWN_BOOT, incarnation: 1, sequence: world.sequence + away };
      expect(world.create({ stamp }), `${away}`).to.include({ kind: 'refused', code: 'ORDER_LAPSED' });
    }
    expect(world.create()?.kind).to.equal('created');
  });

  it('M5: an order lapses a lease after the named beat left', () => {
    for (const [config, late] of [
      [{}, 'ORDER_LAPSED'],
      [without('M5'), undefined],
    ] as const) {
      const world = new PulseWorld(config);
      world.follow(2);
      world.run(20, world.hearing(2, 3));
      const order = { stamp: world.order().stamp };
      world.run(LEASE_MS - 5, world.hearing(2, 3));
      expect(world.create({ ...order, service: 'voice' })?.kind, 'within it').to.equal('created');
      world.run(5, world.hearing(2, 3));
      const answer = world.create(order);
      expect(answer?.kind === 'refused' ? answer.code : undefined, 'past it').to.equal(late);
    }
  });

  const boot = OWN_BOOT;
  const refusals: readonly (readonly [title: string, fields: Parameters<PulseWorld['create']>[0], code: string])[] = [
    [
      'M5: names a beat of another boot',
      { stamp: { boot: 'b'.repeat(16), incarnation: 1, sequence: 2 } },
      'ORDER_LAPSED',
    ],
    ['M5: names a beat of another incarnation', { stamp: { boot, incarnation: 2, sequence: 2 } }, 'ORDER_LAPSED'],
    ['M5: names a beat that was never sent', { stamp: { boot, incarnation: 1, sequence: 999 } }, 'ORDER_LAPSED'],
    ['M5: names no beat', { stamp: { boot, incarnation: 1, sequence: 0 } }, 'ORDER_LAPSED'],
    ['M5: is of an older term', { term: 0 }, 'ORDER_OLD_TERM'],
    ['M5: is of a term that was not adopted', { term: 2 }, 'ORDER_OLD_TERM'],
    ['M5: is of another director', { director: 3 }, 'ORDER_OLD_TERM'],
    ['is for a service that the file does not have', { service: 'video' }, 'ORDER_UNKNOWN_SERVICE'],
  ];
  for (const [title, fields, code] of refusals) {
    it(`is not obeyed when it ${title}`, () => {
      const world = new PulseWorld();
      world.follow(2);
      world.run(30, world.hearing(2, 3));
      const from = world.effects.length;
      expect(world.create(fields)).to.include({ kind: 'refused', code });
      expect(of(world.effects.slice(from), 'create')).to.deep.equal([]);
      expect(world.held).to.deep.equal([]);
    });
  }

  it('T4: an amnesiac board obeys no order', () => {
    for (const [config, kind] of [
      [{}, 'refused'],
      [without('T4'), 'created'],
    ] as const) {
      const world = new PulseWorld(config);
      world.follow(2);
      world.ask({ kind: 'memory', amnesiac: true });
      world.run(30, world.hearing(2, 3));
      expect(world.create()?.kind).to.equal(kind);
    }
  });

  it('M2: what was released is never created again, nor anything up to it; the refusal is kept before it is told', () => {
    const world = holder();
    const from = world.effects.length;
    expect(world.ask({ kind: 'release', id: 1, service: 'media', grant: { term: 1, n: 7 } })).to.include({
      kind: 'released',
    });
    expect(world.effects.slice(from).map(({ kind }) => kind)).to.deep.equal(['delete', 'persist', 'answer']);
    for (const n of [5, 6, 7])
      expect(world.create({ grant: { term: 1, n } }), `grant 1.${n}`).to.include({ code: 'ORDER_REFUSED_BEFORE' });
    expect(world.create({ grant: { term: 1, n: 8 } })?.kind, 'a later one').to.equal('created');
    const careless = holder(without('M2'));
    careless.ask({ kind: 'release', id: 1, service: 'media', grant: { term: 1, n: 7 } });
    expect(careless.create()?.kind, 'without the rule a delayed order creates it').to.equal('created');
  });

  it('M2: a release of an older grant leaves a later element standing', () => {
    const world = holder();
    world.ask({ kind: 'release', id: 1, service: 'media', grant: { term: 1, n: 4 } });
    expect(world.held).to.deep.equal(['media']);
  });

  it('M2: a refusal never shrinks: an older release after a newer one changes nothing', () => {
    const world = holder();
    world.ask({ kind: 'release', id: 1, service: 'media', grant: { term: 1, n: 9 } });
    world.ask({ kind: 'release', id: 2, service: 'media', grant: { term: 1, n: 2 } });
    expect(world.create({ grant: { term: 1, n: 8 } })).to.include({ code: 'ORDER_REFUSED_BEFORE' });
  });

  it('a repeated order is answered and creates nothing twice; an older one is refused; a later one replaces it', () => {
    const world = holder();
    const from = world.effects.length;
    expect(world.create()?.kind).to.equal('created');
    expect(of(world.effects.slice(from), 'create')).to.deep.equal([]);
    expect(world.create({ grant: { term: 1, n: 4 } })).to.include({ code: 'ORDER_REFUSED_BEFORE' });
    world.create({ grant: { term: 1, n: 6 } });
    expect(
      world.effects
        .slice(from)
        .filter(({ kind }) => kind !== 'answer')
        .map(({ kind }) => kind),
    ).to.deep.equal(['delete', 'persist', 'create']);
    expect(world.state.leases.get('media')?.grant).to.deep.equal({ term: 1, n: 6 });
  });

  it('a kernel that does not create it is answered as such, and the grant is refused from then on', () => {
    const world = new PulseWorld();
    world.follow(2);
    world.run(30, world.hearing(2, 3));
    const request = { kind: 'create', id: 9, order: world.order(), network: 'A' } as const;
    const [create] = of(world.step({ kind: 'request', from: 4, daemon: 'redirectd', request }), 'create');
    if (!create) throw new Error('nothing was created');
    const effects = world.step({
      kind: 'unmade',
      lease: create.lease,
      code: 'EPERM',
      message: 'EPERM',
      answer: create.answer,
    });
    expect(of(effects, 'answer').map(({ to, answer }) => [to, answer])).to.deep.equal([
      [4, { kind: 'refused', id: 9, code: 'ORDER_KERNEL', message: 'EPERM' }],
    ]);
    expect(world.held).to.deep.equal([]);
    expect(world.create()).to.include({ code: 'ORDER_REFUSED_BEFORE' });
  });

  it('M7: the holder moves an address to its other network; what is not held is not moved', () => {
    const world = holder();
    const from = world.effects.length;
    expect(world.ask({ kind: 'rehome', id: 1, service: 'media', network: 'B' }, 'redirectd')).to.include({
      kind: 'rehomed',
      network: 'B',
    });
    expect(of(world.effects.slice(from), 'rehome').map((one) => [one.from, one.lease.network])).to.deep.equal([
      ['A', 'B'],
    ]);
    expect(world.ask({ kind: 'rehome', id: 2, service: 'voice', network: 'B' }, 'redirectd')).to.include({
      code: 'PULSE_NOT_HELD',
    });
  });
});
