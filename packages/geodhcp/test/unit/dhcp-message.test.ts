import { unwrap } from '@softset/base';
import { giveAnswer, nakAnswer } from '@softset/geodhcp/core/answer.js';
import { decodeDhcp, encodeDhcp } from '@softset/geodhcp/core/dhcp-message.js';
import { OPTION, textBytes } from '@softset/geodhcp/core/dhcp-options.js';
import { encodeUdpFrame } from '@softset/geodhcp/core/udp-frame.js';
import { expect } from 'chai';
import { configFor, message } from '../world.js';

/** A header with the cookie, and options behind it. */
function packet(options: readonly number[], file: readonly number[] = [], sname: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(240 + options.length);
  bytes.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  bytes.set([2, 0, 0, 0, 0, 1], 28);
  bytes.set(sname, 44);
  bytes.set(file, 108);
  bytes.set([0x63, 0x82, 0x53, 0x63, ...options], 236);
  return bytes;
}
const code = (bytes: Uint8Array): string => {
  const decoded = decodeDhcp(bytes);
  return decoded.ok ? 'OK' : decoded.code;
};

describe('the DHCP codec', () => {
  it('RFC 2132 §3.1: pad bytes between options skip nothing', () => {
    const { options } = unwrap(decodeDhcp(packet([0, 53, 1, 1, 0, 0, 61, 3, 1, 2, 0, 255])));
    expect([...options]).to.deep.equal([
      [53, Uint8Array.of(1)],
      [61, Uint8Array.of(1, 2, 0)],
    ]);
  });

  it('RFC 3396 §7: the parts of one option are put together, across areas', () => {
    const bytes = packet([52, 1, 3, 67, 2, 97, 98, 255], [67, 1, 99, 255], [67, 1, 100, 255]);
    expect(unwrap(decodeDhcp(bytes)).options.get(67)).to.deep.equal(textBytes('abcd'));
  });

  it('RFC 2132 §9.3: overloaded fields are no names, and their own option 52 counts for nothing', () => {
    const decoded = unwrap(decodeDhcp(packet([52, 1, 1, 255], [52, 1, 2, 53, 1, 3, 255], [...textBytes('boot')])));
    expect([decoded.file, decoded.sname, decoded.options.get(53)]).to.deep.equal(['', 'boot', Uint8Array.of(3)]);
  });

  it('a client id with zeros in it is bytes, and is kept', () => {
    const id = Uint8Array.of(1, 2, 0, 0, 0, 0, 1);
    expect(unwrap(decodeDhcp(packet([61, 7, ...id, 255]))).options.get(61)).to.deep.equal(id);
  });

  it('a missing end is forgiven, an option that is cut is not', () => {
    expect(code(packet([53, 1, 1]))).to.equal('OK');
    expect(code(packet([53, 2, 1]))).to.equal('DHCP_OPTION_TRUNCATED');
    expect(code(packet([53]))).to.equal('DHCP_OPTION_TRUNCATED');
    expect(code(packet([52, 1, 1, 255], [53, 200]))).to.equal('DHCP_OPTION_TRUNCATED');
  });

  it('what is cut or not Ethernet is a result, not a throw', () => {
    expect(code(new Uint8Array(235))).to.equal('DHCP_TRUNCATED');
    const token = packet([]);
    token[1] = 6;
    expect(code(token)).to.equal('DHCP_FOREIGN');
    const long = packet([]);
    long[2] = 16;
    expect(code(long)).to.equal('DHCP_FOREIGN');
  });

  it('RFC 951: without the cookie it is BOOTP, without options', () => {
    const bytes = packet([53, 1, 1, 255]);
    bytes[236] = 0;
    expect(unwrap(decodeDhcp(bytes)).options.size).to.equal(0);
  });

  it('an option of more than 255 bytes is split, one that finds no room in the first area goes into the others', () => {
    const long = Uint8Array.from({ length: 300 }, (_, i) => i & 255);
    const told = message('discover', {
      options: new Map([
        [224, long],
        [225, textBytes('x'.repeat(60))],
      ]),
    });
    for (const bytesMax of [548, 1472]) {
      const { bytes, left } = encodeDhcp(told, bytesMax);
      expect(left, String(bytesMax)).to.deep.equal([]);
      expect(bytes.length).to.be.at.most(bytesMax);
      const back = unwrap(decodeDhcp(bytes));
      expect(back.options.get(224)).to.deep.equal(long);
      expect(back.options.get(225)).to.have.length(60);
    }
  });

  it('what finds no room at all is named, whole, and the rest is sent', () => {
    const told = message('discover', {
      options: new Map([
        [224, new Uint8Array(600)],
        [12, textBytes('slot-3')],
      ]),
    });
    const { bytes, left } = encodeDhcp(told);
    expect(left).to.deep.equal([224]);
    expect([...unwrap(decodeDhcp(bytes)).options.keys()]).to.deep.equal([53, 12]);
  });

  it('RFC 951 §3: never shorter than 300 bytes', () => {
    expect(encodeDhcp(message('bootp')).bytes).to.have.length(300);
  });
});

describe('what the client is told', () => {
  const config = configFor();
  const [place] = config.geo.places;
  if (place === undefined) throw new Error('no place');
  const giving = { place, ip: '10.1.1.11', server: '10.1.1.20', subnet: config.networks.A.subnet, leaseMs: 600_000 };
  const asked = (options: [number, Uint8Array][], flags = 0) =>
    message('discover', { flags, options: new Map(options) });

  it('RFC 6842: the client id comes back; RFC 3046 §2.2: the relay option too, the last', () => {
    const { message: reply } = giveAnswer(
      asked([
        [OPTION.relayAgent, Uint8Array.of(1, 1, 7)],
        [OPTION.clientId, Uint8Array.of(1, 0)],
      ]),
      'offer',
      giving,
    );
    expect(reply.options.get(61)).to.deep.equal(Uint8Array.of(1, 0));
    const { bytes } = encodeDhcp(reply);
    expect([...bytes.slice(-6), ...bytes].join()).to.include('82,3,1,1,7,255');
  });

  it('RFC 2132 §9.8: what was asked for, in the order that was asked, and the mask', () => {
    const { message: reply } = giveAnswer(asked([[OPTION.parameterList, Uint8Array.of(67, 3, 250)]]), 'ack', giving);
    expect([...reply.options.keys()]).to.deep.equal([53, 54, 51, 58, 59, 1, 67, 3]);
    expect(reply.options.get(1)).to.deep.equal(Uint8Array.of(255, 255, 0, 0));
  });

  it('(002 ¶0012): a diskless board boots what its architecture can run', () => {
    const boot = (architecture: number) =>
      giveAnswer(asked([[OPTION.clientArchitecture, Uint8Array.of(0, architecture)]]), 'offer', giving).message;
    expect([boot(0).file, boot(7).file, boot(7).siaddr]).to.deep.equal(['pxelinux.0', 'grub.efi', '10.1.1.20']);
  });

  it('RFC 2131 §4.1: where it goes', () => {
    const to = (change: Parameters<typeof message>[1]) => giveAnswer(message('request', change), 'ack', giving).target;
    const [mac, all] = ['02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff'];
    expect(to({})).to.deep.equal({ kind: 'frame', mac, ip: '10.1.1.11' });
    expect(to({ flags: 0x8000 })).to.deep.equal({ kind: 'frame', mac: all, ip: '255.255.255.255' });
    expect(to({ ciaddr: '10.1.1.11', flags: 0x8000 })).to.deep.equal({ kind: 'frame', mac, ip: '10.1.1.11' });
    expect(to({ giaddr: '10.1.9.1' })).to.deep.equal({ kind: 'relay', ip: '10.1.9.1' });
    expect(nakAnswer(message('request', { ciaddr: '10.1.1.11' }), '10.1.1.20', 'no').target).to.deep.equal({
      kind: 'frame',
      mac: all,
      ip: '255.255.255.255',
    });
    const relayed = nakAnswer(message('request', { giaddr: '10.1.9.1' }), '10.1.1.20', 'no');
    expect([relayed.target, relayed.message.flags]).to.deep.equal([{ kind: 'relay', ip: '10.1.9.1' }, 0x8000]);
  });

  it('RFC 791, RFC 768: both checksums are right', () => {
    const end = { mac: '02:00:00:00:00:01', ip: '10.1.1.20', port: 67 };
    for (const payload of [Uint8Array.of(1, 2, 3), new Uint8Array(300).fill(0xff)]) {
      const frame = encodeUdpFrame({ from: end, to: { ...end, ip: '10.1.1.11', port: 68 }, payload });
      const sum = (bytes: readonly number[]): number => {
        let total = 0;
        for (let i = 0; i < bytes.length; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
        while (total > 0xffff) total = (total & 0xffff) + (total >> 16);
        return total;
      };
      expect(sum([...frame.subarray(14, 34)])).to.equal(0xffff);
      const udp = [...frame.subarray(34)];
      expect(sum([...frame.subarray(26, 34), 0, 17, udp.length >> 8, udp.length & 255, ...udp])).to.equal(0xffff);
    }
  });
});
