import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { unwrap } from '@softset/base';
import { decodeNdp, neighbourSolicitation } from '@softset/linux/ndp.js';
import { ETH_P_IPV6, openPacket } from '@softset/linux/packet.js';
import { LeaseTable } from '@softset/netrack/adapters/lease-table.js';
import { expect } from 'chai';
import { inNamespace, ip, suite, until } from './relay-namespace.js';

/** Connects to where nobody listens: `refused` is a kernel's own answer, from whoever has the address. */
const ASK = `
const one = require('node:net').connect(9, process.argv[1]);
const say = (word) => process.stdout.write(word, () => process.exit(0));
one.on('error', ({ code }) => say(code === 'ECONNREFUSED' ? 'refused' : 'silent'));
setTimeout(() => say('silent'), 900);
`;
const nowMs = () => performance.now();
const own = { name: 'own', addresses: ['192.168.1.2', '2001:db8::2'] };
const others = { name: 'others', addresses: ['192.168.1.1', '2001:db8::1'] };
const grant = { term: 1, n: 1 };
const MOVED = '02:5f:00:00:00:01';

/** Its next neighbour on network A, in a namespace that ends with this process's. */
class Neighbour {
  readonly #shell: ChildProcess;

  private constructor(shell: ChildProcess) {
    this.#shell = shell;
  }

  static async wire(): Promise<Neighbour> {
    const shell = spawn('unshare', ['-n', 'sh', '-c', `${NO_DAD}; echo here; exec sleep 60`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((here) => shell.stdout.once('data', here));
    execFileSync('sh', ['-c', NO_DAD]);
    const neighbour = new Neighbour(shell);
    ip(`link add a0 address 02:00:0a:01:01:0b type veth peer name a0 netns ${shell.pid}`);
    ip('link add b0 type veth peer name b0-switch');
    for (const device of ['lo', 'a0', 'b0', 'b0-switch']) ip(`link set ${device} up`);
    for (const address of ['10.1.1.11/16', '2001:db8::11/64']) ip(`addr add ${address} dev a0`);
    ip('route add 192.168.1.0/24 dev a0 src 10.1.1.11');
    neighbour.ip('link set lo up');
    neighbour.ip('link set a0 up');
    for (const address of ['10.1.1.1/16', '2001:db8::c/64']) neighbour.ip(`addr add ${address} dev a0`);
    neighbour.ip('route add 192.168.1.0/24 dev a0 src 10.1.1.1');
    return neighbour;
  }

  ip(command: string): string {
    return ip(command, this.#shell.pid);
  }

  /** What it hears of this address. */
  asks(address: string): string {
    const inside = ['nsenter', '-t', `${this.#shell.pid}`, '-n', process.execPath, '-e', ASK, address];
    return execFileSync('env', inside, { encoding: 'utf8' });
  }

  end(): void {
    this.#shell.kill('SIGKILL');
  }
}

const NO_DAD = `for f in all default; do echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad; for s in arp_ignore=1 arp_announce=2 rp_filter=2; do echo \${s#*=} > /proc/sys/net/ipv4/conf/$f/\${s%=*}; done; done`;

const asksHere = (address: string): string =>
  execFileSync(process.execPath, ['-e', ASK, address], { encoding: 'utf8' });

const nft = (commands: string): string => execFileSync('nft', [commands], { encoding: 'utf8' });
/** What stands in a set of ours. */
const elementsOf = (set: string): string =>
  /elements = \{([^}]*)\}/.exec(nft(`list set netdev softset ${set}`))?.[1]?.trim() ?? '';

function table(mac?: string): LeaseTable {
  const services = [own, others].map(({ name, addresses }, index) => ({
    name,
    index,
    ...(mac !== undefined && name === 'own' ? { mac } : {}),
    addresses: addresses.map((address) => ({ ip: address, length: address.includes(':') ? 128 : 32 })),
  }));
  const devices = { A: 'a0', B: 'b0' };
  return unwrap(LeaseTable.open(devices, services, nowMs));
}

suite('the lease table', () => {
  inNamespace(import.meta.url, 'lets a board reach what another board holds, by IPv4 and IPv6', async () => {
    const neighbour = await Neighbour.wire();
    for (const address of ['192.168.1.1/32', '2001:db8::1/128']) neighbour.ip(`addr add ${address} dev a0`);
    const leases = table();
    expect(others.addresses.map(asksHere)).to.deep.equal(['refused', 'refused']);
    // M6: whoever is to take an address asks first, from no address at all.
    const ndp = unwrap(openPacket({ device: 'a0', etherType: ETH_P_IPV6 }));
    unwrap(ndp.send(neighbourSolicitation(ndp.mac, '2001:db8::1')));
    await until('it is told who has it', () => {
      const frame = ndp.receive();
      const told = frame && decodeNdp(frame);
      return told?.ok === true && told.value.kind === 'advertisement' && told.value.target === '2001:db8::1';
    });
    ndp.close();
    leases.close();
    neighbour.end();
  });

  inNamespace(import.meta.url, 'a rehearsal ends no lease, whatever addresses are served', async () => {
    const neighbour = await Neighbour.wire();
    const addresses = ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'];
    const services = [
      { name: 'documented', addresses: addresses.map((ip) => ({ ip, length: ip.includes(':') ? 128 : 32 })) },
    ];
    const leases = unwrap(LeaseTable.open({ A: 'a0', B: 'b0' }, services, nowMs));
    const lease = { service: 'documented', network: 'A', grant, untilMs: nowMs() + 25_000 } as const;
    unwrap(leases.create(lease));
    const stand = (): number => ip('-o addr show dev a0').match(/(192\.0\.2\.|2001:db8::)[12]\/(32|128)/g)?.length ?? 0;
    expect(stand()).to.equal(4);
    for (let i = 0; i < 3; i++) leases.rehearse();
    unwrap(leases.renew({ ...lease, untilMs: nowMs() + 26_000 }, false));
    expect(stand()).to.equal(4);
    leases.close();
    neighbour.end();
  });

  inNamespace(
    import.meta.url,
    'puts addresses on a device with the MAC that moves with them, and keeps its own',
    async () => {
      const neighbour = await Neighbour.wire();
      const leases = table(MOVED);
      const stand = (device: string): string[] =>
        ip(`-o addr show dev ${device}`).match(/[0-9a-f.:]+(?=\/(32|128))/g) ?? [];
      const hears = (): string => own.addresses.map((address) => neighbour.asks(address)).join();
      const knows = (): string[] => own.addresses.map((address) => neighbour.ip(`neigh show ${address}`));
      expect(stand('a-025f00000001')).to.deep.equal([]);
      const lease = { service: 'own', network: 'A', grant, untilMs: nowMs() + 25_000 } as const;
      unwrap(leases.create(lease));
      expect(hears()).to.equal('refused,refused');
      for (const entry of knows()) expect(entry).to.include(MOVED);
      expect(neighbour.asks('10.1.1.11'), 'the private address').to.equal('refused');
      expect(neighbour.ip('neigh show 10.1.1.11')).to.include('02:00:0a:01:01:0b').and.not.include(MOVED);
      unwrap(leases.rehome({ ...lease, network: 'B' }, 'A'));
      expect(stand('a-025f00000001')).to.deep.equal([]);
      expect(stand('b-025f00000001')).to.deep.equal(own.addresses);
      unwrap(leases.rehome(lease, 'B'));
      ip('link delete a-025f00000001');
      unwrap(leases.renew({ ...lease, untilMs: nowMs() + 26_000 }, false));
      expect(hears(), 'by a device that somebody took away, made again').to.equal('refused,refused');
      // A pulse that comes back finds the device as its forerunner left it.
      const back = table(MOVED);
      expect(unwrap(back.inherit([lease]))).to.have.length(1);
      expect(hears(), 'by a device that nobody touched').to.equal('refused,refused');
      unwrap(back.remove(lease));
      expect(stand('a-025f00000001')).to.deep.equal([]);
      expect(hears()).to.equal('silent,silent');
      table();
      expect(ip('-o link show')).to.not.include(MOVED);
      neighbour.end();
    },
  );

  inNamespace(import.meta.url, 'a MAC without a lease neither leaves this board nor comes in (L7)', async () => {
    const neighbour = await Neighbour.wire();
    execFileSync('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    const forwarding = (): string =>
      execFileSync('cat', ['/proc/sys/net/ipv4/conf/a-025f00000001/forwarding'], { encoding: 'utf8' }).trim();
    const leases = table(MOVED);
    const lease = { service: 'own', network: 'A', grant, untilMs: nowMs() + 1500 } as const;
    unwrap(leases.create(lease));
    expect(neighbour.asks('192.168.1.2')).to.equal('refused');
    // Nobody is left to renew it, nor to take its device down: the kernel alone is to keep it silent.
    leases.close();
    await sleep(2000);
    ip('addr add 198.51.100.7/24 dev a-025f00000001');
    neighbour.ip('addr add 198.51.100.8/24 dev a0');
    expect(ip('-o link show a-025f00000001')).to.include('UP');
    expect(forwarding(), 'what comes by it is passed on to nobody').to.equal('0');
    expect(neighbour.asks('198.51.100.7'), 'an address that no rule names, on the device of a moved MAC').to.equal(
      'silent',
    );
    neighbour.end();
  });

  inNamespace(import.meta.url, 'answers for what is leased alone, by IPv4 and IPv6 (L7)', async () => {
    const neighbour = await Neighbour.wire();
    const leases = table();
    const hears = (): string => own.addresses.map((address) => neighbour.asks(address)).join();
    for (const address of ['192.168.1.2/32', '2001:db8::2/128']) ip(`addr add ${address} dev a0 noprefixroute`);
    expect(hears(), 'an address without a lease').to.equal('silent,silent');
    neighbour.ip('neigh flush all');
    const lease = { service: 'own', network: 'A', grant, untilMs: nowMs() + 20_000 } as const;
    unwrap(leases.create(lease));
    expect(hears()).to.equal('refused,refused');
    unwrap(leases.remove(lease));
    for (const address of ['192.168.1.2/32', '2001:db8::2/128']) ip(`addr add ${address} dev a0 noprefixroute`);
    expect(hears(), 'known to the neighbour, and leased no more').to.equal('silent,silent');
    neighbour.ip('neigh flush all');
    expect(hears(), 'forgotten by the neighbour').to.equal('silent,silent');
    leases.close();
    neighbour.end();
  });

  inNamespace(import.meta.url, 'a release is told as done only where nothing stands any more (M2)', async () => {
    const neighbour = await Neighbour.wire();
    const leases = table(MOVED);
    const lease = { service: 'own', network: 'A', grant, untilMs: nowMs() + 400 } as const;
    const stand = (): string => ['lease4', 'lease6', 'leased-target6', 'lease-mac'].map(elementsOf).join('');
    unwrap(leases.create(lease));
    expect(stand()).to.not.equal('');
    unwrap(leases.remove(lease));
    expect(stand(), 'gone').to.equal('');
    unwrap(leases.remove(lease));
    unwrap(leases.create({ ...lease, untilMs: nowMs() + 300 }));
    await sleep(600);
    unwrap(leases.remove(lease));
    nft('flush ruleset');
    unwrap(leases.remove(lease));
    expect(nft('list ruleset'), 'the rules are back').to.include('ingress_a0').and.include('egress_b0');
    unwrap(leases.create({ ...lease, untilMs: nowMs() + 5000 }));
    nft('flush ruleset; add table netdev softset; add set netdev softset lease4 { type inet_service; }');
    expect(leases.remove(lease)).to.include({ ok: false, code: 'NFT_REFUSED' });
    expect(leases.inherit([]), 'nor does a pulse start that does not know').to.include({ ok: false });
    leases.close();
    neighbour.end();
  });

  inNamespace(import.meta.url, 'a pulse that comes back ends what it does not hold, all of it at once', async () => {
    const neighbour = await Neighbour.wire();
    const leases = table(MOVED);
    const untilMs = nowMs() + 20_000;
    for (const service of ['own', 'others']) unwrap(leases.create({ service, network: 'A', grant, untilMs }));
    leases.close();
    const back = table(MOVED);
    // Its MAC's element is gone already: that must not keep the others' from going.
    nft('flush set netdev softset lease-mac');
    const others = { service: 'others', network: 'A', grant, untilMs } as const;
    expect(unwrap(back.inherit([others]))).to.deep.equal([others]);
    expect(elementsOf('lease4')).to.include('192.168.1.1').and.not.include('192.168.1.2');
    expect(elementsOf('leased-target6').match(/0x|::/g) ?? []).to.have.length(1);
    back.close();
    neighbour.end();
  });
});
