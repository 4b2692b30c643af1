import type { Rule } from '@softset/netrack/core/rules.js';
import type { Beat, Gone, Order } from '@softset/protocol';
import { expect } from 'chai';
import { OWN_BOOT, of, PulseWorld, without } from './pulse-world.js';

/** `media` is the first service of the world; board 3 holds it under this grant. */
const OLD = { term: 1, n: 3 };
const AFTER = { board: 3, grant: OLD };
const GONE: Gone = { bit: 0, grant: OLD };

/** Board 1 follows board 2 and is to take `media` after board 3. */
function heir(left: readonly Rule[] = []): PulseWorld {
  const world = new PulseWorld(without(...left));
  world.follow(2);
  world.run(30, (one) => one.beat(2, { term: 1, director: 2, elected: true }));
  world.named();
  return world;
}

const waits = (world: PulseWorld, part: Partial<Order> = {}) => world.create({ after: AFTER, ...part });
const says = (world: PulseWorld, gone: readonly Gone[], more: Partial<Beat> = {}) => world.beat(3, { gone, ...more });
const answers = (effects: ReturnType<PulseWorld['step']>) => of(effects, 'answer').map(({ answer }) => answer.kind);

describe('an heir’s pulse (M8)', () => {
  it('creates when the holder’s own beat says that it let go, and not before', () => {
    const world = heir();
    expect(waits(world), 'no answer yet').to.equal(undefined);
    world.run(50);
    expect(world.state.leases.has('media')).to.equal(false);
    const effects = says(world, [GONE]);
    expect(of(effects, 'create').map(({ lease }) => lease.service)).to.deep.equal(['media']);
    expect(world.state.leases.has('media')).to.equal(true);
  });

  it('left out, it creates while the other holds it', () => {
    const world = heir(['M8']);
    expect(waits(world)?.kind).to.equal('created');
  });

  it('creates at once where the word came before the order, and by a beat that only repeats it', () => {
    const world = heir();
    says(world, [GONE]);
    expect(waits(world)?.kind).to.equal('created');
  });

  const others: readonly (readonly [title: string, hear: (world: PulseWorld) => unknown])[] = [
    ['of an earlier grant', (world) => says(world, [{ bit: 0, grant: { term: 1, n: 2 } }])],
    ['of another service', (world) => says(world, [{ bit: 1, grant: OLD }])],
    ['of a service that no file has', (world) => says(world, [{ bit: 254, grant: OLD }])],
    ['by another board', (world) => world.beat(4, { gone: [GONE] })],
    [
      'in a beat of an old life',
      (world) => {
        says(world, [], { boot: 'c'.repeat(16), incarnation: 2 });
        says(world, [GONE], { boot: 'c'.repeat(16), incarnation: 1 });
      },
    ],
  ];
  for (const [title, hear] of others) {
    it(`takes no word ${title} for it`, () => {
      const world = heir();
      waits(world);
      hear(world);
      expect(world.state.leases.has('media')).to.equal(false);
    });
  }

  it('a word of a later grant includes it', () => {
    const world = heir();
    waits(world);
    expect(of(says(world, [{ bit: 0, grant: { term: 2, n: 1 } }]), 'create').length).to.equal(1);
  });

  it('M5: an order that waited too long has lapsed, and one with a newer stamp takes its place', () => {
    const stamped = (sequence: number) => ({ stamp: { boot: OWN_BOOT, incarnation: 1, sequence } });
    const late = heir();
    waits(late, stamped(late.sequence));
    late.run(300, (one) => one.beat(2, { term: 1, director: 2, elected: true }));
    expect(answers(says(late, [GONE]))).to.deep.equal(['refused']);
    expect(late.state.leases.has('media')).to.equal(false);

    const renewed = heir();
    waits(renewed, stamped(renewed.sequence));
    renewed.run(300, (one) => one.beat(2, { term: 1, director: 2, elected: true }));
    waits(renewed, stamped(renewed.sequence));
    expect(of(says(renewed, [GONE]), 'create').length, 'once').to.equal(1);
  });

  it('M2: what was given back while it waited is not created', () => {
    const world = heir();
    waits(world);
    world.step({
      kind: 'request',
      from: 7,
      daemon: 'redirectd',
      request: { kind: 'release', id: 9, service: 'media', grant: { term: 1, n: 99 } },
    });
    expect(of(says(world, [GONE]), 'create')).to.deep.equal([]);
    expect(world.state.leases.has('media')).to.equal(false);
  });

  it('T3: nothing is created for an order of an older term', () => {
    const world = heir();
    waits(world);
    world.beat(4, { term: 2, director: 4, elected: true });
    expect(answers(says(world, [GONE]))).to.deep.equal(['refused']);
    expect(world.state.leases.has('media')).to.equal(false);
  });

  it('what a daemon’s former life waited for is forgotten', () => {
    const world = heir();
    waits(world);
    const from = world.state.waiters[0]?.pending.from ?? 0;
    world.step({ kind: 'request', from, daemon: 'redirectd', request: { kind: 'hello', daemon: 'redirectd' } });
    expect(of(says(world, [GONE]), 'create')).to.deep.equal([]);
  });
});

describe('a holder’s pulse (M8)', () => {
  function letsGo(part: { heir?: number } = { heir: 4 }) {
    const world = heir();
    world.create();
    world.tick();
    const grant = world.state.leases.get('media')?.grant ?? OLD;
    const request = { kind: 'release', id: 5, service: 'media', grant, ...part } as const;
    const effects = world.step({ kind: 'request', from: 7, daemon: 'redirectd', request });
    return { world, grant, effects, sends: of(world.tick(), 'send') };
  }

  it('tells the heir in a beat of its own, after the element is gone and the refusal kept (M2)', () => {
    const { effects, sends, grant } = letsGo();
    const kinds = effects.map(({ kind }) => kind);
    expect(kinds.indexOf('delete')).to.be.lessThan(kinds.indexOf('persist'));
    expect(kinds).to.not.include('send');
    expect(sends.map(({ alert, to }) => [alert, to])).to.deep.equal([
      [true, [4]],
      [true, [4]],
    ]);
    for (const { beat } of sends) expect(beat.gone).to.deep.equal([{ bit: 0, grant }]);
  });

  it('goes on saying so, for the heir that lost that beat', () => {
    const { world, grant } = letsGo();
    const [next] = of(world.run(20), 'send');
    expect(next).to.include({ alert: false });
    expect(next?.beat.gone).to.deep.equal([{ bit: 0, grant }]);
  });

  it('says it of the newest three, and of each service once', () => {
    const world = new PulseWorld({ services: ['a', 'b', 'c', 'd'] });
    for (const [n, service] of ['a', 'b', 'c', 'd', 'c'].entries()) {
      const request = { kind: 'release', id: n, service, grant: { term: 1, n }, heir: 4 } as const;
      world.step({ kind: 'request', from: 7, daemon: 'redirectd', request });
    }
    expect(world.state.gone.map(({ bit, grant }) => [bit, grant.n])).to.deep.equal([
      [2, 4],
      [3, 3],
      [1, 1],
    ]);
  });

  it('says nothing where nobody waits', () => {
    const { world } = letsGo({});
    expect(world.state.gone).to.deep.equal([]);
  });
});
