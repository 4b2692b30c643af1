import { encodeGet, isAnswered } from '@softset/psrm/core/snmp-get.js';
import { expect } from 'chai';
import fc from 'fast-check';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
/** snmpget -v2c -c public 127.0.0.1 sysUpTime.0, request 0x1234. */
const question = '30 27 0201 01 0406 7075626c6963 a01a 0202 1234 0201 00 0201 00 300e 300c 0608 2b06010201010300 0500';
/** Its answer: TimeTicks 4711. */
const answer =
  '30 29 0201 01 0406 7075626c6963 a21c 0202 1234 0201 00 0201 00 3010 300e 0608 2b06010201010300 4302 1267';

describe('SNMPv2c Get (RFC 3416 §3)', () => {
  it('is encoded as net-snmp does', () => {
    const bytes = encodeGet({ community: 'public', oid: '.1.3.6.1.2.1.1.3.0' }, 0x1234);
    expect(Buffer.from(bytes).toString('hex')).to.equal(question.replaceAll(' ', ''));
  });

  it('arcs of several bytes, and request numbers whose first bit is set', () => {
    const bytes = encodeGet({ community: 'p', oid: '1.3.6.1.4.1.311.4294967295' }, 0x80);
    const text = Buffer.from(bytes).toString('hex');
    expect(text).to.contain('02020080').and.to.contain('060c2b0601040182378fffffff7f');
  });

  it('a value is an answer', () => {
    expect(isAnswered(hex(answer), 0x1234)).to.equal(true);
  });

  for (const [what, from, to] of [
    ['of another request', '0202 1234 0201 00 0201', '0202 1235 0201 00 0201'],
    ['with an error', '1234 0201 00', '1234 0201 05'],
    ['noSuchInstance', '4302 1267', '8100'],
    ['of another version', '30 29 0201 01', '30 29 0201 00'],
    ['a request', 'a21c', 'a01c'],
    ['cut', '4302 1267', '4302 12'],
    ['a length beyond its end', '30 29', '30 7f'],
  ] as const) {
    it(`none: ${what}`, () => {
      const text = answer.replace(from, to);
      expect(text).to.not.equal(answer);
      // Lengths of those around are wrong where a field shrank: either way it is none.
      expect(isAnswered(hex(text), 0x1234)).to.equal(false);
    });
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void isAnswered(bytes, 1)),
      { numRuns: 500 },
    );
    const good = hex(answer);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const broken = Uint8Array.from(good);
        broken[at] = byte;
        isAnswered(broken, 0x1234);
      }),
    );
  });
});
