import { unwrap } from '@softset/base';
import { errnoFailure, errnoName } from '@softset/linux/errno.js';
import { PollSet } from '@softset/linux/fd.js';
import { decodeInetAddress, encodeInetAddress, encodeUnixAddress } from '@softset/linux/sockaddr.js';
import { readSysctl } from '@softset/linux/sysctl.js';
import { openUdp } from '@softset/linux/udp.js';
import { expect } from 'chai';
import fc from 'fast-check';

describe('errno', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('names numbers, of two names the one POSIX prefers', () => {
    expect([1, 11, 95, 111].map(errnoName)).to.deep.equal(['EPERM', 'EAGAIN', 'EOPNOTSUPP', 'ECONNREFUSED']);
    expect(errnoName(9999)).to.equal('ERRNO_9999');
  });

  it('says what was tried', () => {
    expect(errnoFailure('sched_setscheduler(SCHED_RR, 50)', 1)).to.deep.equal({
      ok: false,
      code: 'EPERM',
      message: 'sched_setscheduler(SCHED_RR, 50): EPERM, operation not permitted',
    });
  });
});

describe('socket addresses', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('are laid out as the kernel reads them (ip(7), ipv6(7), unix(7))', () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect(hex(unwrap(encodeInetAddress('10.1.1.2', 5001)))).to.equal('020013890a0101020000000000000000');
    expect(hex(unwrap(encodeInetAddress('fe80::1', 5001, 3)))).to.equal(
      `0a00138900000000fe80000000000000000000000000000103000000`,
    );
    expect(hex(unwrap(encodeUnixAddress('/a')))).to.equal('01002f6100');
    expect(hex(unwrap(encodeUnixAddress('@a')))).to.equal('01000061');
    expect(encodeUnixAddress(`/${'x'.repeat(107)}`)).to.include({ ok: false, code: 'ENAMETOOLONG' });
    expect(encodeUnixAddress('')).to.include({ ok: false });
  });

  it('are read back, and odd ones are undefined', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(65_535), (ip, port) => {
        expect(decodeInetAddress(unwrap(encodeInetAddress(ip, port)))).to.deep.equal({ ip, port });
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (any) => {
        const family = (any[0] ?? 0) | ((any[1] ?? 0) << 8);
        if (family !== 2 && family !== 10) expect(decodeInetAddress(any)).to.equal(undefined);
      }),
    );
  });
});

describe('a poll set', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  const sockets = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(() =>
    unwrap(openUdp({ family: 'ipv4', bind: '127.0.0.1', port: 0 })),
  );
  after(() => {
    for (const socket of sockets) socket.close();
  });

  it('grows, forgets, and finds nobody ready', () => {
    const set = new PollSet();
    for (const { fd } of sockets) set.add(fd);
    for (const { fd } of sockets) set.add(fd);
    expect(set.size).to.equal(10);
    expect([...set.wait(0.2)]).to.deep.equal([]);
    for (const { fd } of sockets.slice(0, 9)) set.remove(fd);
    set.remove(-5);
    expect(set.size).to.equal(1);
    expect([...set.wait(Number.NaN)]).to.deep.equal([]);
  });

  it('waits at least as long as it was told to, and to a fraction of a millisecond', () => {
    const set = new PollSet();
    const from = process.hrtime.bigint();
    set.wait(1.5);
    expect(Number(process.hrtime.bigint() - from)).to.be.at.least(1.5e6);
  });

  it('reports a writable descriptor when asked for it, and one that is not open', () => {
    const set = new PollSet();
    const fd = sockets[0]?.fd ?? -1;
    set.add(fd, 4);
    set.add(1023);
    expect([...set.wait(100)]).to.deep.equal([fd, 1023]);
    expect(set.found(fd)).to.equal(4);
    expect(set.found(1023)).to.equal(32);
    expect(set.found(77)).to.equal(0);
  });
});

describe('sysctl', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('reads a setting by either way of writing its key', () => {
    expect(unwrap(readSysctl('kernel.ostype'))).to.equal('Linux');
    expect(unwrap(readSysctl('kernel/ostype'))).to.equal('Linux');
  });

  it('refuses what is no key, and names what is not there', () => {
    for (const key of ['', 'kernel', '../../etc/passwd', 'kernel/../kernel/ostype', 'a b.c', '/etc/passwd']) {
      expect(readSysctl(key), key).to.include({ ok: false, code: 'SYSCTL_INVALID' });
    }
    expect(readSysctl('kernel.nothing_of_this_name')).to.include({ ok: false, code: 'ENOENT' });
  });
});
