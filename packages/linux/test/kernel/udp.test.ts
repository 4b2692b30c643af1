import { readdirSync } from 'node:fs';
import { unwrap } from '@softset/base';
import { PollSet } from '@softset/linux/fd.js';
import { decodeNdp, neighbourSolicitation, unsolicitedAdvertisement } from '@softset/linux/ndp.js';
import { openPacket } from '@softset/linux/packet.js';
import { openRtnetlink } from '@softset/linux/rtnetlink.js';
import { writeSysctl } from '@softset/linux/sysctl.js';
import { type Datagram, openUdp, type UdpSocket } from '@softset/linux/udp.js';
import { stampArrivals, UdpBatch } from '@softset/linux/udp-batch.js';
import { expect } from 'chai';
import { inNamespace, ip, microsecondsEach, suite, veth, within } from './namespace.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function next(socket: UdpSocket): Promise<Datagram | undefined> {
  return within(() => {
    const got = socket.receive();
    return got === undefined || 'code' in got ? undefined : got;
  });
}

suite('UDP sockets', () => {
  for (const [family, loopback] of [
    ['ipv4', '127.0.0.1'],
    ['ipv6', '::1'],
  ] as const) {
    inNamespace(import.meta.url, `carry datagrams both ways over ${family}`, () => {
      ip('link set lo up');
      const a = unwrap(openUdp({ family, bind: loopback, port: 5001, receiveBuffer: 1 << 20, priority: 6 }));
      const b = unwrap(openUdp({ family, bind: loopback, port: 5002 }));
      expect(a.receive(), 'nothing yet').to.equal(undefined);
      unwrap(a.send(bytes('beat'), loopback, 5002));
      const set = new PollSet();
      set.add(a.fd);
      set.add(b.fd);
      expect([...set.wait(1000)]).to.deep.equal([b.fd]);
      const got = b.receive() as Datagram;
      expect({ ...got, bytes: Buffer.from(got.bytes).toString() }).to.deep.equal({
        bytes: 'beat',
        ip: loopback,
        port: 5001,
      });
      unwrap(b.send(new Uint8Array(0), loopback, 5001));
      expect((a.receive() as Datagram).bytes.length, 'an empty datagram is one too').to.equal(0);
      expect(b.receive()).to.equal(undefined);
      a.close();
      b.close();
    });
  }

  inNamespace(import.meta.url, 'that are connected are told ECONNREFUSED when nobody listens', async () => {
    ip('link set lo up');
    const probe = unwrap(openUdp({ family: 'ipv4', port: 0, connect: { ip: '127.0.0.1', port: 5009 } }));
    unwrap(probe.send(bytes('anyone?'), '127.0.0.1', 5009));
    const refusal = await within(() => probe.receive());
    expect(refusal).to.include({ ok: false, code: 'ECONNREFUSED' });
    expect(probe.receive(), 'it is said once').to.equal(undefined);
  });

  inNamespace(import.meta.url, 'name what they were refused', () => {
    ip('link set lo up'); // A namespace that never had an address lets anyone bind to anything.
    const open = readdirSync('/proc/self/fd').length;
    const none = openUdp({ family: 'ipv4', port: 5001, device: 'nowhere0' });
    expect(none).to.include({ ok: false, code: 'ENODEV' });
    expect(openUdp({ family: 'ipv4', port: 5001, device: 'a-name-of-more-than-fifteen' })).to.include({
      code: 'ENODEV',
    });
    expect(openUdp({ family: 'ipv4', port: 5001, bind: '203.0.113.9' })).to.include({
      code: 'EADDRNOTAVAIL',
      message: 'bind(203.0.113.9 port 5001): EADDRNOTAVAIL, address not available',
    });
    expect(readdirSync('/proc/self/fd').length, 'what failed is closed').to.equal(open);
    const socket = unwrap(openUdp({ family: 'ipv4', port: 5001 }));
    expect(openUdp({ family: 'ipv4', port: 5001 })).to.include({ code: 'EADDRINUSE' });
    expect(socket.send(bytes('x'), '203.0.113.9', 1)).to.include({ code: 'ENETUNREACH' });
    expect(socket.send(bytes('x'), 'elsewhere', 1)).to.include({ code: 'ADDRESS_INVALID' });
    expect(socket.send(bytes('x'), '127.0.0.1', 65_536)).to.include({ code: 'PORT_INVALID' });
    socket.close();
    socket.close();
    unwrap(openUdp({ family: 'ipv4', port: 5001 })).close();
  });

  for (const [family, group, address] of [
    ['ipv4', '239.192.0.7', '10.1.1.1'],
    ['ipv6', 'ff05::7', 'fd00::1'],
  ] as const) {
    inNamespace(
      import.meta.url,
      `send to an ${family} group by their device, and hear it by theirs alone`,
      async () => {
        writeSysctl('net.ipv6.conf.default.accept_dad', 0);
        veth('a0', 'a1');
        veth('b0', 'b1');
        // Both ends are of one machine here, whose kernel takes its own address for a forgery unless told otherwise.
        for (const key of ['accept_local', 'rp_filter']) {
          for (const device of ['all', 'a1']) {
            unwrap(writeSysctl(`net.ipv4.conf.${device}.${key}`, key === 'rp_filter' ? 0 : 1));
          }
        }
        ip(`${family === 'ipv6' ? '-6 ' : ''}addr add ${address}/${family === 'ipv6' ? 64 : 16} dev a0`);
        const join = { group, loop: false } as const;
        const sender = unwrap(openUdp({ family, bind: address, port: 0, device: 'a0', multicast: join }));
        const right = unwrap(openUdp({ family, port: 5001, device: 'a1', multicast: join }));
        const wrong = unwrap(openUdp({ family, port: 5001, device: 'b1', multicast: join }));
        expect(await within(() => (sender.send(bytes('all'), group, 5001).ok ? true : undefined))).to.equal(true);
        const got = await next(right);
        expect(got?.ip).to.equal(address);
        expect(Buffer.from(got?.bytes ?? []).toString()).to.equal('all');
        const other = family === 'ipv6' ? 'ff05::8' : '239.192.0.8';
        const elsewhere = unwrap(
          openUdp({ family, port: 5002, device: 'a1', multicast: { group: other, loop: false } }),
        );
        unwrap(sender.send(bytes('others'), other, 5001));
        unwrap(sender.send(bytes('others'), other, 5002));
        expect((await next(elsewhere))?.bytes.length).to.equal(6);
        expect(right.receive(), 'a group that only somebody else joined').to.equal(undefined);
        expect(wrong.receive(), 'another network').to.equal(undefined);
        expect(sender.receive(), 'no copy to ourselves').to.equal(undefined);
      },
    );
  }

  inNamespace(import.meta.url, 'and ppoll: what they cost', () => {
    ip('link set lo up');
    const a = unwrap(openUdp({ family: 'ipv4', bind: '127.0.0.1', port: 5001 }));
    const b = unwrap(openUdp({ family: 'ipv4', bind: '127.0.0.1', port: 5002 }));
    const beat = new Uint8Array(128);
    const set = new PollSet();
    set.add(b.fd);
    microsecondsEach('udp send and receive of 128 bytes, loopback', 5000, () => {
      unwrap(a.send(beat, '127.0.0.1', 5002));
      if (b.receive() === undefined) throw new Error('lost');
    });
    microsecondsEach('udp receive, none there', 5000, () => b.receive());
    let received = 0;
    // A hundred each: fifty to warm up, fifty measured, and no more than the receiver's buffer holds.
    for (let round = 0; round < 3; round++) {
      microsecondsEach('udp send 128 bytes, loopback', 50, () => unwrap(a.send(beat, '127.0.0.1', 5002)));
      microsecondsEach('udp receive 128 bytes', 50, () => {
        if (b.receive() !== undefined) received++;
      });
    }
    expect(received).to.equal(300);
    microsecondsEach('ppoll, nothing ready, no wait', 5000, () => set.wait(0));
    unwrap(a.send(beat, '127.0.0.1', 5002));
    let ready = 0;
    microsecondsEach('ppoll, one ready', 4800, () => {
      ready += set.wait(1).length;
    });
    expect(ready).to.equal(5000);
  });
});

suite('packet sockets', () => {
  inNamespace(import.meta.url, 'see frames of their type and device, and not their own', async () => {
    writeSysctl('net.ipv6.conf.default.disable_ipv6', 1); // The kernel itself keeps quiet on this wire.
    veth('a0', 'a1');
    const near = unwrap(openPacket({ device: 'a0', etherType: 0x0806 }));
    const far = unwrap(openPacket({ device: 'a1', etherType: 0x0806, promiscuous: true }));
    const all = unwrap(openPacket({ device: 'a0', etherType: 3, filterOutgoing: false }));
    const quiet = unwrap(openPacket({ device: 'a0', etherType: 3 }));
    expect(ip('-o link show a0'))
      .to.contain(near.mac)
      .and.to.match(new RegExp(`^${near.ifindex}:`));
    const frame = new Uint8Array(60).fill(7);
    frame.set([0x02, 0, 0, 0, 0, 0x99], 0);
    frame.set([0x08, 0x06], 12);
    unwrap(near.send(frame));
    expect(await within(() => far.receive())).to.deep.equal(frame);
    expect(quiet.receive(), 'its own frame').to.equal(undefined);
    expect(all.receive(), 'asked for').to.deep.equal(frame);
    expect(near.receive(), 'frames for others come in on the other end only').to.equal(undefined);
    ip('link set a0 down');
    expect(near.send(frame)).to.include({ code: 'ENETDOWN' });
    expect(near.receive()).to.equal(undefined);
    expect(near.lastError).to.include({ code: 'ENETDOWN' });
    expect(openPacket({ device: 'nowhere0', etherType: 3 })).to.include({ code: 'ENODEV' });
  });

  inNamespace(import.meta.url, 'ask a kernel by neighbour solicitation, and teach it by advertisement', async () => {
    writeSysctl('net.ipv6.conf.default.accept_dad', 0);
    veth('a0', 'a1');
    ip('-6 addr add 2001:db8::10/64 dev a0 nodad');
    const near = unwrap(openPacket({ device: 'a0', etherType: 0x86dd }));
    const far = unwrap(openPacket({ device: 'a1', etherType: 0x86dd }));
    const answer = await within(() => {
      unwrap(far.send(neighbourSolicitation(far.mac, '2001:db8::10', 'fe80::99')));
      const frame = far.receive();
      const got = frame === undefined ? undefined : decodeNdp(frame);
      return got?.ok && got.value.kind === 'advertisement' && got.value.solicited ? got.value : undefined;
    });
    expect(answer).to.include({ target: '2001:db8::10', mac: near.mac });
    ip('-6 neigh replace 2001:db8::77 lladdr 02:00:00:00:00:01 dev a0 nud stale');
    unwrap(far.send(unsolicitedAdvertisement(far.mac, '2001:db8::77')));
    const kernel = unwrap(openRtnetlink());
    const learned = await within(() =>
      unwrap(kernel.neighbours()).find((each) => each.ip === '2001:db8::77' && each.mac === far.mac),
    );
    expect(learned).to.include({ mac: far.mac });
  });

  inNamespace(import.meta.url, 'are read many at a time, each with the time at which it came', () => {
    ip('link set lo up');
    const a = unwrap(openUdp({ family: 'ipv4', bind: '127.0.0.1', port: 5001 }));
    const b = unwrap(openUdp({ family: 'ipv4', bind: '127.0.0.1', port: 5002 }));
    unwrap(stampArrivals(b.fd));
    const batch = new UdpBatch(4, 5);
    expect(batch.receive(b.fd), 'nothing yet').to.equal(0);
    for (const text of ['one', 'two', 'much too long', '', 'five']) unwrap(a.send(bytes(text), '127.0.0.1', 5002));
    const set = new PollSet();
    set.wait(30);
    expect(batch.receive(b.fd, 1), 'as many as there are slots').to.equal(3);
    const texts = [1, 2, 3].map((slot) => Buffer.from(batch.bytes(slot)).toString());
    expect(texts, 'cut to what a slot holds').to.deep.equal(['one', 'two', 'much ']);
    const age = batch.ageMs(1, batch.wallMs());
    expect(age, 'it waited for 30 ms').to.be.greaterThan(29);
    expect(age).to.be.lessThan(5000);
    expect(batch.receive(b.fd)).to.equal(2);
    expect(batch.bytes(0).length, 'an empty one').to.equal(0);
    expect(Buffer.from(batch.bytes(1)).toString()).to.equal('five');
    expect(batch.receive(a.fd)).to.equal(0);
    expect(batch.receive(-1), 'no descriptor').to.equal(0);
  });

  inNamespace(import.meta.url, 'that nobody asked to stamp say no age', () => {
    ip('link set lo up');
    const a = unwrap(openUdp({ family: 'ipv4', bind: '127.0.0.1', port: 5001 }));
    unwrap(a.send(bytes('self'), '127.0.0.1', 5001));
    const batch = new UdpBatch(2, 16);
    new PollSet().wait(5);
    expect(batch.receive(a.fd)).to.equal(1);
    expect(batch.ageMs(0, batch.wallMs())).to.equal(0);
  });
});
