import { unwrap } from '@softset/base';
import * as nl from '@softset/linux/netlink-message.js';
import { addressParts, decodeAddress } from '@softset/linux/rtnetlink-address.js';
import { decodeLink, linkUpHeader, macvlanParts } from '@softset/linux/rtnetlink-link.js';
import { eventOf } from '@softset/linux/rtnetlink-monitor.js';
import { decodeNeighbour, neighbourParts } from '@softset/linux/rtnetlink-neighbour.js';
import { decodeRoute, routeParts } from '@softset/linux/rtnetlink-route.js';
import { expect } from 'chai';
import fc from 'fast-check';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const first = (message: Uint8Array): nl.NetlinkMessage => {
  const [one] = nl.decodeMessages(message);
  if (one === undefined) throw new Error('no message');
  return one;
};

describe('netlink messages (netlink(7))', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('are laid out as the kernel reads them', () => {
    const parts = unwrap(
      addressParts({ device: 'a0', ip: '192.168.1.10', prefixLength: 32, validSeconds: 2, noDad: true }, 3),
    );
    expect(hex(nl.encodeMessage(20, 0x505, 7, ...parts))).to.equal(
      '44000000' +
        '1400' +
        '0505' +
        '07000000' +
        '00000000' + // nlmsghdr: RTM_NEWADDR, request, ack, create, replace
        '02200000' +
        '03000000' + // ifaddrmsg: AF_INET, /32, device 3
        '08000200' +
        'c0a8010a' +
        '08000100' +
        'c0a8010a' + // IFA_LOCAL, IFA_ADDRESS
        '08000800' +
        '02000000' + // IFA_FLAGS: no duplicate detection
        '14000600' +
        '02000000' +
        '02000000' +
        '00000000' +
        '00000000', // IFA_CACHEINFO
    );
    expect(hex(linkUpHeader(3, true))).to.equal('00000000030000000100000001000000');
    const route = unwrap(routeParts({ destination: 'default', via: '10.1.1.254', metric: 200 }, 3, 'replace'));
    expect(hex(nl.encodeMessage(24, 0x505, 1, ...route)).slice(32)).to.equal(
      '02000000fe04000100000000' +
        '0800010000000000' +
        '08000f00fe000000' +
        '080005000a0101fe' +
        '0800040003000000' +
        '08000600c8000000',
    );
    const macvlan = { name: 'pub0', parent: 'a0', mac: '02:00:5e:10:00:01', mode: 'private' } as const;
    const [, name, mac, parent, info] = unwrap(macvlanParts(macvlan, 3));
    expect(hex(name ?? new Uint8Array())).to.equal('090003007075623000000000');
    expect(hex(mac ?? new Uint8Array())).to.equal('0a00010002005e1000010000');
    expect(hex(parent ?? new Uint8Array())).to.equal('0800050003000000');
    expect(hex(info ?? new Uint8Array())).to.equal(
      '1c0012800c0001006d6163766c616e00' + '0c000280' + '0800010001000000',
    );
  });

  it('come back as they went, several in one datagram', () => {
    const payload = fc.uint8Array({ maxLength: 40 });
    const message = fc.record({ type: fc.nat(65_535), flags: fc.nat(65_535), sequence: fc.nat(), payload });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (given) => {
        const bytes = given.map((m) => nl.encodeMessage(m.type, m.flags, m.sequence, m.payload));
        const read = nl.decodeMessages(Uint8Array.from(Buffer.concat(bytes)));
        expect(read.map(({ type, flags, sequence }) => ({ type, flags, sequence }))).to.deep.equal(
          given.map(({ type, flags, sequence }) => ({ type, flags, sequence })),
        );
        read.forEach((m, i) => {
          const sent = given[i]?.payload ?? new Uint8Array();
          expect(hex(m.payload.subarray(0, sent.length))).to.equal(hex(sent));
        });
      }),
    );
  });

  it('keep attributes in order, and stop at one that does not fit', () => {
    const bytes = Uint8Array.from(
      Buffer.concat([nl.attribute(1, new Uint8Array([7])), nl.attributeText(2, 'a0'), nl.attributeU32(1, 9)]),
    );
    expect(nl.listAttributes(bytes).map((a) => a.type)).to.deep.equal([1, 2, 1]);
    expect(nl.readU32(nl.decodeAttributes(bytes).get(1))).to.equal(9);
    expect(nl.readText(nl.decodeAttributes(bytes).get(2))).to.equal('a0');
    expect(nl.listAttributes(bytes.subarray(0, bytes.length - 1)).length).to.equal(2);
    expect(nl.listAttributes(new Uint8Array([3, 0, 1, 0]))).to.deep.equal([]);
    expect(nl.listAttributes(new Uint8Array([0, 0, 1, 0]))).to.deep.equal([]);
  });

  it('carry errno, and the kernel’s words where it sends them (NLMSGERR_ATTR_MSG)', () => {
    const header = nl.encodeMessage(24, 0, 1);
    const capped = nl.encodeMessage(
      2,
      0x300,
      1,
      nl.u32(-101 >>> 0),
      header,
      nl.attributeText(1, 'Nexthop has invalid gateway'),
    );
    expect(nl.decodeError(first(capped))).to.deep.equal({ errno: 101, text: 'Nexthop has invalid gateway' });
    expect(nl.decodeError(first(nl.encodeMessage(2, 0x100, 1, nl.u32(0), header)))).to.deep.equal({ errno: 0 });
    const whole = nl.encodeMessage(24, 0, 1, new Uint8Array(12));
    const full = nl.encodeMessage(2, 0x200, 1, nl.u32(-22 >>> 0), whole, nl.attributeText(1, 'no'));
    expect(nl.decodeError(first(full))).to.deep.equal({ errno: 22, text: 'no' });
    expect(nl.decodeError(first(nl.encodeMessage(2, 0, 1, nl.u32(0))))).to.equal(undefined);
  });
});

describe('rtnetlink objects', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  const samples: readonly Uint8Array[] = [
    nl.encodeMessage(
      16,
      0,
      0,
      ...unwrap(macvlanParts({ name: 'pub0', parent: 'a0', mac: '02:00:5e:10:00:01', mode: 'bridge' }, 3)),
    ),
    nl.encodeMessage(
      20,
      0,
      0,
      ...unwrap(addressParts({ device: 'a0', ip: '2001:db8::1', prefixLength: 64, validSeconds: 9 }, 3)),
    ),
    nl.encodeMessage(
      24,
      0,
      0,
      ...unwrap(
        routeParts({ destination: '10.1.0.0/16', via: '10.2.0.1', source: '10.3.0.1', table: 1000 }, 3, 'replace'),
      ),
    ),
    nl.encodeMessage(
      28,
      0,
      0,
      ...unwrap(neighbourParts('10.1.1.2', 3)),
      nl.attribute(2, new Uint8Array([2, 0, 0, 0, 0, 1])),
    ),
  ];
  const decoders = [decodeLink, decodeAddress, decodeRoute, decodeNeighbour, eventOf];

  it('are read as they were written', () => {
    const [link, address, route, neighbour] = samples.map(first);
    if (!link || !address || !route || !neighbour) throw new Error('four samples');
    expect(decodeLink(link)).to.deep.equal({
      index: 0,
      name: 'pub0',
      mac: '02:00:5e:10:00:01',
      up: false,
      carrier: false,
      mtu: 0,
      kind: 'macvlan',
      parent: 3,
    });
    expect(decodeAddress(address)).to.deep.equal({
      index: 3,
      ip: '2001:db8::1',
      prefixLength: 64,
      validSeconds: 9,
      tentative: false,
      dadFailed: false,
    });
    expect(decodeRoute(route)).to.deep.equal({
      family: 'ipv4',
      destination: '10.1.0.0/16',
      via: '10.2.0.1',
      index: 3,
      source: '10.3.0.1',
      metric: 0,
      table: 1000,
      protocol: 4,
      type: 1,
    });
    expect(decodeNeighbour(neighbour)).to.deep.equal({
      index: 3,
      ip: '10.1.1.2',
      mac: '02:00:00:00:00:01',
      state: 'none',
    });
    for (const message of [address, route]) expect(eventOf(message).length).to.equal(1);
    expect(eventOf(first(nl.encodeMessage(nl.NLMSG_OVERRUN, 0, 0)))).to.deep.equal([{ kind: 'overrun' }]);
  });

  it('survive cuts and changes of any byte without a throw', () => {
    const change = fc.tuple(
      fc.constantFrom(...samples),
      fc.nat(200),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }),
    );
    fc.assert(
      fc.property(change, ([sample, length, changes]) => {
        const bytes = Uint8Array.from(sample.subarray(0, Math.max(1, length)));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        for (const message of nl.decodeMessages(bytes)) {
          for (const decode of decoders) decode(message);
          nl.decodeError(message);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
