import { decodeIgmpQuery } from '@softset/linux/igmp-query.js';
import { expect } from 'chai';
import fc from 'fast-check';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
/** Ethernet to 01:00:5e:00:00:01, IPv4 with the router alert option (RFC 2113), IGMPv3 general query of 10.1.0.2. */
const general = `01005e000001 020000000002 0800
  46c00024 00000000 01020000 0a010002 e0000001 94040000
  11640000 00000000 027d0000`;
/** The same bridge asking for one group, IGMPv2, without options. */
const specific = `01005e7f5353 020000000002 0800
  4500001c 00000000 01020000 0a010002 efff5353
  110a0000 efff5353`;

describe('IGMP queries (RFC 2236, RFC 3376)', () => {
  it('a general one, behind an option', () =>
    expect(decodeIgmpQuery(bytes(general))).to.deep.equal({ from: '10.1.0.2', group: '0.0.0.0' }));
  it('one for a group', () =>
    expect(decodeIgmpQuery(bytes(specific))).to.deep.equal({ from: '10.1.0.2', group: '239.255.83.83' }));

  const none: readonly [string, string][] = [
    ['a report', specific.replace('110a', '160a')],
    ['another protocol than IGMP', specific.replace('01020000', '01110000')],
    ['a later fragment', specific.replace('00000000 0102', '00002001 0102')],
    ['IPv6', specific.replace('0800', '86dd')],
    [
      'a header that says it is shorter than it may be',
      specific.replace('4500', '4400').replace('efff5353', '110a0000'),
    ],
    ['a header that reaches beyond the frame', specific.replace('4500', '4f00')],
    ['a frame that was cut', specific.slice(0, -10)],
    ['nothing', ''],
  ];
  for (const [what, frame] of none)
    it(`none: ${what}`, () => expect(decodeIgmpQuery(bytes(frame))).to.equal(undefined));

  it('never throws, whatever comes off the wire', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (frame) => void decodeIgmpQuery(frame)));
  });
});
