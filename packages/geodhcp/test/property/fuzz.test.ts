import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Random, seededRandom } from '@softset/base';
import { decodeDhcp, encodeDhcp } from '@softset/geodhcp/core/dhcp-message.js';
import type { Options } from '@softset/geodhcp/core/dhcp-options.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { message, onPort, World } from '../world.js';
import { captured } from './captured.js';

/** The million of the acceptance: `SOFTSET_FUZZ=1000000`; the check makes fewer. `SOFTSET_FUZZ_SEED` replays. */
const count = Number(process.env.SOFTSET_FUZZ ?? 20_000);
const seed = Number(process.env.SOFTSET_FUZZ_SEED ?? 1);

/** Flipped bits, bytes set to edges, pieces cut out, doubled or put elsewhere, a cut end. */
function mutate(packet: Uint8Array, random: Random): Uint8Array {
  let bytes = [...packet];
  for (let times = random.integer(1, 8); times > 0; times--) {
    const at = random.integer(0, Math.max(0, bytes.length - 1));
    switch (random.integer(0, 5)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
        break;
      case 1:
        bytes[at] = random.pick([0, 1, 52, 53, 82, 127, 128, 254, 255]);
        break;
      case 2:
        bytes.splice(at, random.integer(1, 16));
        break;
      case 3:
        bytes.splice(at, 0, ...bytes.slice(random.integer(0, at), at));
        break;
      case 4:
        bytes = bytes.slice(0, at);
        break;
      default:
        bytes.push(...Array.from({ length: random.integer(1, 64) }, () => random.integer(0, 255)));
    }
  }
  return Uint8Array.from(bytes.slice(0, 1500));
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** What is in use once everything that nobody needs is gone, in MB. */
function heapMb(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}
/** Counts and caches of the engine itself; a leak of 20 bytes a packet would be more in a million. */
const FLAT_MB = 10;

function same(a: Options, b: Options): boolean {
  if (a.size !== b.size) return false;
  for (const [code, value] of a) {
    const other = b.get(code);
    if (other === undefined || Buffer.compare(value, other) !== 0) return false;
  }
  return true;
}

describe('packets of real clients, mutated', function () {
  this.timeout(3_600_000);

  it('are understood as they are, every one', () => {
    for (const bytes of captured) expect(decodeDhcp(bytes).ok).to.equal(true);
  });

  it(`${count} of them: no throw, no hang, memory flat, and what is understood means the same when it is written and read again`, () => {
    const random = seededRandom(seed);
    const world = new World();
    for (const [n, port] of ['p1', 'p2', 'p3', 'hub', 'hub'].entries())
      world.ports.set(`02:00:00:00:00:0${n + 1}`, onPort(port));
    let understood = 0;
    // The tables of devices have filled up to their bounds by then, as far as they do.
    let beforeMb = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      if (i === Math.floor(count / 2)) beforeMb = heapMb();
      const bytes = mutate(random.pick(captured), random);
      const decoded = decodeDhcp(bytes);
      if (!decoded.ok) continue;
      understood++;
      const again = decodeDhcp(encodeDhcp(decoded.value, 4000).bytes);
      if (!again.ok || !same(again.value.options, decoded.value.options)) expect.fail(`seed ${seed}, packet ${i}`);
      world.nowMs += 5;
      world.run({ kind: 'message', network: 'A', message: decoded.value, wallMs: i });
      if (i % 100 === 0) world.effects.length = 0;
    }
    world.effects.length = 0;
    expect(heapMb() - beforeMb, 'MB more than half way').to.be.lessThan(FLAT_MB);
    expect(understood, 'a fuzz that understands nothing tests nothing').to.be.greaterThan(count / 20);
  });
});

describe('the DHCP codec, by property', () => {
  const option = fc.tuple(
    fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52),
    fc.uint8Array({ maxLength: 600 }),
  );

  it('reads back every option it could place, unknown ones too, whole', () => {
    fc.assert(
      fc.property(fc.array(option, { maxLength: 12 }), fc.integer({ min: 548, max: 1472 }), (options, bytesMax) => {
        const told = message('discover', { options: new Map(options) });
        const { bytes, left } = encodeDhcp(told, bytesMax);
        expect(bytes.length).to.be.at.most(bytesMax);
        const back = decodeDhcp(bytes);
        if (!back.ok) throw new Error(back.message);
        const expected = [...told.options].filter(([code]) => !left.includes(code));
        expect([...back.value.options]).to.have.deep.members(expected);
      }),
    );
  });

  it('any bytes are a result', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => typeof decodeDhcp(bytes).ok === 'boolean'));
  });
});
