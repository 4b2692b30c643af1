import { unwrap } from '@softset/base';
import { openRoutes } from '@softset/netrack/adapters/routes.js';
import { createLogger } from '@softset/runtime/log.js';
import { expect } from 'chai';
import { inNamespace, ip, suite, until } from './relay-namespace.js';

const lines: string[] = [];
const log = createLogger({ component: 'netrackd', board: 'io-1', write: (line) => void lines.push(line) });
const ours = (): string[] =>
  ip('route show proto 213')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().replace(/ metric 50.*/, ''));
const route = (destination: string, via: string, device: string) => ({ destination, via, device });

function twoNetworks(): void {
  for (const [device, address] of [
    ['a0', '10.1.1.11/16'],
    ['b0', '20.1.1.11/16'],
  ] as const) {
    ip(`link add ${device} type veth peer name ${device}-switch`);
    ip(`link set ${device}-switch up`);
    ip(`link set ${device} up`);
    ip(`addr add ${address} dev ${device}`);
  }
}

suite('routes in the kernel', () => {
  inNamespace(import.meta.url, 'are what is wanted, and those of others are left alone', async () => {
    twoNetworks();
    ip('route add 198.51.100.0/24 via 10.1.1.254 metric 50');
    ip('route add 192.168.1.9/32 via 10.1.1.9 proto 213 metric 50');
    ip('route add 192.168.1.1/32 via 10.1.1.1 proto 213 metric 50');
    const routes = unwrap(openRoutes({ log }));
    expect(ours(), 'what an earlier life left stands until it is known what is wanted').to.have.lengthOf(2);
    expect(routes.apply([route('192.168.1.1/32', '10.1.1.1', 'a0')])).to.equal(0);
    expect(ours()).to.deep.equal(['192.168.1.1 via 10.1.1.1 dev a0']);
    expect(routes.stats().changed, 'one deleted, and one that was right left alone').to.equal(1);
    const byB = [route('10.1.1.1/32', '20.1.1.1', 'b0'), route('192.168.1.1/32', '20.1.1.1', 'b0')];
    expect(routes.apply(byB)).to.equal(0);
    expect(ours()).to.deep.equal(['10.1.1.1 via 20.1.1.1 dev b0', '192.168.1.1 via 20.1.1.1 dev b0']);
    expect(ip('route get 10.1.1.1')).to.contain('via 20.1.1.1 dev b0');
    routes.apply([]);
    expect(ours()).to.deep.equal([]);
    expect(ip('route show 198.51.100.0/24')).to.contain('via 10.1.1.254');
    routes.close();
  });

  inNamespace(import.meta.url, 'come back when they were deleted, or went down with their device', async () => {
    twoNetworks();
    const routes = unwrap(openRoutes({ log }));
    routes.apply([route('192.168.1.1/32', '20.1.1.1', 'b0')]);
    const there = (): boolean => ours().length === 1;
    ip('route del 192.168.1.1/32');
    await until('set again after a deletion', there, ours);
    expect(routes.stats().reasserted).to.equal(1);
    ip('link set b0 down');
    await until(
      'told that it cannot be set',
      () => routes.stats().failed > 0,
      () => routes.stats(),
    );
    expect(ours()).to.deep.equal([]);
    expect(routes.apply([route('192.168.1.1/32', '20.1.1.1', 'b0')])).to.equal(1);
    ip('link set b0 up');
    await until('set again when the device is up', there, ours);
    const told = lines.filter((line) => line.includes('route-refused'));
    expect(told.length, 'a lasting failure is told once').to.equal(1);
    routes.close();
    ip('route del 192.168.1.1/32');
    await new Promise((wake) => setTimeout(wake, 150));
    expect(ours(), 'a closed adapter does nothing more').to.deep.equal([]);
  });
});
