import { unwrap } from '@softset/base';
import { pollFds } from '@softset/linux/fd.js';
import { openRtnetlink } from '@softset/linux/rtnetlink.js';
import { openRouteMonitor, type RouteEvent } from '@softset/linux/rtnetlink-monitor.js';
import { writeSysctl } from '@softset/linux/sysctl.js';
import { expect } from 'chai';
import { inNamespace, ip, microsecondsEach, suite, veth, within } from './namespace.js';

suite('rtnetlink', () => {
  inNamespace(import.meta.url, 'lists links as ip does, and switches them', () => {
    ip('link add a0 type veth peer name a1');
    const kernel = unwrap(openRtnetlink());
    const link = (name: string) => unwrap(kernel.links()).find((each) => each.name === name);
    expect(link('a0')).to.include({ up: false, carrier: false, mtu: 1500, kind: 'veth', parent: link('a1')?.index });
    expect(ip('-o link show a0')).to.contain(link('a0')?.mac);
    unwrap(kernel.setLinkUp('a0', true));
    expect(link('a0'), 'the other end is down').to.include({ up: true, carrier: false });
    unwrap(kernel.setLinkUp('a1', true));
    expect(link('a0')).to.include({ up: true, carrier: true });
    unwrap(kernel.setLinkUp('a1', false));
    expect(link('a0')).to.include({ up: true, carrier: false });
    expect(kernel.setLinkUp('nowhere0', true)).to.include({ ok: false, code: 'ENODEV' });
    kernel.close();
  });

  inNamespace(import.meta.url, 'makes a macvlan with the MAC that moves, and deletes it', () => {
    veth('a0', 'a1');
    const kernel = unwrap(openRtnetlink());
    const macvlan = { name: 'pub0', parent: 'a0', mac: '02:00:5e:10:00:01', mode: 'private' } as const;
    unwrap(kernel.addMacvlan(macvlan));
    expect(ip('-d -o link show pub0')).to.contain('02:00:5e:10:00:01').and.to.contain('macvlan mode private');
    expect(unwrap(kernel.links()).find((each) => each.name === 'pub0')).to.include({
      kind: 'macvlan',
      mac: macvlan.mac,
    });
    expect(kernel.addMacvlan(macvlan)).to.include({ code: 'EEXIST' });
    expect(kernel.addMacvlan({ ...macvlan, name: 'a name' })).to.include({ code: 'EINVAL' });
    expect(kernel.addMacvlan({ ...macvlan, name: 'pub1', mac: 'x' })).to.include({ code: 'ADDRESS_INVALID' });
    unwrap(kernel.deleteLink('pub0'));
    expect(unwrap(kernel.links()).some((each) => each.name === 'pub0')).to.equal(false);
    expect(kernel.deleteLink('pub0')).to.include({ code: 'ENODEV' });
  });

  inNamespace(import.meta.url, 'adds, renews and deletes addresses of both families', () => {
    veth('a0', 'a1');
    const kernel = unwrap(openRtnetlink());
    for (const [address, prefixLength] of [
      ['192.168.1.10', 32],
      ['2001:db8::10', 128],
    ] as const) {
      const name = { device: 'a0', ip: address, prefixLength };
      const find = () => unwrap(kernel.addresses()).find((each) => each.ip === address);
      unwrap(kernel.addAddress({ ...name, validSeconds: 30, noPrefixRoute: true, noDad: true }));
      expect(find()).to.include({ ip: address, prefixLength, tentative: false, dadFailed: false });
      expect(find()?.validSeconds).to.be.within(28, 30);
      expect(ip('addr show a0')).to.match(new RegExp(`${address}/${prefixLength} .*noprefixroute`));
      expect(kernel.addAddress(name)).to.include({ code: 'EEXIST' });
      unwrap(kernel.addAddress({ ...name, validSeconds: 90, replace: true, noPrefixRoute: true, noDad: true }));
      expect(find()?.validSeconds).to.be.within(88, 90);
      unwrap(kernel.addAddress({ ...name, replace: true, noDad: true }));
      expect(find()).to.not.have.property('validSeconds');
      unwrap(kernel.deleteAddress(name));
      expect(find()).to.equal(undefined);
      expect(kernel.deleteAddress(name)).to.include({ code: 'EADDRNOTAVAIL' });
    }
    expect(kernel.addAddress({ device: 'nowhere0', ip: '10.0.0.1', prefixLength: 32 })).to.include({ code: 'ENODEV' });
    expect(kernel.addAddress({ device: 'a0', ip: '10.0.0.1', prefixLength: 33 })).to.include({ code: 'EINVAL' });
    expect(kernel.addAddress({ device: 'a0', ip: '10.0.0', prefixLength: 8 })).to.include({ code: 'ADDRESS_INVALID' });
    expect(kernel.addAddress({ device: 'a0', ip: '10.0.0.1', prefixLength: 8, validSeconds: 0.5 })).to.include({
      code: 'EINVAL',
    });
  });

  inNamespace(import.meta.url, 'an address with a lifetime is deleted by the kernel', async () => {
    veth('a0', 'a1');
    const kernel = unwrap(openRtnetlink());
    const name = { device: 'a0', ip: '192.168.1.10', prefixLength: 32 };
    unwrap(kernel.addAddress({ ...name, validSeconds: 1 }));
    expect(unwrap(kernel.addresses()).map((each) => each.ip)).to.contain(name.ip);
    const gone = (): true | undefined =>
      unwrap(kernel.addresses()).some((each) => each.ip === name.ip) ? undefined : true;
    // The kernel looks after lifetimes in rounds, up to a second late.
    expect((await within(gone)) ?? (await within(gone))).to.equal(true);
  });

  inNamespace(import.meta.url, 'replaces and deletes routes', () => {
    veth('a0', 'a1');
    veth('b0', 'b1');
    ip('addr add 10.1.1.1/16 dev a0');
    ip('addr add 20.1.1.1/16 dev b0');
    ip('addr add 2001:db8::1/64 dev a0 nodad');
    const kernel = unwrap(openRtnetlink());
    const find = (destination: string) =>
      unwrap(kernel.routes())
        .filter((each) => each.destination === destination && each.table === 254)
        .map(({ via, metric, protocol, source }) => ({ via, metric, protocol, source }));
    const peer = { destination: '192.168.1.10', metric: 20, protocol: 77 };
    unwrap(kernel.replaceRoute({ ...peer, via: '10.1.1.2', device: 'a0', source: '10.1.1.1' }));
    expect(find('192.168.1.10/32')).to.deep.equal([{ via: '10.1.1.2', metric: 20, protocol: 77, source: '10.1.1.1' }]);
    unwrap(kernel.replaceRoute({ ...peer, via: '20.1.1.2' }));
    expect(find('192.168.1.10/32')).to.deep.equal([{ via: '20.1.1.2', metric: 20, protocol: 77, source: undefined }]);
    expect(ip('route get 192.168.1.10')).to.contain('via 20.1.1.2 dev b0');
    expect(kernel.deleteRoute({ destination: '192.168.1.10', protocol: 78 })).to.include({ code: 'ESRCH' });
    unwrap(kernel.deleteRoute({ destination: '192.168.1.10', protocol: 77 }));
    expect(find('192.168.1.10/32')).to.deep.equal([]);

    unwrap(kernel.replaceRoute({ destination: 'default', via: '10.1.1.254', metric: 200 }));
    unwrap(kernel.replaceRoute({ destination: 'default', via: '20.1.1.254', metric: 300 }));
    expect(find('0.0.0.0/0').map((each) => each.metric)).to.deep.equal([200, 300]);
    unwrap(kernel.replaceRoute({ destination: '10.9.0.0/16', device: 'b0' }));
    expect(ip('route get 10.9.1.1')).to.contain('dev b0');
    unwrap(kernel.replaceRoute({ destination: '10.8.0.0/16', device: 'b0', table: 1000 }));
    expect(ip('route show table 1000')).to.contain('10.8.0.0/16 dev b0');

    unwrap(kernel.replaceRoute({ destination: 'default', via: '2001:db8::2', metric: 5 }));
    expect(find('::/0')).to.deep.equal([{ via: '2001:db8::2', metric: 5, protocol: 4, source: undefined }]);
    unwrap(kernel.deleteRoute({ destination: 'default', via: '2001:db8::2' }));
    expect(find('::/0')).to.deep.equal([]);

    const refused = kernel.replaceRoute({ destination: '10.7.0.1', via: '172.31.0.1' });
    expect(refused).to.include({ ok: false, code: 'ENETUNREACH' });
    expect(refused.ok ? '' : refused.message).to.contain('replace route to 10.7.0.1 via 172.31.0.1: ENETUNREACH');
    expect(kernel.replaceRoute({ destination: '10.7.0.1/40', device: 'a0' })).to.include({ code: 'ADDRESS_INVALID' });
  });

  inNamespace(import.meta.url, 'lists neighbours and forgets one', () => {
    veth('a0', 'a1');
    ip('addr add 10.1.1.1/16 dev a0');
    ip('neigh add 10.1.1.2 lladdr 02:00:0a:01:01:02 dev a0 nud reachable');
    const kernel = unwrap(openRtnetlink());
    const find = () => unwrap(kernel.neighbours()).find((each) => each.ip === '10.1.1.2');
    expect(find()).to.include({ mac: '02:00:0a:01:01:02', state: 'reachable' });
    unwrap(kernel.deleteNeighbour({ device: 'a0', ip: '10.1.1.2' }));
    expect([undefined, 'failed']).to.contain(find()?.state);
    expect(kernel.deleteNeighbour({ device: 'a0', ip: '10.1.1.99' })).to.include({ code: 'ENOENT' });
  });

  inNamespace(import.meta.url, 'reads long lists whole', () => {
    veth('a0', 'a1');
    const kernel = unwrap(openRtnetlink());
    const count = 2000;
    for (let i = 0; i < count; i++) {
      unwrap(kernel.replaceRoute({ destination: `10.${i >> 8}.${i & 255}.1`, device: 'a0', protocol: 77 }));
    }
    expect(unwrap(kernel.routes()).filter((each) => each.protocol === 77).length).to.equal(count);
  });

  inNamespace(import.meta.url, 'tells what changed, and who lost the wire', () => {
    veth('a0', 'a1');
    writeSysctl('net.ipv6.conf.a0.disable_ipv6', 1);
    const monitor = unwrap(openRouteMonitor(['link', 'ipv4-address', 'ipv4-route']));
    const kernel = unwrap(openRtnetlink());
    const seen: RouteEvent[] = [];
    const waitFor = (want: (event: RouteEvent) => boolean): RouteEvent | undefined => {
      for (let waits = 0; waits < 100; waits++) {
        seen.push(...monitor.read());
        const found = seen.findIndex(want);
        if (found >= 0) return seen.splice(0, found + 1).at(-1);
        pollFds([{ fd: monitor.fd, events: 1 }], 20);
      }
      return undefined;
    };
    unwrap(kernel.setLinkUp('a1', false));
    expect(
      waitFor((e) => e.kind === 'link' && e.link.name === 'a0' && !e.link.carrier),
      'carrier',
    ).to.not.equal(undefined);
    unwrap(kernel.setLinkUp('a1', true));
    expect(
      waitFor((e) => e.kind === 'link' && e.link.name === 'a0' && e.link.carrier),
      'back',
    ).to.not.equal(undefined);
    unwrap(kernel.addAddress({ device: 'a0', ip: '192.168.1.10', prefixLength: 24 }));
    expect(waitFor((e) => e.kind === 'address' && !e.deleted && e.address.ip === '192.168.1.10')).to.not.equal(
      undefined,
    );
    expect(waitFor((e) => e.kind === 'route' && !e.deleted && e.route.destination === '192.168.1.0/24')).to.not.equal(
      undefined,
    );
    unwrap(kernel.deleteAddress({ device: 'a0', ip: '192.168.1.10', prefixLength: 24 }));
    expect(waitFor((e) => e.kind === 'address' && e.deleted && e.address.ip === '192.168.1.10')).to.not.equal(
      undefined,
    );
    unwrap(kernel.deleteLink('a0'));
    expect(waitFor((e) => e.kind === 'link' && e.deleted && e.link.name === 'a0')).to.not.equal(undefined);
    monitor.close();
  });

  inNamespace(import.meta.url, 'says so when notifications were lost', () => {
    veth('a0', 'a1');
    const monitor = unwrap(openRouteMonitor(['ipv4-route']));
    const kernel = unwrap(openRtnetlink());
    let overrun = false;
    for (let i = 0; i < 60_000 && !overrun; i++) {
      kernel.replaceRoute({ destination: `10.0.${i & 255}.1`, device: 'a0', protocol: 1 + ((i >> 8) & 127) });
      // Only looking at the end would do, but would take as long as the largest buffer allows.
      if (i % 10_000 === 9_999) overrun = monitor.read().some((event) => event.kind === 'overrun');
    }
    expect(overrun).to.equal(true);
  });

  inNamespace(import.meta.url, 'what it costs', () => {
    veth('a0', 'a1');
    const kernel = unwrap(openRtnetlink());
    const name = { device: 'a0', ip: '192.168.1.10', prefixLength: 32, noPrefixRoute: true };
    microsecondsEach('addAddress + deleteAddress', 2000, () => {
      unwrap(kernel.addAddress(name));
      unwrap(kernel.deleteAddress(name));
    });
    unwrap(kernel.addAddress(name));
    microsecondsEach('addAddress, renewal of a lifetime', 2000, () => {
      unwrap(kernel.addAddress({ ...name, validSeconds: 1, replace: true }));
    });
    microsecondsEach('replaceRoute', 2000, (i) => {
      unwrap(kernel.replaceRoute({ destination: '10.1.1.7', device: 'a0', protocol: 5 + (i & 1) }));
    });
    microsecondsEach('links', 500, () => unwrap(kernel.links()));
  });
});
