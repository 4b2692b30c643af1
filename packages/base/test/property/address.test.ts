import { isIP, isIPv4, isIPv6 } from 'node:net';
import {
  formatIp,
  formatMac,
  inPrefix,
  parseIp,
  parseIpv4,
  parseIpv6,
  parseMac,
  parsePrefix,
  unwrap,
} from '@softset/base';
import { expect } from 'chai';
import fc from 'fast-check';

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Text that is nearly an address: random text almost never is. */
const nearly = fc
  .tuple(
    fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6()),
    fc.nat(40),
    fc.constantFrom('', ':', '.', '0', 'f', 'g', '::', ' '),
  )
  .map(([ip, at, mark]) => ip.slice(0, at) + mark + ip.slice(at));

/** The naive twin of `inPrefix`: both as binary text, and one compares the beginnings. */
const binary = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(2).padStart(8, '0')).join('');

describe('addresses', () => {
  it('bytes to text and back are the same bytes, of either family', () => {
    fc.assert(
      fc.property(fc.oneof(bytesOf(4), bytesOf(16)), (bytes) => {
        expect(unwrap(parseIp(formatIp(bytes)))).to.deep.equal(bytes);
      }),
    );
  });

  it('what is written is what other programs accept, and is already canonical', () => {
    fc.assert(
      fc.property(fc.oneof(bytesOf(4), bytesOf(16)), (bytes) => {
        const text = formatIp(bytes);
        expect(isIP(text)).to.equal(bytes.length === 4 ? 4 : 6);
        expect(formatIp(unwrap(parseIp(text)))).to.equal(text);
      }),
    );
  });

  it("IPv4: exactly what Node's own parser takes", () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string()), (text) => {
        expect(parseIpv4(text).ok).to.equal(isIPv4(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("IPv6: exactly what Node's own parser takes, but for zones", () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string()), (text) => {
        fc.pre(!text.includes('%'));
        expect(parseIpv6(text).ok, text).to.equal(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('inPrefix agrees with comparing beginnings of binary text', () => {
    // Pairs that share some leading bits, or nearly no pair would ever be inside.
    const pairs = fc.constantFrom(4, 16).chain((size) =>
      fc.record({
        a: bytesOf(size),
        b: bytesOf(size),
        shared: fc.nat(size * 8),
        length: fc.nat(size * 8),
      }),
    );
    fc.assert(
      fc.property(pairs, ({ a, b, shared, length }) => {
        const mixed = b.map((byte, i) => {
          const mask = 0xff & ~(0xff >> Math.max(0, Math.min(8, shared - 8 * i)));
          return ((a[i] ?? 0) & mask) | (byte & ~mask);
        });
        const expected = binary(a).slice(0, length) === binary(mixed).slice(0, length);
        const prefix = unwrap(parsePrefix(`${formatIp(mixed)}/${length}`));
        expect(inPrefix(formatIp(a), prefix)).to.equal(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('MAC bytes to text and back', () => {
    fc.assert(
      fc.property(bytesOf(6), (bytes) => {
        expect(unwrap(parseMac(formatMac(bytes)))).to.deep.equal(bytes);
      }),
    );
  });
});
