import { ByteReader, ByteWriter } from '@softset/base';
import { expect } from 'chai';
import fc from 'fast-check';

type Field =
  | { kind: 'u8' | 'u16' | 'u32'; value: number }
  | { kind: 'u64'; value: bigint }
  | { kind: 'bytes'; value: Uint8Array };

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ kind: fc.constant('u8' as const), value: fc.nat(0xff) }),
  fc.record({ kind: fc.constant('u16' as const), value: fc.nat(0xffff) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant('u64' as const), value: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }) }),
  fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 20 }) }),
);
const sizes = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;
const sizeOf = (f: Field): number => (f.kind === 'bytes' ? f.value.length : sizes[f.kind]);

const write = (writer: ByteWriter, f: Field): ByteWriter => {
  if (f.kind === 'bytes') return writer.bytes(f.value);
  return f.kind === 'u64' ? writer.u64(f.value) : writer[f.kind](f.value);
};
const read = (reader: ByteReader, f: Field): Field['value'] =>
  f.kind === 'bytes' ? reader.bytes(f.value.length) : reader[f.kind]();

describe('bytes', () => {
  it('are big-endian', () => {
    const written = new ByteWriter(new Uint8Array(15))
      .u8(1)
      .u16(0x0203)
      .u32(0x04050607)
      .u64(0x08090a0b0c0d0e0fn)
      .done();
    expect(Array.from(written)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });

  it('what is written is read back, from the middle of a larger buffer too', () => {
    fc.assert(
      fc.property(fc.array(field), fc.nat(9), (fields, before) => {
        const total = fields.reduce((sum, f) => sum + sizeOf(f), 0);
        const room = new Uint8Array(before + total + 3).fill(0xee);
        const writer = new ByteWriter(room.subarray(before, before + total));
        for (const f of fields) write(writer, f);
        const reader = new ByteReader(writer.done());
        for (const f of fields) expect(read(reader, f)).to.deep.equal(f.value);
        expect({ ok: reader.ok, remaining: reader.remaining, offset: reader.offset }).to.deep.equal({
          ok: true,
          remaining: 0,
          offset: total,
        });
        expect(Array.from(room.subarray(0, before)), 'nothing before it').to.deep.equal(new Array(before).fill(0xee));
        expect(Array.from(room.subarray(before + total)), 'nothing after it').to.deep.equal([0xee, 0xee, 0xee]);
      }),
    );
  });

  it('reading never throws; past the end it yields zeros and stays failed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(field), (bytes, fields) => {
        const reader = new ByteReader(bytes);
        let left = bytes.length;
        let good = true;
        for (const f of fields) {
          const fits = sizeOf(f) <= left;
          const value = read(reader, f);
          if (fits) left -= sizeOf(f);
          else {
            good = false;
            const zero = f.kind === 'bytes' ? new Uint8Array(f.value.length) : f.kind === 'u64' ? 0n : 0;
            expect(value).to.deep.equal(zero);
          }
          expect(reader.ok, 'once failed, failed for ever').to.equal(good);
          expect(reader.remaining).to.equal(left);
        }
      }),
    );
  });

  it('a copy that was read does not change with the buffer', () => {
    const buffer = Uint8Array.of(1, 2, 3);
    const copy = new ByteReader(buffer).bytes(3);
    buffer.fill(9);
    expect(Array.from(copy)).to.deep.equal([1, 2, 3]);
  });

  it("writing past the end is a programmer's error", () => {
    expect(() => new ByteWriter(new Uint8Array(1)).u16(1)).to.throw(RangeError);
    expect(() => new ByteWriter(new Uint8Array(1)).bytes(Uint8Array.of(1, 2))).to.throw(RangeError);
  });
});
