import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Ipv4, unwrap } from '@softset/base';
import { arpProbe, decodeArp, encodeArp } from '@softset/linux/arp.js';
import { neighbourSolicitation, unsolicitedAdvertisement } from '@softset/linux/ndp.js';
import { type Nft, openNft } from '@softset/linux/nft.js';
import { openPacket } from '@softset/linux/packet.js';
import { writeSysctl } from '@softset/linux/sysctl.js';
import { expect } from 'chai';
import { inNamespace, ip, microsecondsEach, suite, veth, within } from './namespace.js';

const held = '192.168.1.10';
const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
const renewal = (address: Ipv4, timeoutMs: number): string =>
  `delete element netdev softset held { ${address} }; add element netdev softset held { ${address} timeout ${timeoutMs}ms }`;

/** The lease table: what is for, from or about an address of `known` passes while it is in `held`. */
function leaseTable(nft: Nft, devices: readonly string[]): void {
  const chains = devices.flatMap((device) => [
    `chain in-${device} { type filter hook ingress device ${device} priority -500; policy accept;
       ip daddr @known ip daddr != @held drop
       arp operation request arp daddr ip @known arp daddr ip != @held drop
     }`,
    `chain out-${device} { type filter hook egress device ${device} priority -500; policy accept;
       ip saddr @known ip saddr != @held drop
       arp saddr ip @known arp saddr ip != @held drop
     }`,
  ]);
  unwrap(
    nft.run(`table netdev softset {
      set known { type ipv4_addr; }
      set held { type ipv4_addr; flags timeout; }
      ${chains.join('\n')}
    }
    add element netdev softset known { ${held} }`),
  );
}

suite('nftables', () => {
  inNamespace(import.meta.url, 'runs commands as one transaction, and says why it refused', () => {
    const nft = unwrap(openNft());
    unwrap(nft.run('add table inet a; add set inet a s { type ipv4_addr; }; add element inet a s { 10.0.0.1 }'));
    expect(unwrap(nft.run('list ruleset'))).to.contain('elements = { 10.0.0.1 }');
    const refused = nft.run('add element inet a s { 10.0.0.2 }; delete element inet a s { 10.0.0.9 }');
    expect(refused).to.include({ ok: false, code: 'NFT_REFUSED' });
    expect(refused.ok ? '' : refused.message)
      .to.contain('No such file or directory')
      .and.to.contain('10.0.0.9');
    expect(unwrap(nft.run('list set inet a s')), 'none of it happened').to.not.contain('10.0.0.2');
    expect(nft.run('no such command')).to.include({ code: 'NFT_REFUSED' });
    const listed = unwrap(nft.list('list set inet a s')) as { nftables: { set?: { elem: string[] } }[] };
    expect(listed.nftables.find((each) => each.set !== undefined)?.set?.elem).to.deep.equal(['10.0.0.1']);
    expect(unwrap(nft.run('list set inet a s')), 'text again after JSON').to.contain('table inet a {');
    expect(nft.list('add table inet b')).to.include({ code: 'NFT_OUTPUT_INVALID' });
    nft.close();
    nft.close();
    expect(nft.run('list ruleset')).to.include({ code: 'NFT_REFUSED', message: 'nft: closed' });
  });

  inNamespace(import.meta.url, 'a renewal fails when the lease ran out, and does not revive it (L3)', async () => {
    veth('a0', 'a1');
    const nft = unwrap(openNft());
    leaseTable(nft, ['a0']);
    const holds = (): boolean => unwrap(nft.run('list set netdev softset held')).includes(held);
    expect(nft.run(renewal(held, 230)), 'never granted').to.include({ code: 'NFT_REFUSED' });
    unwrap(nft.run(`add element netdev softset held { ${held} timeout 1s }`));
    for (let i = 0; i < 5; i++) {
      await sleep(300);
      unwrap(nft.run(renewal(held, 1000)));
    }
    expect(holds(), 'renewed over 1.5 s').to.equal(true);
    unwrap(nft.run(renewal(held, 30)));
    await sleep(60);
    expect(nft.run(renewal(held, 1000)), 'ran out').to.include({ code: 'NFT_REFUSED' });
    expect(holds()).to.equal(false);
  });

  inNamespace(
    import.meta.url,
    'lets IP and ARP of a public address through while its lease stands, in and out',
    async () => {
      veth('a0', 'a1');
      ip(`addr add ${held}/32 dev a0`);
      ip('addr add 10.1.1.1/16 dev a0');
      const nft = unwrap(openNft());
      leaseTable(nft, ['a0']);
      const near = unwrap(openPacket({ device: 'a0', etherType: 0x0806 }));
      const far = unwrap(openPacket({ device: 'a1', etherType: 0x0806 }));
      const answer = (address: Ipv4): Promise<string | undefined> => {
        unwrap(far.send(arpProbe(far.mac, address)));
        let asks = 0;
        return within(() => {
          const frame = far.receive();
          const arp = frame === undefined ? undefined : decodeArp(frame);
          if (arp?.ok && arp.value.operation === 'reply' && arp.value.senderIp === address) return arp.value.senderMac;
          return asks++ > 60 ? 'silent' : undefined;
        });
      };
      expect(await answer('10.1.1.1'), 'a private address is not our business').to.equal(near.mac);
      expect(await answer(held), 'no lease').to.equal('silent');
      unwrap(nft.run(`add element netdev softset held { ${held} timeout 5s }`));
      expect(await answer(held), 'held').to.equal(near.mac);
      const gratuitous = encodeArp({
        operation: 'request',
        senderMac: near.mac,
        senderIp: held,
        targetMac: '00:00:00:00:00:00',
        targetIp: held,
      });
      const announced = (): Promise<boolean | undefined> => {
        const sent = near.send(gratuitous);
        let asks = 0;
        return within(() => (far.receive() !== undefined ? true : !sent.ok || asks++ > 60 ? false : undefined));
      };
      expect(await announced(), 'announcement out').to.equal(true);
      unwrap(nft.run(`delete element netdev softset held { ${held} }`));
      expect(await announced(), 'announcement without a lease').to.equal(false);
      expect(await answer(held), 'let go').to.equal('silent');
    },
  );

  inNamespace(
    import.meta.url,
    'covers IPv6, NDP by its target and a moved MAC, on several devices by one chain',
    async () => {
      writeSysctl('net.ipv6.conf.default.disable_ipv6', 1); // The kernel itself keeps quiet on these wires.
      veth('a0', 'a1');
      veth('b0', 'b1');
      const nft = unwrap(openNft());
      const target = '0x20010db8000000000000000000000010';
      const moved = '02:00:5e:10:00:01';
      // nft 1.0.6 has no `icmpv6 taddr`: the target is bits 64 to 191 of the ICMPv6 message (RFC 4861 §4.3, §4.4).
      unwrap(
        nft.run(`table netdev softset {
        set known6 { type ipv6_addr; elements = { 2001:db8::10 }; }
        set held6 { type ipv6_addr; flags timeout; }
        set targets { typeof @th,64,128; elements = { ${target} }; }
        set held-targets { typeof @th,64,128; flags timeout; }
        set held-macs { type ether_addr; flags timeout; }
        chain out { type filter hook egress devices = { a0, b0 } priority -500; policy accept;
          ether saddr ${moved} ether saddr != @held-macs drop
          ip6 saddr @known6 ip6 saddr != @held6 drop
          icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } @th,64,128 @targets @th,64,128 != @held-targets drop
        }
      }`),
      );
      const wires = ['a', 'b'].map((name) => ({
        near: unwrap(openPacket({ device: `${name}0`, etherType: 0x86dd })),
        far: unwrap(openPacket({ device: `${name}1`, etherType: 0x86dd })),
      }));
      /** By each wire; what does not come within 60 ms was dropped. */
      const passes = async (frame: Uint8Array): Promise<boolean[]> => {
        const came: boolean[] = [];
        for (const { near, far } of wires) {
          near.send(frame);
          let asks = 0;
          came.push(
            (await within(() => (far.receive() !== undefined ? true : asks++ > 30 ? false : undefined))) === true,
          );
        }
        return came;
      };
      const passesAll = async (frames: readonly Uint8Array[]): Promise<boolean[][]> => {
        const all: boolean[][] = [];
        for (const frame of frames) all.push(await passes(frame));
        return all;
      };
      const mac = '02:00:0a:01:01:0b';
      const announcement = unsolicitedAdvertisement(mac, '2001:db8::10');
      // From another address of ours, so that the target alone can stop it.
      const question = neighbourSolicitation(mac, '2001:db8::10', 'fe80::1');
      const stranger = unsolicitedAdvertisement(mac, '2001:db8::11');
      const bare = unsolicitedAdvertisement(moved, '2001:db8::11');
      const grant = (set: string, element: string): void => {
        unwrap(nft.run(`add element netdev softset ${set} { ${element} timeout 5s }`));
      };
      expect(await passesAll([announcement, question, stranger, bare])).to.deep.equal([
        [false, false],
        [false, false],
        [true, true],
        [false, false],
      ]);
      grant('held6', '2001:db8::10');
      expect(await passes(announcement), 'its source is held, its target is not').to.deep.equal([false, false]);
      grant('held-targets', target);
      expect(await passesAll([announcement, question])).to.deep.equal([
        [true, true],
        [true, true],
      ]);
      expect(await passes(bare)).to.deep.equal([false, false]);
      grant('held-macs', moved);
      expect(await passes(bare)).to.deep.equal([true, true]);
      const renew = `delete element netdev softset held-targets { ${target} }; add element netdev softset held-targets { ${target} timeout 230ms }`;
      unwrap(nft.run(renew));
      await sleep(300);
      expect(nft.run(renew)).to.include({ code: 'NFT_REFUSED' });
      expect(await passes(announcement)).to.deep.equal([false, false]);
    },
  );

  inNamespace(import.meta.url, 'what a renewal costs', () => {
    veth('a0', 'a1');
    veth('b0', 'b1');
    const nft = unwrap(openNft());
    leaseTable(nft, ['a0', 'b0', 'lo']);
    const many = Array.from({ length: 16 }, (_, i) => `192.168.1.${10 + i}`);
    for (const each of many) unwrap(nft.run(`add element netdev softset held { ${each} timeout 10s }`));
    microsecondsEach('nft renewal of one address, of 16 held', 3000, () => unwrap(nft.run(renewal(held, 10_000))));
    const all = many.map((each) => renewal(each, 10_000)).join('; ');
    microsecondsEach('nft renewal of 16 addresses at once', 500, () => unwrap(nft.run(all)));
    microsecondsEach('nft renewal refused', 50, () => nft.run(renewal('10.9.9.9', 230)));
  });

  inNamespace(
    import.meta.url,
    'keeps the memory of this process',
    () => {
      const nft = unwrap(openNft());
      unwrap(nft.run('add table netdev softset; add set netdev softset held { type ipv4_addr; flags timeout; }'));
      unwrap(nft.run(`add element netdev softset held { ${held} timeout 10s }`));
      const turn = (times: number): number => {
        for (let i = 0; i < times; i++) {
          unwrap(nft.run(renewal(held, 10_000)));
          // Few, since the kernel takes milliseconds to undo a transaction.
          if (i % 100 === 0) nft.run('delete element netdev softset held { 10.9.9.9 }');
        }
        return process.memoryUsage.rss();
      };
      turn(2000);
      const before = turn(2000);
      const after = turn(8000);
      process.stderr.write(`nft, 8,000 transactions: ${((after - before) / 1024).toFixed(0)} KiB more\n`);
      expect(after - before).to.be.below(32 << 20);
    },
    'user',
  );

  if (process.env.SOFTSET_LINUX_SCENARIO === undefined) {
    const parts = ['nftables', 'mnl', 'nftnl', 'jansson', 'xtables', 'gmp', 'edit'];
    const found = `find /usr/lib /usr/lib/*-linux-gnu -maxdepth 1 ${parts.map((name) => `-name "lib${name}.so*"`).join(' -o ')}`;
    const hidden = `for f in $(${found}); do mount --bind /dev/null "$f"; done; exec "$1" --input-type=module -e "$2"`;
    const opening =
      "import { openNft } from '@softset/linux/nft.js'; const nft = openNft(); console.log(JSON.stringify(nft.ok ? nft.value.run('list ruleset') : nft));";
    /** Opens in a mount namespace where the libraries of the system are hidden after `first` was done. */
    const open = (first: string, folder: string): string => {
      const command = ['-Urnm', 'sh', '-c', `${first}; ${hidden}`, 'sh', process.execPath, opening];
      const run = spawnSync('unshare', command, {
        encoding: 'utf8',
        cwd: fileURLToPath(new URL('.', import.meta.url)),
        env: { ...process.env, SOFTSET_LIB_DIR: folder },
      });
      return run.stdout + run.stderr;
    };

    it('says what to install where the library is nowhere', function () {
      this.timeout(20_000);
      expect(open('true', '/nowhere')).to.contain('"NFT_UNAVAILABLE"').and.to.contain('nor in /nowhere: install');
    });

    it('finds the library and what it needs under SOFTSET_LIB_DIR', function () {
      this.timeout(20_000);
      const copy = `mount -t tmpfs none /mnt && cp -L $(${found}) /mnt/`;
      expect(open(copy, '/mnt')).to.contain('{"ok":true,"value":""}');
    });
  }
});
