import {
  formatIp,
  formatIpv6,
  formatMac,
  inPrefix,
  parseIp,
  parseIpv6,
  parseMac,
  parsePrefix,
  unwrap,
} from '@softset/base';
import { expect } from 'chai';

const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

describe('IPv4 text', () => {
  for (const [text, bytes] of [
    ['0.0.0.0', '00000000'],
    ['10.1.1.254', '0a0101fe'],
    ['255.255.255.255', 'ffffffff'],
  ] as const) {
    it(`${text} is ${bytes} and back`, () => {
      const parsed = unwrap(parseIp(text));
      expect(hex(parsed)).to.equal(bytes);
      expect(formatIp(parsed)).to.equal(text);
    });
  }

  // RFC 6943 §3.1.1: inet_aton reads octal, hexadecimal and short forms; two programs would read two addresses.
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '0x1.2.3.4',
    '1.2.3.256',
    '1.2.3.-4',
    ' 1.2.3.4',
    '1.2.3.4 ',
  ]) {
    it(`"${text}" is refused by name`, () => {
      const parsed = parseIp(text);
      expect(parsed).to.include({ ok: false, code: 'ADDRESS_INVALID' });
      expect(parsed.ok ? '' : parsed.message).to.include(`"${text}"`);
    });
  }
});

describe('IPv6 text', () => {
  for (const [text, canonical] of [
    // RFC 5952 §4.1: leading zeros go; §4.3: lower case.
    ['2001:0DB8:0:0:0:0:0:0001', '2001:db8::1'],
    // §4.2.2: one zero group alone is not shortened.
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    // §4.2.3: the longest run, and of two equals the first.
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    // RFC 4291 §2.2 (3): the last 32 bits as IPv4.
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['::1.2.3.4', '::102:304'],
  ] as const) {
    it(`${text} is written ${canonical}`, () => {
      expect(formatIpv6(unwrap(parseIpv6(text)))).to.equal(canonical);
    });
  }

  for (const text of [
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7:8::1::2',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    ':1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8:',
    'fe80::1%eth0',
    '::1.2.3',
    '::1.2.3.4.5',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1:2:3:4:5:1.2.3.4',
    '1.2.3.4::',
  ]) {
    it(`"${text}" is refused`, () => {
      expect(parseIpv6(text)).to.include({ ok: false, code: 'ADDRESS_INVALID' });
    });
  }
});

describe('MAC text', () => {
  it('six pairs, in either case, are written in lower case', () => {
    expect(formatMac(unwrap(parseMac('02:00:5E:10:00:01')))).to.equal('02:00:5e:10:00:01');
  });
  for (const text of [
    '',
    '02:00:5e:10:00',
    '02:00:5e:10:00:01:02',
    '02-00-5e-10-00-01',
    '2:0:5e:10:0:1',
    '02:00:5e:10:00:0g',
  ]) {
    it(`"${text}" is refused`, () => {
      expect(parseMac(text)).to.include({ ok: false, code: 'ADDRESS_INVALID' });
    });
  }
});

describe('prefixes', () => {
  it('keep the host bits, and write the address canonically', () => {
    expect(unwrap(parsePrefix('10.1.0.1/16'))).to.deep.equal({ ip: '10.1.0.1', length: 16 });
    expect(unwrap(parsePrefix('2001:DB8::1/64'))).to.deep.equal({ ip: '2001:db8::1', length: 64 });
  });
  for (const text of [
    '10.1.0.1',
    '10.1.0.1/',
    '10.1.0.1/33',
    '::1/129',
    '10.1.0.1/-1',
    '10.1.0.1/1.5',
    '10.1.0.1/8/8',
    '/8',
  ]) {
    it(`"${text}" is refused`, () => {
      expect(parsePrefix(text)).to.include({ ok: false, code: 'ADDRESS_INVALID' });
    });
  }

  for (const [ip, prefix, inside] of [
    ['10.1.255.255', '10.1.0.1/16', true],
    ['10.2.0.0', '10.1.0.1/16', false],
    ['10.1.0.130', '10.1.0.129/25', true],
    ['10.1.0.127', '10.1.0.129/25', false],
    ['203.0.113.9', '0.0.0.0/0', true],
    ['10.1.0.1', '10.1.0.1/32', true],
    ['10.1.0.2', '10.1.0.1/32', false],
    ['2001:db8::ffff', '2001:db8::/112', true],
    ['2001:db8::1:0', '2001:db8::/112', false],
    ['::1', '0.0.0.0/0', false],
    ['nonsense', '0.0.0.0/0', false],
  ] as const) {
    it(`${ip} is ${inside ? '' : 'not '}in ${prefix}`, () => {
      expect(inPrefix(ip, unwrap(parsePrefix(prefix)))).to.equal(inside);
    });
  }
});
