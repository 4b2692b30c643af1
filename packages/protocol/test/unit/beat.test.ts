import { createHmac } from 'node:crypto';
import { type Random, seededRandom, unwrap } from '@softset/base';
import {
  BEAT_MAX_BYTES,
  type Beat,
  type BeatError,
  DAEMONS,
  decodeBeat,
  encodeBeat,
  hex64,
  MAC_BYTES,
  sameBytes,
} from '@softset/protocol/beat.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { BEAT, FRAME, KEY, sealerOf } from './beat-world.js';

const SEALER = sealerOf(0x2a);
const HEAD = 128;

/** Head and echoes with the HMAC that belongs to them: what only a holder of the key can make. */
function sealed(head: Uint8Array): Uint8Array {
  return Buffer.concat([head, createHmac('sha256', KEY).update(head).digest().subarray(0, MAC_BYTES)]);
}

function codeOf(bytes: Uint8Array, sealer = SEALER, cluster = 4711): BeatError | 'accepted' {
  const beat = decodeBeat(bytes, cluster, sealer);
  return beat.ok ? 'accepted' : beat.code;
}

describe('the beat on the wire', () => {
  it('has the layout that beat.ts draws, byte by byte', () => {
    expect(Buffer.from(encodeBeat(BEAT, SEALER)).toString('hex')).to.equal(
      Buffer.from(sealed(Buffer.from(FRAME, 'hex'))).toString('hex'),
    );
  });

  it('is read as the layout says', () => {
    expect(unwrap(decodeBeat(sealed(Buffer.from(FRAME, 'hex')), 4711, SEALER))).to.deep.equal(BEAT);
  });

  it('is read where it lies in a larger buffer, as sockets hand it over', () => {
    const frame = encodeBeat(BEAT, SEALER);
    const larger = new Uint8Array(frame.length + 20).fill(0xff);
    larger.set(frame, 7);
    expect(unwrap(decodeBeat(larger.subarray(7, 7 + frame.length), 4711, SEALER))).to.deep.equal(BEAT);
  });

  it('is told from others whose boot or MAC ends or begins alike', () => {
    for (const boot of ['0123456789abcdef', '0123456700000000', '89abcdef89abcdef', '0123456789abcdef']) {
      for (const mac of ['02:53:b7:00:00:07', '0a:53:b7:00:00:07', '02:53:b7:00:00:08']) {
        const beat = { ...BEAT, boot, mac };
        expect(unwrap(decodeBeat(encodeBeat(beat, SEALER), 4711, SEALER))).to.deep.equal(beat);
      }
    }
  });

  it('has a greatest size, and a beat with sixty-four echoes fills it', () => {
    const echoes = Array.from({ length: 64 }, (_, i) => ({
      board: i + 1,
      boot: hex64(BigInt(i)),
      incarnation: i,
      sequence: i,
    }));
    const frame = encodeBeat({ ...BEAT, echoes }, SEALER);
    expect(frame.length).to.equal(BEAT_MAX_BYTES);
    expect(unwrap(decodeBeat(frame, 4711, SEALER)).echoes).to.deep.equal(echoes);
  });

  it('comes out as it went in, whatever is in it', () => {
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
    const boot = u64.map(hex64);
    const board = fc.integer({ min: 1, max: 64 });
    const mac = fc
      .uint8Array({ minLength: 6, maxLength: 6 })
      .map((six) => Buffer.from(six).toString('hex').match(/../g)?.join(':') ?? '');
    const beats: fc.Arbitrary<Beat> = fc.record({
      board,
      network: fc.constantFrom('A' as const, 'B' as const),
      boot,
      incarnation: u32,
      sequence: u32,
      cluster: fc.constant(4711),
      config: u32,
      health: fc.integer({ min: 0, max: 7 }),
      intervalMs: fc.integer({ min: 0, max: 1_000_000 }).map((us) => us / 1000),
      term: u32,
      director: fc.integer({ min: 0, max: 64 }),
      deputy: fc.integer({ min: 0, max: 64 }),
      elected: fc.boolean(),
      amnesiac: fc.boolean(),
      leaving: fc.boolean(),
      carrier: fc.record({ A: fc.boolean(), B: fc.boolean() }),
      daemons: fc.subarray([...DAEMONS]),
      leases: u64,
      hears: fc.record({ A: u64, B: u64 }),
      kernels: u64,
      mac,
      // Incarnations begin at 1: 0 stands for no echo.
      echo: fc.option(fc.record({ boot, incarnation: fc.integer({ min: 1, max: 0xffffffff }), sequence: u32 }), {
        nil: undefined,
      }),
      gone: fc.array(fc.record({ bit: fc.integer({ min: 0, max: 254 }), grant: fc.record({ term: u32, n: u32 }) }), {
        maxLength: 3,
      }),
      echoes: fc.array(fc.record({ board, boot, incarnation: u32, sequence: u32 }), { maxLength: 64 }),
    });
    fc.assert(
      fc.property(beats, (beat) => {
        expect(unwrap(decodeBeat(encodeBeat(beat, SEALER), 4711, SEALER))).to.deep.equal(beat);
      }),
    );
  });

  describe('is refused', () => {
    const head = (change: (bytes: Buffer) => void): Uint8Array => {
      const bytes = Buffer.from(FRAME, 'hex');
      change(bytes);
      return sealed(bytes);
    };
    const cases: readonly (readonly [title: string, bytes: Uint8Array, code: BeatError])[] = [
      ['of another protocol', head((bytes) => bytes.writeUInt16BE(0x53b8, 0)), 'BEAT_MAGIC'],
      ['of another version', head((bytes) => bytes.writeUInt8(2, 2)), 'BEAT_VERSION'],
      ['of another cluster', head((bytes) => bytes.writeUInt32BE(4712, 8)), 'BEAT_FOREIGN_CLUSTER'],
      ['sealed with a key that is not held', head((bytes) => bytes.writeUInt8(0x2b, 4)), 'BEAT_UNKNOWN_KEY'],
      ['of board 0', head((bytes) => bytes.writeUInt8(0, 6)), 'BEAT_MALFORMED'],
      ['of board 65', head((bytes) => bytes.writeUInt8(65, 6)), 'BEAT_MALFORMED'],
      ['of a third network', head((bytes) => bytes.writeUInt8(2, 5)), 'BEAT_MALFORMED'],
      ['with more echoes than it counts', head((bytes) => bytes.writeUInt8(1, 43)), 'BEAT_MALFORMED'],
      ['with fewer echoes than it counts', head((bytes) => bytes.writeUInt8(3, 43)), 'BEAT_MALFORMED'],
      [
        'with bytes behind the last echo',
        sealed(Buffer.concat([Buffer.from(FRAME, 'hex'), Buffer.alloc(1)])),
        'BEAT_MALFORMED',
      ],
      [
        'with sixty-five echoes',
        sealed(
          (() => {
            const bytes = Buffer.concat([Buffer.from(FRAME, 'hex').subarray(0, HEAD), Buffer.alloc(65 * 17, 1)]);
            bytes.writeUInt8(65, 43);
            return bytes;
          })(),
        ),
        'BEAT_MALFORMED',
      ],
    ];
    for (const [title, bytes, code] of cases) it(title, () => expect(codeOf(bytes)).to.equal(code));

    it('sealed with another key of the same name', () => {
      const other = sealerOf(0x2a, Buffer.alloc(32, 9));
      expect(codeOf(encodeBeat(BEAT, other))).to.equal('BEAT_FORGED');
    });

    it('cut off anywhere: a beat of any lesser length is none', () => {
      const frame = encodeBeat(BEAT, SEALER);
      for (let length = 0; length < frame.length; length++) {
        const code = codeOf(frame.subarray(0, length));
        expect(code, `${length} bytes`).to.equal(length < HEAD + MAC_BYTES ? 'BEAT_SHORT' : 'BEAT_FORGED');
      }
    });

    it('cut off in front of its HMAC and sealed again, unless a whole beat is left', () => {
      const frame = Buffer.from(FRAME, 'hex');
      for (let length = HEAD; length < frame.length; length++) {
        expect(codeOf(sealed(frame.subarray(0, length))), `${length} bytes`).to.equal('BEAT_MALFORMED');
      }
    });

    it('changed in any single bit', () => {
      const frame = encodeBeat(BEAT, SEALER);
      for (let bit = 0; bit < frame.length * 8; bit++) {
        const changed = Uint8Array.from(frame);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(codeOf(changed), `bit ${bit}`).to.not.equal('accepted');
      }
    });

    it('changed in any way: 100,000 mutants, none accepted, none that throws', function () {
      this.timeout(60_000);
      const random = seededRandom(20_240_607);
      const frame = encodeBeat(BEAT, SEALER);
      for (let i = 0; i < 100_000; i++) {
        const bytes = mutant(frame, random);
        const code = codeOf(bytes);
        if (code === 'accepted' && !sameBytes(bytes, frame))
          expect.fail(`mutant ${i}: ${Buffer.from(bytes).toString('hex')}`);
      }
    });
  });

  it('does not throw on sealed nonsense either: a board with the key may have a fault of its own', () => {
    const random = seededRandom(7);
    for (let i = 0; i < 2000; i++) {
      const bytes = Buffer.from(FRAME, 'hex');
      for (let changes = random.integer(1, 8); changes > 0; changes--)
        bytes[random.integer(12, bytes.length - 1)] = random.integer(0, 255);
      expect(codeOf(sealed(bytes))).to.be.oneOf(['accepted', 'BEAT_MALFORMED']);
    }
  });

  it('sameBytes takes lengths for a difference', () => {
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).to.equal(true);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).to.equal(false);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).to.equal(false);
    expect(sameBytes(Uint8Array.of(1, 2, 0), Uint8Array.of(1, 2))).to.equal(false);
  });
});

/** Some bytes overwritten, cut off, added or swapped. */
function mutant(frame: Uint8Array, random: Random): Uint8Array {
  const bytes = [...frame];
  for (let changes = random.integer(1, 4); changes > 0; changes--) {
    const at = random.integer(0, bytes.length - 1);
    switch (random.integer(0, 4)) {
      case 0:
        bytes[at] = random.integer(0, 255);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
        break;
      case 2:
        bytes.splice(at, random.integer(1, 20));
        break;
      case 3:
        bytes.splice(at, 0, ...Array.from({ length: random.integer(1, 20) }, () => random.integer(0, 255)));
        break;
      default:
        bytes.reverse();
    }
    if (bytes.length === 0) bytes.push(0);
  }
  return Uint8Array.from(bytes);
}
