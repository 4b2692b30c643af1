import { flappingLinks } from '@softset/netrack/core/diagnosis/flapping.js';
import { PathBook } from '@softset/netrack/core/paths/path-book.js';
import { routeChanges } from '@softset/netrack/core/paths/route-changes.js';
import { type WantedRoute, wantedRoutes } from '@softset/netrack/core/paths/wanted-routes.js';
import type { BoardId, Cluster, Network } from '@softset/protocol/cluster.js';
import type { ServiceState } from '@softset/protocol/methods/netrack.js';
import type { PulseReport } from '@softset/protocol/pulse-socket.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { ALL_WELL, type Chassis, chassis, see } from './diagnosis-world.js';

const cluster = chassis();
const held = (board: BoardId): ServiceState => ({
  service: 'media',
  phase: 'held',
  holder: { board, grant: { term: 1, n: 1 } },
  cause: 'test',
});
const noA: Partial<Chassis> = { passes: (_x, _y, n) => n === 'B' };

function routes(
  self: BoardId,
  change: Partial<Chassis>,
  services: readonly ServiceState[] = [],
  of: Cluster = cluster,
): string[] {
  const book = new PathBook(self);
  const report = see(of, self, { ...ALL_WELL, ...change });
  book.note(report, 1000);
  return shown(wantedRoutes(of, self, report, services, book, 1000));
}
const shown = (list: readonly WantedRoute[]): string[] =>
  list.map((r) => `${r.destination} via ${r.via} dev ${r.device}`);

describe('path to a board', () => {
  /** Which network is used for board 2 after each stretch of weather: names of working networks, and ms. */
  function follow(weather: readonly (readonly [string, number])[]): string[] {
    const book = new PathBook(1);
    let nowMs = 1000;
    return weather.map(([works, ms]) => {
      const report = see(cluster, 1, { ...ALL_WELL, passes: (_x, _y, n) => works.includes(n) });
      book.note(report, nowMs);
      nowMs += ms;
      book.note(report, nowMs);
      return book.network(2) ?? 'none';
    });
  }

  const tables: readonly [string, readonly (readonly [string, number])[], string][] = [
    [
      'is A while it works',
      [
        ['AB', 0],
        ['A', 0],
      ],
      'A A',
    ],
    [
      'is B at once when A fails (002 ¶0027)',
      [
        ['AB', 0],
        ['B', 0],
      ],
      'A B',
    ],
    [
      'stays B until A has worked for a second again',
      [
        ['AB', 0],
        ['B', 0],
        ['AB', 999],
        ['AB', 1],
      ],
      'A B B A',
    ],
    [
      'stays B while A flaps',
      [
        ['AB', 0],
        ['B', 5],
        ['AB', 900],
        ['B', 5],
        ['AB', 900],
        ['AB', 99],
      ],
      'A B B B B B',
    ],
    [
      'is A again at once when B fails too',
      [
        ['AB', 0],
        ['B', 0],
        ['A', 0],
      ],
      'A B A',
    ],
    [
      'is none when nothing works, and what comes first after that',
      [
        ['', 0],
        ['B', 0],
        ['AB', 10],
        ['AB', 990],
      ],
      'none B B A',
    ],
    ['is A at the beginning', [['AB', 0]], 'A'],
  ];
  for (const [title, weather, expected] of tables) {
    it(title, () => expect(follow(weather).join(' ')).to.equal(expected));
  }

  it('is the preferred network while it works, at once where it is steady, and A otherwise', () => {
    const book = new PathBook(1);
    const at = (nowMs: number, change: Partial<Chassis> = {}): Network | undefined => {
      book.note(see(cluster, 1, { ...ALL_WELL, ...change }), nowMs);
      return book.network(2);
    };
    expect(at(1000)).to.equal('A');
    book.prefer('B');
    expect(at(5000)).to.equal('B');
    expect(at(5100, { carrier: (x, n) => !(x === 2 && n === 'B') })).to.equal('A');
    expect(at(5200), 'B came back a moment ago').to.equal('A');
    expect(at(6200)).to.equal('B');
    book.prefer('A');
    expect(at(6300)).to.equal('A');
  });

  it('does not use a network on which the board does not hear us, or says that it has no carrier', () => {
    const uses = (change: Partial<Chassis>): Network | undefined => {
      const book = new PathBook(1);
      book.note(see(cluster, 1, { ...ALL_WELL, ...change }), 1000);
      return book.network(2);
    };
    expect(uses({ passes: (x, y, n) => !(x === 2 && y === 1 && n === 'A') })).to.equal('B');
    expect(uses({ carrier: (x, n) => !(x === 2 && n === 'A') })).to.equal('B');
    expect(uses({ carrier: (x, n) => !(x === 1 && n === 'A') })).to.equal('B');
    expect(uses({ passes: (x) => x === 1 }), 'better a way that may work than none').to.equal('A');
  });

  /** Way to board 2, which nobody hears any more, after a while in which all was well. */
  function unheard(verdict: PulseReport['boards'][number]['verdict'], change: Partial<Chassis> = {}): PathBook {
    const book = new PathBook(1);
    book.note(see(cluster, 1, ALL_WELL), 1000);
    const report = see(cluster, 1, { ...ALL_WELL, ...change, passes: (x, y) => x !== 2 && y !== 2 });
    const boards = report.boards.map((one) => (one.board === 2 ? { ...one, verdict } : one));
    book.note({ ...report, boards }, 1050);
    return book;
  }

  it('stays while the board’s kernel may live: its pulse is being restarted, and its service answers', () => {
    for (const verdict of ['silent', 'stalled'] as const) expect(unheard(verdict).network(2)).to.equal('A');
    for (const verdict of ['down', 'unheard'] as const) expect(unheard(verdict).network(2)).to.equal(undefined);
  });

  it('and is as good as before when it is heard again: no route changes', () => {
    const book = unheard('stalled');
    expect([book.steady(2, 'A', 1050), book.steady(2, 'B', 1050)]).to.deep.equal([true, true]);
    book.note(see(cluster, 1, ALL_WELL), 1300);
    expect([book.network(2), book.steady(2, 'B', 1300), book.nextMs(1300)]).to.deep.equal(['A', true, undefined]);
  });

  it('but leaves a network on which this board has no carrier', () => {
    expect(unheard('stalled', { carrier: (x, n) => !(x === 1 && n === 'A') }).network(2)).to.equal('B');
    expect(unheard('stalled', { carrier: (x) => x !== 1 }).network(2)).to.equal(undefined);
  });

  it('is held down for twice as long with each loss in a row, for 64 s at most, and that is forgotten after a minute', () => {
    const book = new PathBook(1);
    let nowMs = 1000;
    const note = (change: Partial<Chassis>, ms: number): void => {
      book.note(see(cluster, 1, { ...ALL_WELL, ...change }), nowMs);
      nowMs += ms;
    };
    note({}, 100);
    const holds: number[] = [];
    const targets: string[] = [];
    for (let flaps = 1; flaps <= 9; flaps++) {
      note(noA, 120);
      note({}, 0);
      holds.push((book.nextMs(nowMs) ?? 0) - nowMs);
      targets.push(
        flappingLinks(cluster, 1, book, nowMs)
          .map(({ kind, target }) => `${kind} ${target}`)
          .join(),
      );
      nowMs += 300;
    }
    expect(holds).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 64, 64].map((s) => s * 1000));
    const [own] = cluster.boards.filter(({ id }) => id === 1);
    expect(targets, 'all others come and go at once: its own link').to.deep.equal([
      '',
      '',
      ...Array.from({ length: 7 }, () => `link-flapping ${own?.name}:A`),
    ]);
    expect(book.network(2)).to.equal('B');
    note({}, 64_000);
    note({}, 0);
    expect([book.network(2), flappingLinks(cluster, 1, book, nowMs)]).to.deep.equal(['A', []]);
    nowMs += 61_000;
    note({}, 0);
    note(noA, 120);
    note({}, 0);
    expect((book.nextMs(nowMs) ?? 0) - nowMs, 'as after the first').to.equal(1000);
  });

  it('was not lost where it is back within a tenth of a second: a board stood still, and no link flaps', () => {
    const book = new PathBook(1);
    for (let nowMs = 1000; nowMs < 3000; nowMs += 200) {
      book.note(see(cluster, 1, ALL_WELL), nowMs);
      book.note(see(cluster, 1, { ...ALL_WELL, ...noA }), nowMs + 100);
      book.note(see(cluster, 1, ALL_WELL), nowMs + 190);
    }
    expect(flappingLinks(cluster, 1, book, 3000)).to.deep.equal([]);
  });

  it('names one board whose link comes and goes, and no board that reboots again and again', () => {
    const book = new PathBook(1);
    const flap = (change: Partial<Chassis>): void => {
      for (let i = 0; i < 4; i++) {
        book.note(see(cluster, 1, ALL_WELL), 1000 + i * 200);
        book.note(see(cluster, 1, { ...ALL_WELL, ...change }), 1100 + i * 200);
      }
    };
    const name = (id: number) => cluster.boards.find((board) => board.id === id)?.name;
    flap({ passes: (x, y, n) => n !== 'A' || (x !== 2 && y !== 2) });
    expect(flappingLinks(cluster, 1, book, 2000).map(({ target }) => target)).to.deep.equal([`${name(2)}:A`]);
    const other = new PathBook(1);
    for (let i = 0; i < 4; i++) {
      other.note(see(cluster, 1, ALL_WELL), 1000 + i * 200);
      const gone = see(cluster, 1, { ...ALL_WELL, passes: (x, y) => x !== 2 && y !== 2 });
      const boards = gone.boards.map((one) => (one.board === 2 ? { ...one, verdict: 'down' as const } : one));
      other.note({ ...gone, boards }, 1100 + i * 200);
    }
    expect(flappingLinks(cluster, 1, other, 2000)).to.deep.equal([]);
  });

  it('says when a network that came back will count', () => {
    const book = new PathBook(1);
    book.note(see(cluster, 1, { ...ALL_WELL, ...noA }), 1000);
    expect(book.nextMs(1000)).to.equal(undefined);
    book.note(see(cluster, 1, ALL_WELL), 2000);
    expect(book.nextMs(2000)).to.equal(3000);
    expect(book.nextMs(3000)).to.equal(undefined);
  });
});

describe('routes', () => {
  const outside = (via: string, device: string): string => `203.0.113.0/24 via ${via} dev ${device}`;

  it('sends public addresses to their holder on A, and what is outside to the gateway (002 ¶0047)', () => {
    expect(routes(3, {}, [held(1)])).to.deep.equal(['192.168.1.1/32 via 10.1.1.1 dev a0', outside('10.1.1.254', 'a0')]);
  });

  it('sends everything by B when network A fails, private addresses on A included (002 ¶0049)', () => {
    expect(routes(3, noA, [held(1)])).to.deep.equal([
      '10.1.1.1/32 via 20.1.1.1 dev b0',
      '10.1.1.2/32 via 20.1.1.2 dev b0',
      '10.1.1.12/32 via 20.1.1.12 dev b0',
      '10.1.1.13/32 via 20.1.1.13 dev b0',
      '10.1.1.20/32 via 20.1.1.20 dev b0',
      '10.1.1.254/32 via 20.1.1.254 dev b0',
      '192.168.1.1/32 via 20.1.1.1 dev b0',
      outside('20.1.1.254', 'b0'),
    ]);
  });

  it("sends only what is for the holder by B when the holder's link to A fails (002 ¶0049)", () => {
    const change: Partial<Chassis> = { passes: (x, y, n) => n === 'B' || (x !== 1 && y !== 1) };
    expect(routes(3, change, [held(1)])).to.deep.equal([
      '10.1.1.1/32 via 20.1.1.1 dev b0',
      '192.168.1.1/32 via 20.1.1.1 dev b0',
      outside('10.1.1.254', 'a0'),
    ]);
  });

  it('sends private addresses on B by A when B fails', () => {
    const list = routes(3, { passes: (_x, _y, n) => n === 'A' }, []);
    expect(list).to.include('20.1.1.1/32 via 10.1.1.1 dev a0');
  });

  it('sends public addresses to the new holder when they have moved (002 ¶0050–0051)', () => {
    expect(routes(3, { down: [1] }, [held(2)])).to.include('192.168.1.1/32 via 10.1.1.2 dev a0');
  });

  it('has no public route on the holder, none while nobody holds, and none for services announced by ARP alone', () => {
    const { holder: _, ...free } = held(1);
    expect(routes(1, {}, [held(1)])).to.deep.equal([outside('10.1.1.254', 'a0')]);
    expect(routes(3, {}, [free])).to.deep.equal([outside('10.1.1.254', 'a0')]);
    const quiet = { ...cluster, services: cluster.services.map((s) => ({ ...s, announce: ['arp'] as const })) };
    expect(routes(3, {}, [held(1)], quiet)).to.deep.equal([outside('10.1.1.254', 'a0')]);
  });

  it('has public routes and no outside routes on a router', () => {
    expect(routes(7, {}, [held(1)])).to.deep.equal(['192.168.1.1/32 via 10.1.1.1 dev a0']);
    const second = { ...cluster, gateway: 6 };
    expect(routes(7, {}, [], second), 'one that is not the gateway too').to.deep.equal([]);
  });

  it('clears the host bits of an outside prefix, and leaves out an address of another family', () => {
    const odd: Cluster = {
      ...cluster,
      outside: [
        { ip: '203.0.113.77', length: 26 },
        { ip: '2001:db8::', length: 32 },
        { ip: '0.0.0.0', length: 0 },
      ],
    };
    expect(routes(3, {}, [], odd)).to.deep.equal([
      '203.0.113.64/26 via 10.1.1.254 dev a0',
      '0.0.0.0/0 via 10.1.1.254 dev a0',
    ]);
  });

  it('leaves the detour in place until A has worked for a second', () => {
    const book = new PathBook(3);
    const at = (change: Partial<Chassis>, nowMs: number): number => {
      const report = see(cluster, 3, { ...ALL_WELL, ...change });
      book.note(report, nowMs);
      return wantedRoutes({ ...cluster, outside: [] }, 3, report, [], book, nowMs).length;
    };
    expect([at({}, 0), at(noA, 10), at({}, 20), at({}, 1019), at({}, 1020)]).to.deep.equal([0, 6, 6, 6, 0]);
  });
});

describe('route changes', function () {
  this.timeout(60_000);
  const route = fc.record({
    destination: fc.integer({ min: 1, max: 8 }).map((n) => `10.0.0.${n}/32`),
    via: fc.constantFrom('10.1.1.1', '20.1.1.1'),
    device: fc.constantFrom('a0', 'b0'),
  });
  const list = fc.uniqueArray(route, { selector: (r) => r.destination, maxLength: 8 });

  it('make what is there into what is wanted, touch nothing else, and delete last', () => {
    fc.assert(
      fc.property(list, list, (installed, wanted) => {
        const kernel = new Map<string, WantedRoute>(installed.map((r) => [r.destination, r]));
        const changes = routeChanges(installed, wanted);
        for (const { act, route: r } of changes) {
          if (act === 'delete') kernel.delete(r.destination);
          else {
            expect(kernel.get(r.destination), 'a change changes something').to.not.deep.equal(r);
            kernel.set(r.destination, r);
          }
        }
        expect([...kernel.values()]).to.have.deep.members(wanted);
        expect(routeChanges([...kernel.values()], wanted)).to.deep.equal([]);
        const acts = changes.map((c) => c.act).join(' ');
        expect(acts).to.not.contain('delete replace');
      }),
    );
  });
});
