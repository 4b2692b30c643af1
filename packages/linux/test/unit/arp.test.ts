import { unwrap } from '@softset/base';
import { type ArpFrame, arpProbe, decodeArp, encodeArp, gratuitousArp, rarpAnnounce } from '@softset/linux/arp.js';
import { expect } from 'chai';
import fc from 'fast-check';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const shown = (frame: Uint8Array): string => Buffer.from(frame.subarray(0, 42)).toString('hex');
const mac = '02:00:0a:01:01:0b';

describe('ARP frames', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('announces with a request and a reply to all (RFC 5227 §3; RFC 826)', () => {
    const { request, reply } = gratuitousArp(mac, '192.168.1.10');
    expect(shown(request)).to.equal(
      `ffffffffffff02000a01010b0806${'0001080006040001'}02000a01010bc0a8010a${'000000000000'}c0a8010a`,
    );
    expect(shown(reply)).to.equal(
      `ffffffffffff02000a01010b0806${'0001080006040002'}02000a01010bc0a8010a${'ffffffffffff'}c0a8010a`,
    );
    expect(request.length, 'padded to the least frame').to.equal(60);
  });

  it('probes with a zero sender address (RFC 5227 §2.1.1)', () => {
    expect(shown(arpProbe(mac, '192.168.1.10'))).to.equal(
      'ffffffffffff02000a01010b0806000108000604000102000a01010b00000000000000000000c0a8010a',
    );
  });

  it('announces a bare MAC by RARP (RFC 903)', () => {
    expect(shown(rarpAnnounce(mac))).to.equal(
      'ffffffffffff02000a01010b8035000108000604000302000a01010b0000000002000a01010b00000000',
    );
  });

  it('answers one who asked by that one address', () => {
    const frame = encodeArp({
      operation: 'reply',
      senderMac: mac,
      senderIp: '10.1.1.11',
      targetMac: '02:00:0a:01:01:01',
      targetIp: '10.1.1.1',
    });
    expect(shown(frame).slice(0, 12)).to.equal('02000a010101');
    expect(decodeArp(hex(shown(frame)))).to.deep.equal({
      ok: true,
      value: {
        operation: 'reply',
        senderMac: mac,
        senderIp: '10.1.1.11',
        targetMac: '02:00:0a:01:01:01',
        targetIp: '10.1.1.1',
      },
    });
  });

  it('reads back what it wrote', () => {
    const address = fc.ipV4();
    const macs = fc
      .uint8Array({ minLength: 6, maxLength: 6 })
      .map((b) => Buffer.from(b).toString('hex').match(/../g)?.join(':') ?? '');
    const arp: fc.Arbitrary<ArpFrame> = fc.record({
      operation: fc.constantFrom('request', 'reply', 'reverse-request', 'reverse-reply'),
      senderMac: macs,
      senderIp: address,
      targetMac: macs,
      targetIp: address,
    });
    fc.assert(fc.property(arp, (given) => void expect(unwrap(decodeArp(encodeArp(given)))).to.deep.equal(given)));
  });

  it('calls cut frames truncated and others foreign, and never throws', () => {
    const frame = hex(shown(arpProbe(mac, '192.168.1.10')));
    for (let length = 0; length < 42; length++) {
      expect(decodeArp(frame.subarray(0, length))).to.include({ ok: false, code: 'ARP_TRUNCATED' });
    }
    for (const [at, value] of [
      [12, 9],
      [15, 6],
      [17, 1],
      [18, 8],
      [19, 16],
      [21, 5],
      [21, 0],
    ] as const) {
      const changed = Uint8Array.from(frame);
      changed[at] = value;
      expect(decodeArp(changed), `byte ${at}`).to.include({ ok: false, code: 'ARP_FOREIGN' });
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (any) => typeof decodeArp(any).ok === 'boolean'));
  });
});
