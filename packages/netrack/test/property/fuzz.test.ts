import { createHmac } from 'node:crypto';
import { seededRandom } from '@softset/base';
import { decodeRelayFrame, encodeRelayFrame, type RelayFrame } from '@softset/netrack/core/relay/frame.js';
import { type Beat, decodeBeat, encodeBeat, MAC_BYTES, type Sealer } from '@softset/protocol/beat.js';
import { decodeBoardMessage } from '@softset/protocol/board-message.js';
import { expect } from 'chai';
import { PulseWorld } from '../unit/pulse-world.js';
import { lifeOf, Node } from '../unit/relay-world.js';

/** The million of the acceptance: `SOFTSET_FUZZ=1000000`; the check makes fewer. `SOFTSET_FUZZ_SEED` replays. */
const count = Number(process.env.SOFTSET_FUZZ ?? 20_000);
const seed = Number(process.env.SOFTSET_FUZZ_SEED ?? 1);

const seal: Sealer = {
  keyId: 7,
  mac: (id, bytes) => (id === 7 ? createHmac('sha256', 'key').update(bytes).digest() : undefined),
};
const CLUSTER = 4711;

/** Bits turned, bytes cut, added, doubled or made up: whatever a wire or a stranger may do to a datagram. */
function mutator(random: ReturnType<typeof seededRandom>) {
  const flip = (bytes: Uint8Array): Uint8Array => {
    const changed = bytes.slice();
    for (let left = random.integer(1, 6); left > 0; left--) {
      const at = random.integer(0, bytes.length - 1);
      changed[at] = (changed[at] ?? 0) ^ random.integer(1, 255);
    }
    return changed;
  };
  const noise = (length: number) => Uint8Array.from({ length }, () => random.integer(0, 255));
  const ways = [
    flip,
    flip,
    flip,
    (bytes: Uint8Array) => bytes.slice(0, random.integer(0, bytes.length - 1)),
    (bytes: Uint8Array) => Uint8Array.of(...bytes, ...noise(random.integer(1, 60))),
    (bytes: Uint8Array) => Uint8Array.of(...bytes.subarray(0, 12), ...noise(random.integer(0, 200))),
  ];
  return (bytes: Uint8Array): Uint8Array => random.pick(ways)(bytes);
}

/** The same bytes under a seal of our own: somebody who has the key lies, or a program of ours is broken. */
function sealed(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAC_BYTES) return bytes;
  const body = bytes.subarray(0, bytes.length - MAC_BYTES);
  const mac = seal.mac(7, body) ?? new Uint8Array(MAC_BYTES);
  return Uint8Array.of(...body, ...mac.subarray(0, MAC_BYTES));
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

function textOf(state: object, ...but: string[]): string {
  return JSON.stringify(state, (key, value) => {
    if (but.includes(key)) return undefined;
    if (typeof value === 'bigint') return value.toString();
    return value instanceof Map || value instanceof Set ? [...value] : value;
  });
}

describe(`${count.toLocaleString('en-US')} mutated datagrams, from seed ${seed}`, function () {
  this.timeout(30_000 + count);

  function pulse(): { world: PulseWorld; beat: Beat } {
    const world = new PulseWorld();
    world.run(100, world.hearing(2, 3, 4));
    world.follow(2);
    world.create();
    const heard = world.state.peers.get(2)?.beat;
    if (!heard || world.held.join() !== 'media') throw new Error('the world is not as it should be');
    return { world, beat: { ...heard, sequence: heard.sequence + 1, term: 1, director: 2, elected: true } };
  }

  it('beats: none is believed, none throws, and the pulse is as it was', () => {
    const random = seededRandom(seed);
    const mutate = mutator(random);
    const { world, beat } = pulse();
    const good = encodeBeat(beat, seal);
    expect(decodeBeat(good, CLUSTER, seal).ok, 'the good one').to.equal(true);
    const before = textOf(world.state, 'counters', 'alarms', 'changed', 'reportDueMs');
    for (let at = 0; at < count; at++) {
      const bytes = mutate(good);
      const decoded = decodeBeat(bytes, CLUSTER, seal);
      if (decoded.ok && !same(bytes, good))
        throw new Error(`mutation ${at} was believed: ${Buffer.from(bytes).toString('hex')}`);
      if (!decoded.ok) world.step({ kind: 'refused', code: decoded.code });
    }
    expect(textOf(world.state, 'counters', 'alarms', 'changed', 'reportDueMs')).to.equal(before);
    expect(world.held).to.deep.equal(['media']);
  });

  it('beats under a good seal: none throws, and no address comes of any', () => {
    const random = seededRandom(seed + 1);
    const mutate = mutator(random);
    const { world, beat } = pulse();
    const good = encodeBeat(beat, seal);
    let believed = 0;
    for (let at = 0; at < count; at++) {
      const decoded = decodeBeat(sealed(mutate(good)), CLUSTER, seal);
      if (!decoded.ok) continue;
      believed++;
      world.nowMs += 0.01;
      world.step({ kind: 'beat', network: random.pick(['A', 'B']), arrivedMs: world.nowMs, beat: decoded.value });
      if (at % 1000 === 0) world.tick();
      world.effects.length = 0;
    }
    expect(believed).to.be.greaterThan(count / 20);
    expect(world.held.filter((service) => service !== 'media')).to.deep.equal([]);
  });

  const frame: RelayFrame = {
    kind: 'data',
    network: 'A',
    cluster: CLUSTER,
    from: 2,
    to: 1,
    life: lifeOf(2, 1),
    toLife: lifeOf(1, 1),
    attempt: 1,
    sequence: 1,
    floor: 1,
    payload: new TextEncoder().encode(JSON.stringify({ kind: 'wrote', term: 3, index: 4, boot: '2222222222222222' })),
  };
  const node = () => new Node(1, lifeOf(1, 1), { cluster: CLUSTER });

  it('relay frames: none is believed, and none throws', () => {
    const mutate = mutator(seededRandom(seed + 2));
    const good = encodeRelayFrame(frame, seal);
    expect(decodeRelayFrame(good, CLUSTER, seal).ok, 'the good one').to.equal(true);
    for (let at = 0; at < count; at++) {
      const bytes = mutate(good);
      if (decodeRelayFrame(bytes, CLUSTER, seal).ok && !same(bytes, good))
        throw new Error(`mutation ${at} was believed: ${Buffer.from(bytes).toString('hex')}`);
    }
  });

  it('relay frames under a good seal: none throws, not in the relay and not where messages are read', () => {
    const mutate = mutator(seededRandom(seed + 3));
    const good = encodeRelayFrame(frame, seal);
    const relay = node();
    let believed = 0;
    let nowMs = 1000;
    for (let at = 0; at < count; at++) {
      const decoded = decodeRelayFrame(sealed(mutate(good)), CLUSTER, seal);
      if (!decoded.ok) continue;
      believed++;
      nowMs += 0.01;
      relay.take({ kind: 'frame', network: decoded.value.network, frame: decoded.value }, nowMs);
      relay.delivered.length = relay.datagrams.length = relay.arrived.length = relay.dropped.length = 0;
      let message: unknown;
      try {
        message = JSON.parse(new TextDecoder().decode(decoded.value.payload));
      } catch {
        continue;
      }
      decodeBoardMessage(message);
    }
    expect(believed).to.be.greaterThan(count / 20);
  });
});
