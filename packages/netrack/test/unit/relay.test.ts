import { seededRandom } from '@softset/base';
import type { RelayFrame } from '@softset/netrack/core/relay/frame.js';
import { REPLAY_WINDOW, ReplayWindow } from '@softset/netrack/core/relay/replay-window.js';
import type { RelayConfig } from '@softset/netrack/core/relay/types.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { lifeOf, Node, payload, World } from './relay-world.js';

const ONE = lifeOf(0xa1, 1);
const TWO = lifeOf(0xb2, 1);

function pair(overrides: Partial<RelayConfig> = { peers: [1, 2] }): { world: World; one: Node; two: Node } {
  const world = new World(seededRandom(1));
  const one = world.start(1, ONE, overrides);
  const two = world.start(2, TWO, overrides);
  return { world, one, two };
}

/** A frame of board 1 to board 2. */
function frame(kind: RelayFrame['kind'], sequence: number, rest: Partial<RelayFrame> = {}): RelayFrame {
  const fixed = { kind, network: 'A', cluster: 7, from: 1, to: 2, life: ONE, toLife: TWO } as const;
  return { ...fixed, attempt: 1, sequence, floor: 0, payload: payload(`m${sequence}`), ...rest };
}

describe('relay between boards', () => {
  it('delivers in order, once, and says that it arrived, over two networks that each carry everything', () => {
    const { world, one, two } = pair();
    for (let id = 1; id <= 20; id++) world.send(1, 2, id);
    world.run(20);
    expect(two.delivered).to.deep.equal(Array.from({ length: 20 }, (_, i) => `1:m${i + 1}`));
    expect(one.arrived).to.have.lengthOf(20);
    expect(one.dropped).to.deep.equal([]);
    expect(one.wakeAtMs, 'at rest there is no timer').to.equal(Number.POSITIVE_INFINITY);
  });

  it('needs one network only, even one that works in each direction alone', () => {
    const { world, one, two } = pair();
    for (const cut of ['A 1>2', 'B 2>1']) world.cut.add(cut);
    world.send(1, 2, 1);
    world.run(50);
    expect([two.delivered, one.arrived]).to.deep.equal([['1:m1'], [1]]);
  });

  it('repeats after 3 ms, doubling to 100 ms, and gives up after 2 s', () => {
    const { world, one } = pair();
    world.run(10);
    for (const network of ['A', 'B']) world.cut.add(`${network} 1>2`);
    const startMs = world.nowMs;
    world.send(1, 2, 1);
    const rings: number[] = [];
    while (one.wakeAtMs !== Number.POSITIVE_INFINITY && rings.length < 100) {
      rings.push(Math.round(one.wakeAtMs - startMs));
      world.run(one.wakeAtMs - world.nowMs);
    }
    expect(rings.slice(0, 8)).to.deep.equal([3, 9, 21, 45, 93, 189, 289, 389]);
    expect(rings.at(-1)).to.equal(2000);
    expect(one.dropped).to.deep.equal(['1 RELAY_TIMEOUT']);
  });

  it('drops what waits for a peer that goes down, refuses more, and works again when it is back', () => {
    const { world, one, two } = pair();
    world.run(10);
    for (const network of ['A', 'B']) world.cut.add(`${network} 1>2`);
    world.send(1, 2, 1);
    world.take(1, { kind: 'peer-down', peer: 2 });
    world.send(1, 2, 2);
    world.cut.clear();
    world.take(1, { kind: 'peer-up', peer: 2 });
    world.send(1, 2, 3);
    const beforeMs = world.nowMs;
    world.run(1);
    expect(one.dropped).to.deep.equal(['1 RELAY_PEER_DOWN', '2 RELAY_PEER_DOWN']);
    expect(two.delivered, 'nobody waits for what was given up').to.deep.equal(['1:m3']);
    expect(world.nowMs - beforeMs).to.equal(1);
  });

  it('refuses the newest when 256 wait for one peer, and takes more when there is room', () => {
    const { world, one } = pair();
    world.run(10);
    for (const network of ['A', 'B']) world.cut.add(`${network} 1>2`);
    for (let id = 1; id <= 257; id++) world.send(1, 2, id);
    expect(one.dropped).to.deep.equal(['257 RELAY_FULL']);
    world.cut.clear();
    world.run(200);
    world.send(1, 2, 258);
    world.run(10);
    expect(one.arrived).to.have.lengthOf(257);
    expect(one.dropped).to.have.lengthOf(1);
  });

  it('refuses a payload above 60,000 bytes and a board that does not exist', () => {
    const { one } = pair();
    one.take({ kind: 'send', id: 1, to: 2, payload: new Uint8Array(60_001) }, 1000);
    one.take({ kind: 'send', id: 2, to: 9, payload: payload('x') }, 1000);
    one.take({ kind: 'send', id: 3, to: 1, payload: payload('to itself') }, 1000);
    expect(one.dropped).to.deep.equal(['1 RELAY_TOO_LARGE', '2 RELAY_UNKNOWN_BOARD', '3 RELAY_UNKNOWN_BOARD']);
  });

  it('waits 50 ms for a missing message, steps over it, and tells the sender when it comes too late', () => {
    const two = new Node(2, TWO);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 1, { floor: 1 }) }, 1000);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 3, { floor: 2 }) }, 1001);
    expect(two.wakeAtMs).to.equal(1051);
    two.take({ kind: 'tick' }, 1050.9);
    expect(two.delivered).to.deep.equal(['1:m1']);
    two.take({ kind: 'tick' }, 1051);
    expect(two.delivered).to.deep.equal(['1:m1', '1:m3']);
    expect(two.state.counts.RELAY_SKIPPED).to.equal(1);
    const late = two.take({ kind: 'frame', network: 'A', frame: frame('data', 2, { floor: 2, attempt: 9 }) }, 1060);
    expect(
      late.map((e) => (e.kind === 'transmit' ? `${e.network} ${e.frame.kind} ${e.frame.sequence}` : e.kind)),
    ).to.deep.equal(['A nack 2', 'B nack 2']);
    expect(two.delivered, 'never out of order').to.have.lengthOf(2);
    const one = new Node(1, ONE);
    one.take(
      { kind: 'frame', network: 'A', frame: frame('welcome', 0, { from: 2, to: 1, life: TWO, toLife: ONE }) },
      1000,
    );
    one.take({ kind: 'send', id: 77, to: 2, payload: payload('x') }, 1000);
    one.take(
      { kind: 'frame', network: 'A', frame: frame('nack', 1, { from: 2, to: 1, life: TWO, toLife: ONE }) },
      1001,
    );
    expect(one.dropped).to.deep.equal(['77 RELAY_LATE']);
  });

  it('does not wait for what the sender no longer wants', () => {
    const two = new Node(2, TWO);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 3, { floor: 1 }) }, 1000);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 5, { floor: 5 }) }, 1001);
    expect(two.delivered).to.deep.equal(['1:m3', '1:m5']);
    expect(two.wakeAtMs === Number.POSITIVE_INFINITY || two.wakeAtMs === 1050).to.equal(true);
    two.take({ kind: 'tick' }, 1050);
    expect(two.wakeAtMs).to.equal(Number.POSITIVE_INFINITY);
  });

  it('answers a transmission once, though it comes by both networks, and a repetition again', () => {
    const two = new Node(2, TWO);
    const answers = (network: 'A' | 'B', attempt: number): number =>
      two
        .take({ kind: 'frame', network, frame: frame('data', 1, { floor: 1, network, attempt }) }, 1000)
        .filter((e) => e.kind === 'transmit').length;
    expect([answers('A', 1), answers('B', 1), answers('A', 2)]).to.deep.equal([2, 0, 2]);
  });

  it('sends datagrams past a gap, each once, in no order', () => {
    const two = new Node(2, TWO);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 2, { floor: 1 }) }, 1000);
    for (const n of [3, 1, 3, 2, 1]) two.take({ kind: 'frame', network: 'A', frame: frame('datagram', n) }, 1000);
    expect(two.datagrams).to.deep.equal(['1:m3', '1:m1', '1:m2']);
    expect(two.state.counts.RELAY_DUPLICATE).to.equal(2);
  });

  it('sends a datagram to all, without waiting for answers', () => {
    const { world, one, two } = pair({ peers: [1, 2, 3] });
    const three = world.start(3, lifeOf(0xc3, 1));
    world.take(1, { kind: 'datagram', to: 'all', payload: payload('claim') });
    world.run(5);
    expect([two.datagrams, three.datagrams]).to.deep.equal([['1:claim'], ['1:claim']]);
    world.run(200);
    expect(one.wakeAtMs).to.equal(Number.POSITIVE_INFINITY);
  });

  it('drops a datagram for a board that does not say who it is within 100 ms', () => {
    const world = new World(seededRandom(1));
    const one = world.start(1, ONE);
    world.take(1, { kind: 'datagram', to: 2, payload: payload('claim') });
    world.run(150);
    expect(one.state.counts.RELAY_DATAGRAM_DROPPED).to.equal(1);
    const two = world.start(2, TWO);
    world.run(300);
    expect(two.datagrams).to.deep.equal([]);
  });
});

describe('relay across lives', () => {
  it('begins anew when the receiver restarts: what was in flight is dropped, never delivered twice', () => {
    const { world, one, two } = pair();
    world.send(1, 2, 1);
    world.run(10);
    for (const network of ['A', 'B']) world.cut.add(`${network} 2>1`);
    world.send(1, 2, 2);
    world.run(5);
    expect(two.delivered, 'delivered, and its acknowledgement lost').to.deep.equal(['1:m1', '1:m2']);
    const again = world.start(2, { ...TWO, session: 2 });
    world.cut.clear();
    world.run(50);
    world.send(1, 2, 3);
    world.run(50);
    expect(one.dropped).to.deep.equal(['2 RELAY_PEER_RESTARTED']);
    expect(again.delivered).to.deep.equal(['1:m3']);
  });

  it('begins anew when the sender restarts or its board reboots', () => {
    const { world, two } = pair();
    world.send(1, 2, 1);
    world.run(10);
    for (const life of [{ ...ONE, session: 2 }, lifeOf(0xa2, 1)]) {
      world.start(1, life);
      world.send(1, 2, 1, `of ${life.boot.slice(-2)} ${life.session}`);
      world.run(50);
    }
    expect(two.delivered).to.deep.equal(['1:m1', '1:of a1 2', '1:of a2 1']);
  });

  for (const [what, life] of [
    ['start of the daemon', ONE],
    ['boot of the board', lifeOf(0xa0, 9)],
  ] as const) {
    it(`drops and counts frames of an earlier ${what}`, () => {
      const two = new Node(2, TWO);
      two.take({ kind: 'frame', network: 'A', frame: frame('data', 1, { life, floor: 1 }) }, 1000);
      const newer = { ...lifeOf(0xa1, 2) };
      two.take({ kind: 'frame', network: 'A', frame: frame('data', 1, { life: newer, floor: 1 }) }, 1001);
      const kinds = ['data', 'datagram', 'ack', 'hello'] as const;
      for (const kind of kinds) {
        const effects = two.take({ kind: 'frame', network: 'A', frame: frame(kind, 2, { life, floor: 1 }) }, 1002);
        expect(
          effects.filter((e) => e.kind !== 'wake'),
          kind,
        ).to.deep.equal([]);
      }
      expect(two.delivered).to.have.lengthOf(2);
      expect(two.state.counts.RELAY_OLD_LIFE).to.equal(4);
    });
  }

  it('takes nothing that names another life of its own, and tells the sender who it is', () => {
    const two = new Node(2, { ...TWO, session: 2 });
    const effects = two.take({ kind: 'frame', network: 'A', frame: frame('data', 1, { floor: 1 }) }, 1000);
    expect(two.delivered).to.deep.equal([]);
    expect(effects.flatMap((e) => (e.kind === 'transmit' ? [e.frame.kind] : []))).to.deep.equal(['welcome', 'welcome']);
    expect(two.state.counts.RELAY_OLD_LIFE).to.equal(1);
  });

  it('does not believe a hello, which may be a recording', () => {
    const two = new Node(2, TWO);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 1, { floor: 1 }) }, 1000);
    const { toLife: _, ...hello } = frame('hello', 0, { life: lifeOf(0xdead, 1) });
    let hellos = 0;
    for (let i = 0; i < 100; i++) {
      const effects = two.take({ kind: 'frame', network: 'A', frame: hello }, 1000 + i / 10);
      hellos += effects.filter((e) => e.kind === 'transmit').length;
    }
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 2, { floor: 1 }) }, 1011);
    expect(two.delivered, 'the stream goes on').to.deep.equal(['1:m1', '1:m2']);
    expect(hellos, 'a flood is not answered by a flood').to.be.lessThan(40);
  });

  it('drops frames that came by another network, are for another board, or are of a stranger', () => {
    const two = new Node(2, TWO);
    two.take({ kind: 'frame', network: 'B', frame: frame('data', 1) }, 1000);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 1, { to: 3 }) }, 1000);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 1, { from: 9 }) }, 1000);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 1, { from: 2 }) }, 1000);
    two.take({ kind: 'frame', network: 'A', frame: frame('data', 999, { floor: 1 }) }, 1000);
    expect(two.delivered).to.deep.equal([]);
    expect(two.state.counts).to.deep.equal({
      RELAY_WRONG_NETWORK: 1,
      RELAY_NOT_MINE: 1,
      RELAY_UNKNOWN_BOARD: 2,
      RELAY_AHEAD: 1,
    });
  });
});

describe('relay in bad weather', function () {
  this.timeout(60_000);
  const weather = fc.record({
    loss: fc.double({ min: 0, max: 0.7, noNaN: true }),
    doubling: fc.double({ min: 0, max: 0.5, noNaN: true }),
    delayMaxMs: fc.double({ min: 0.1, max: 40, noNaN: true }),
  });

  it('delivers everything, in order, once, when the network heals and gaps are waited for', () => {
    fc.assert(
      fc.property(fc.integer(), weather, fc.integer({ min: 1, max: 60 }), (seed, storm, messages) => {
        const world = new World(seededRandom(seed));
        const patient = { gapMs: 60_000, giveUpMs: 60_000 };
        const one = world.start(1, ONE, patient);
        const two = world.start(2, TWO, patient);
        world.weather = storm;
        for (let id = 1; id <= messages; id++) {
          world.send(1, 2, id);
          world.send(2, 1, id);
          world.run(2);
        }
        world.weather = { loss: 0, doubling: 0, delayMaxMs: 0.1 };
        world.run(500);
        const all = (from: number): string[] => Array.from({ length: messages }, (_, i) => `${from}:m${i + 1}`);
        expect(two.delivered).to.deep.equal(all(1));
        expect(one.delivered).to.deep.equal(all(2));
        expect([one.arrived.length, two.arrived.length]).to.deep.equal([messages, messages]);
      }),
      { numRuns: 60 },
    );
  });

  it('never delivers twice, keeps the order, and tells the fate of every message, whatever restarts', () => {
    const act = fc.oneof(
      { weight: 12, arbitrary: fc.constant('send' as const) },
      { weight: 4, arbitrary: fc.constant('datagram' as const) },
      { weight: 1, arbitrary: fc.constantFrom('restart sender', 'restart receiver', 'reboot sender', 'down', 'up') },
    );
    fc.assert(
      fc.property(fc.integer(), weather, fc.array(act, { maxLength: 80 }), (seed, storm, acts) => {
        const world = new World(seededRandom(seed));
        let sender = world.start(1, ONE);
        world.start(2, TWO);
        const [senders, receivers] = [[sender], [...world.nodes.values()].slice(1)];
        world.weather = storm;
        let id = 0;
        for (const what of acts) {
          const { life } = sender.config;
          const { session } = world.nodes.get(2)?.config.life ?? TWO;
          if (what === 'send') world.send(1, 2, ++id);
          else if (what === 'datagram') world.take(1, { kind: 'datagram', to: 2, payload: payload(`d${++id}`) });
          else if (what === 'down') world.take(1, { kind: 'peer-down', peer: 2 });
          else if (what === 'up') world.take(1, { kind: 'peer-up', peer: 2 });
          else if (what === 'restart receiver') receivers.push(world.start(2, { ...TWO, session: session + 1 }));
          else {
            const next =
              what === 'reboot sender' ? lifeOf(0xa1 + senders.length, 1) : { ...life, session: life.session + 1 };
            sender = world.start(1, next);
            senders.push(sender);
          }
          world.run(7);
        }
        world.weather = { loss: 0, doubling: 0, delayMaxMs: 0.1 };
        world.run(2500);
        const delivered = receivers.flatMap((node) => node.delivered);
        const datagrams = receivers.flatMap((node) => node.datagrams);
        expect(new Set(delivered).size, 'messages twice').to.equal(delivered.length);
        expect(new Set(datagrams).size, 'datagrams twice').to.equal(datagrams.length);
        for (const node of receivers) {
          const order = node.delivered.map((words) => Number(words.slice(3)));
          expect(order).to.deep.equal([...order].sort((a, b) => a - b));
        }
        for (const node of senders) {
          // Said to have arrived: delivered, unless either side ended while the receiver put things in order.
          const fates = [...node.arrived, ...node.dropped.map((line) => Number.parseInt(line, 10))];
          expect(new Set(fates).size, 'one fate each').to.equal(fates.length);
          if (receivers.length + senders.length === 2)
            for (const n of node.arrived) expect(delivered).to.include(`1:m${n}`);
          if (node === sender) for (const peer of node.state.peers.values()) expect(peer.outbox.idle).to.equal(true);
        }
      }),
      { numRuns: 120 },
    );
  });
});

describe('replay window (RFC 4303 §3.4.3)', function () {
  this.timeout(60_000);
  it('agrees with a set that remembers everything, for numbers within the window', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 * REPLAY_WINDOW }), { maxLength: 300 }), (numbers) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        let newest = 0;
        for (const n of numbers) {
          newest = Math.max(newest, n);
          const expected = !seen.has(n) && n > newest - REPLAY_WINDOW;
          expect(window.admit(n), `${n}`).to.equal(expected);
          seen.add(n);
        }
      }),
    );
  });
});
