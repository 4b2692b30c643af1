import { unwrap } from '@softset/base';
import {
  decodeNdp,
  multicastMac,
  neighbourSolicitation,
  solicitedNode,
  unsolicitedAdvertisement,
} from '@softset/linux/ndp.js';
import { expect } from 'chai';
import fc from 'fast-check';

const mac = '02:00:0a:01:01:0b';
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('neighbour discovery frames', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('go to the solicited node and its Ethernet group (RFC 4291 §2.7.1, RFC 2464 §7)', () => {
    // The example of RFC 4291.
    expect(solicitedNode('4037::1:800:200e:8c6c')).to.equal('ff02::1:ff0e:8c6c');
    expect(multicastMac('ff02::1:ff0e:8c6c')).to.equal('33:33:ff:0e:8c:6c');
  });

  it('ask without teaching anyone an address (RFC 4862 §5.4.2)', () => {
    const frame = neighbourSolicitation(mac, '2001:db8::10');
    expect(hex(frame)).to.equal(
      '3333ff00001002000a01010b86dd' +
        '6000000000183aff' +
        '00000000000000000000000000000000' +
        'ff0200000000000000000001ff000010' +
        '87004ccf00000000' +
        '20010db8000000000000000000000010',
    );
    expect(unwrap(decodeNdp(frame))).to.deep.equal({ kind: 'solicitation', source: '::', target: '2001:db8::10' });
  });

  it('ask in one’s own name', () => {
    expect(unwrap(decodeNdp(neighbourSolicitation(mac, '2001:db8::10', 'fe80::1')))).to.deep.equal({
      kind: 'solicitation',
      source: 'fe80::1',
      target: '2001:db8::10',
      mac,
    });
  });

  it('announce to all nodes, with override (RFC 4861 §7.2.6)', () => {
    const frame = unsolicitedAdvertisement(mac, '2001:db8::10');
    expect(hex(frame).slice(0, 28)).to.equal('33330000000102000a01010b86dd');
    expect(hex(frame).slice(2 * 58, 2 * 62)).to.equal('20000000');
    expect(hex(frame).slice(-16)).to.equal('020102000a01010b');
    expect(unwrap(decodeNdp(frame))).to.deep.equal({
      kind: 'advertisement',
      source: '2001:db8::10',
      target: '2001:db8::10',
      mac,
      router: false,
      solicited: false,
      override: true,
    });
    expect(unwrap(decodeNdp(unsolicitedAdvertisement(mac, '2001:db8::10', true)))).to.include({ router: true });
  });

  it('that are cut, foreign or wrongly summed are told apart', () => {
    const frame = unsolicitedAdvertisement(mac, '2001:db8::10');
    for (let length = 0; length < frame.length; length++) {
      expect(decodeNdp(frame.subarray(0, length)), `${length}`).to.include({ ok: false, code: 'NDP_TRUNCATED' });
    }
    const changed = (at: number, value: number): Uint8Array => {
      const copy = Uint8Array.from(frame);
      copy[at] = value;
      return copy;
    };
    // Ethernet type, version, next header, hop limit 254 (passed on by a router), type, code.
    for (const [at, value] of [
      [12, 8],
      [14, 0x40],
      [20, 17],
      [21, 254],
      [54, 128],
      [55, 1],
    ] as const) {
      expect(decodeNdp(changed(at, value)), `byte ${at}`).to.include({ ok: false, code: 'NDP_FOREIGN' });
    }
    for (let at = 22; at < frame.length; at++) {
      if (at === 54 || at === 55) continue;
      expect(decodeNdp(changed(at, (frame[at] ?? 0) ^ 0x40)), `byte ${at}`).to.include({ code: 'NDP_CHECKSUM' });
    }
    expect(decodeNdp(changed(19, 23)), 'a length shorter than the message').to.include({ code: 'NDP_FOREIGN' });
  });

  it('end at an option without length (RFC 4861 §4.6)', () => {
    const frame = unsolicitedAdvertisement(mac, '2001:db8::10');
    frame.set([9, 0], 78);
    const withSum = (sum: number) => {
      frame.set([sum >> 8, sum & 255], 56);
      return decodeNdp(frame);
    };
    const right = Array.from({ length: 65_536 }, (_, sum) => withSum(sum)).filter((result) => result.ok);
    expect(right.length).to.equal(1);
    expect(right[0]).to.not.have.nested.property('value.mac');
  });

  it('never throw, whatever bytes come', () => {
    const sample = neighbourSolicitation(mac, '2001:db8::10', 'fe80::1');
    const changes = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(changes, fc.nat(sample.length), fc.uint8Array({ maxLength: 120 }), (edits, length, any) => {
        const copy = Uint8Array.from(sample);
        for (const [at, value] of edits) copy[at] = value;
        return [decodeNdp(copy.subarray(0, length)), decodeNdp(copy), decodeNdp(any)].every(
          (r) => typeof r.ok === 'boolean',
        );
      }),
    );
  });
});
