import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { ip, pause, until } from './chassis.js';
import { client, rarp } from './clients.js';
import { scenario, suite } from './scenario.js';

const MAC = {
  one: '02:00:00:00:00:01',
  two: '02:00:00:00:00:02',
  three: '02:00:00:00:00:03',
  stranger: '02:00:00:00:00:99',
};

/** Slots 1 to 9 on each switch; T1 comes after 5 s. */
const section = (leaseSeconds = 10): string => `  leaseSeconds: ${leaseSeconds}
  quarantineSeconds: 1
  options: { bootFile: pxelinux.0 }
  ports:
    - { switch: switch-a, port: 'p{1-9}', name: 'slot-{}', addresses: ['10.1.2.{}'] }
    - { switch: switch-b, port: 'p{1-9}', name: 'slot-{}', addresses: ['20.1.2.{}'] }
`;

suite('an address belongs to a place: real clients, real switches', () => {
  scenario(import.meta.url, 'dhclient, udhcpc, dhcpcd and RARP get the address of their port', async (chassis) => {
    await chassis.agent('a');
    await chassis.agent('b');
    // udhcpc takes no lease for shorter than 16 s.
    await chassis.server(section(20));
    chassis.board('b1', MAC.one);
    chassis.board('b2', MAC.two);
    chassis.board('b3', MAC.three);
    chassis.plug('b1', 'a', 'p1');
    chassis.plug('b2', 'a', 'p2');
    chassis.plug('b3', 'b', 'p3');
    client(chassis, 'b1', 'dhclient');
    client(chassis, 'b2', 'udhcpc');
    client(chassis, 'b3', 'dhcpcd');
    await chassis.has('b1', '10.1.2.1');
    await chassis.has('b2', '10.1.2.2');
    await chassis.has('b3', '20.1.2.3', 40_000);
    expect(chassis.log('b2-udhcpc.log'), 'the boot file').to.contain('pxelinux.0');
    await until('udhcpc renews', () => chassis.log('b2-udhcpc.log').includes('renew 10.1.2.2') || undefined);
    expect(rarp(chassis, 'b1')).to.equal('10.1.2.1');
    const lines = (text: string): string[] => text.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
    expect(lines(chassis.softset('ports')).find((line) => line.startsWith('switch-a/p1 '))).to.match(
      /^switch-a\/p1 A slot-1 10\.1\.2\.1 02:00:00:00:00:01 \(/,
    );
    expect(lines(chassis.softset('leases'))).to.have.length(5);
    expect(lines(chassis.softset('locate', MAC.three))[0]).to.equal(`${MAC.three}: switch-b/p3, slot-3`);
    expect(chassis.softset('status')).to.match(
      /^answers: the only board of geodhcp.boards; 18 ports, 3 leases, 0 conflicts/,
    );
    expect(chassis.softset('conflicts')).to.contain('USED BY');
    expect(chassis.softset('learn')).to.contain(
      `{ switch: switch-a, port: "p2", name: "slot-2", addresses: [10.1.2.2] } # ${MAC.two}`,
    );
    chassis.softset('release', '10.1.2.2');
    expect(lines(chassis.softset('leases'))).to.have.length(4);
    const given = chassis.journal('given').find(({ fields }) => fields.mac === MAC.one);
    expect(JSON.stringify(given?.fields.evidence), 'the evidence').to.contain('port p1');
  });

  scenario(import.meta.url, 'a board is replaced: new MAC, same port, same address', async (chassis) => {
    await chassis.agent('a');
    await chassis.agent('b');
    await chassis.server(section());
    chassis.board('old', MAC.one);
    chassis.plug('old', 'a', 'p3');
    client(chassis, 'old', 'dhclient');
    await chassis.has('old', '10.1.2.3');
    // The night shift takes a moment; only then may the newcomer have it, for a device just given an address may be slow.
    await pause(10_500);
    chassis.unplug('old');
    chassis.board('new', MAC.two);
    chassis.plug('new', 'a', 'p3');
    client(chassis, 'new', 'udhcpc');
    await chassis.has('new', '10.1.2.3');
    expect(chassis.journal('replaced')[0]?.fields).to.include({ mac: MAC.two, before: MAC.one, ip: '10.1.2.3' });
  });

  scenario(import.meta.url, 'a board is moved: NAK at renewal, then the address of its new port', async (chassis) => {
    await chassis.agent('a');
    await chassis.agent('b');
    await chassis.server(section());
    chassis.board('b1', MAC.one);
    chassis.plug('b1', 'a', 'p1');
    client(chassis, 'b1', 'dhclient');
    await chassis.has('b1', '10.1.2.1');
    chassis.plug('b1', 'a', 'p4');
    await chassis.has('b1', '10.1.2.4', 40_000);
    expect(chassis.log('b1-dhclient.log')).to.contain('DHCPNAK');
    const leases = await chassis.ask('leases', {});
    expect(leases.ok && leases.value.leases.map(({ ip: address }) => address)).to.deep.equal(['10.1.2.4']);
    expect(chassis.journal('moved')[0]?.fields).to.include({ left: '10.1.2.1', ip: '10.1.2.4' });
  });

  scenario(
    import.meta.url,
    'behind a trunk: the far switch knows the port, and its network gives the address',
    async (chassis) => {
      chassis.trunk();
      await chassis.agent('a');
      await chassis.agent('b');
      await chassis.server(section());
      chassis.board('far', MAC.one);
      chassis.plug('far', 'b', 'p7');
      client(chassis, 'far', 'udhcpc');
      await chassis.has('far', '20.1.2.7');
      const found = await chassis.ask('locate', { mac: MAC.one });
      expect(found.ok && found.value).to.include({ outcome: 'port', switch: 'switch-b', port: 'p7', name: 'slot-7' });
      expect(found.ok && found.value.evidence.map(({ said }) => said)).to.have.members(['uplink trunk', 'port p7']);
    },
  );

  scenario(
    import.meta.url,
    'not learned yet, then learned: silence, and the client is served at its next try',
    async (chassis) => {
      await chassis.agent('a');
      await chassis.agent('b');
      chassis.overlay('a', { hidden: [MAC.one] });
      await chassis.server(section());
      chassis.board('b1', MAC.one);
      chassis.plug('b1', 'a', 'p1');
      client(chassis, 'b1', 'udhcpc');
      await until('it was not given', () => chassis.journal('not-given').length > 0 || undefined);
      expect(chassis.addresses('b1')).to.deep.equal([]);
      chassis.overlay('a', {});
      await chassis.has('b1', '10.1.2.1');
    },
  );

  scenario(import.meta.url, 'two ports for one MAC: never guessed', async (chassis) => {
    await chassis.agent('a');
    await chassis.agent('b');
    chassis.board('b1', MAC.one);
    chassis.board('b2', MAC.two);
    chassis.plug('b1', 'a', 'p1');
    chassis.plug('b2', 'a', 'p2');
    chassis.overlay('a', { placed: { [MAC.one]: ['p1', 'p2'] } });
    await chassis.server(section());
    client(chassis, 'b1', 'udhcpc');
    await until(
      'ambiguous',
      () => chassis.journal('not-given').some(({ fields }) => fields.why === 'ambiguous') || undefined,
    );
    expect(chassis.addresses('b1')).to.deep.equal([]);
    chassis.overlay('a', { fdbId: 17, onlyQ: true });
    await chassis.has('b1', '10.1.2.1');
  });

  scenario(
    import.meta.url,
    'a switch whose agent is down, lies or is slow: nobody loses an address',
    async (chassis) => {
      await chassis.agent('a');
      await chassis.agent('b');
      await chassis.server(section());
      chassis.board('b1', MAC.one);
      chassis.plug('b1', 'a', 'p1');
      client(chassis, 'b1', 'dhclient');
      await chassis.has('b1', '10.1.2.1');
      await chassis.agentDown('a');
      const acks = (): number => chassis.log('b1-dhclient.log').split('DHCPACK').length;
      const before = acks();
      // Longer than its lease: it renews twice, and no switch can be asked.
      await until('two renewals', () => acks() > before + 1 || undefined);
      const status = await chassis.ask('status', {});
      expect(status.ok && status.value.switches.find((one) => one.switch === 'switch-a')?.state).to.equal('down');
      expect(chassis.addresses('b1')).to.deep.equal(['10.1.2.1']);
      chassis.board('b3', MAC.three);
      chassis.plug('b3', 'a', 'p3');
      client(chassis, 'b3', 'udhcpc');
      expect(chassis.log('b1-dhclient.log')).to.not.contain('DHCPNAK');
      await chassis.agent('a');
      await chassis.has('b3', '10.1.2.3');
      for (const [overlay, why] of [
        [{ rows: { '.1.3.6.1.2.1.17.4.3.1.2.2.0.0.0.0.2': ['string', 'nonsense'] } }, 'unreachable'],
        [{ delayMs: 700 }, 'unreachable'],
      ] as const) {
        chassis.overlay('a', overlay);
        const found = await chassis.ask('locate', { mac: MAC.two });
        expect(found.ok && found.value.outcome, JSON.stringify(overlay)).to.equal(why);
        chassis.overlay('a', {});
        await pause(1500);
      }
    },
  );

  scenario(
    import.meta.url,
    'an address that a stranger uses is not given: by our probe, and by the client’s own',
    async (chassis) => {
      await chassis.agent('a');
      await chassis.agent('b');
      chassis.board('evil', MAC.stranger);
      chassis.plug('evil', 'a', 'p9');
      ip('-n evil addr add 10.1.2.1/16 dev eth0');
      const server = await chassis.server(section());
      chassis.board('b1', MAC.one);
      chassis.plug('b1', 'a', 'p1');
      client(chassis, 'b1', 'udhcpc');
      const conflict = await until('the conflict', async () => {
        const all = await chassis.ask('conflicts', {});
        return all.ok ? all.value.conflicts[0] : undefined;
      });
      expect(conflict).to.include({ ip: '10.1.2.1', place: 'switch-a/p1', by: MAC.stranger, where: 'switch-a/p9' });
      expect(chassis.addresses('b1')).to.deep.equal([]);
      ip('-n evil addr del 10.1.2.1/16 dev eth0');
      await chassis.has('b1', '10.1.2.1');

      server.kill('SIGKILL');
      await chassis.server(`  probeMs: 0\n${section()}`);
      chassis.board('b2', MAC.two);
      chassis.plug('b2', 'a', 'p2');
      ip('-n evil addr add 10.1.2.2/16 dev eth0');
      client(chassis, 'b2', 'udhcpc', ['-a']);
      await until(
        'the decline',
        () =>
          chassis.journal('address-in-use').some(({ fields }) => fields.where === `declined by ${MAC.two}`) ||
          undefined,
      );
      expect(chassis.addresses('b2')).to.deep.equal([]);
    },
  );

  scenario(
    import.meta.url,
    'killed, without its memory, with a full disk: the switches tell what it needs',
    async (chassis) => {
      await chassis.agent('a');
      await chassis.agent('b');
      const disk = `${chassis.folder}/disk`;
      chassis.exec('ccn', ['mkdir', '-p', disk]);
      const first = await chassis.server(section(), disk);
      chassis.board('b1', MAC.one);
      chassis.plug('b1', 'a', 'p1');
      client(chassis, 'b1', 'dhclient');
      await chassis.has('b1', '10.1.2.1');
      first.kill('SIGKILL');
      const second = await chassis.server(section(), disk);
      const kept = await chassis.ask('leases', {});
      expect(kept.ok && kept.value.leases.map(({ mac }) => mac), 'from disk').to.deep.equal([MAC.one]);
      second.kill('SIGKILL');
      // A new disk, of two pages, which somebody else fills.
      const small = `${chassis.folder}/small`;
      mkdirSync(small);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', small]);
      await chassis.server(section(), small);
      expect(() => writeFileSync(`${small}/rubbish`, Buffer.alloc(16_384))).to.throw('ENOSPC');
      const acks = (): number => chassis.log('b1-dhclient.log').split('DHCPACK').length;
      const before = acks();
      await until('two renewals', () => acks() > before + 1 || undefined, 40_000);
      const found = await chassis.ask('leases', {});
      expect(
        found.ok && found.value.leases.map(({ ip: address, mac }) => `${address} ${mac}`),
        'found again',
      ).to.deep.equal([`10.1.2.1 ${MAC.one}`]);
      expect(chassis.log('b1-dhclient.log')).to.not.contain('DHCPNAK');
      expect(chassis.log('geodhcpd.log')).to.contain('ENOSPC');
    },
  );

  scenario(
    import.meta.url,
    'a damaged lease file: found again by the wire and the switches, before the client says a word',
    async (chassis) => {
      await chassis.agent('a');
      const disk = `${chassis.folder}/state`;
      const first = await chassis.server(section(3600), disk);
      chassis.board('b1', MAC.one);
      chassis.plug('b1', 'a', 'p1');
      client(chassis, 'b1', 'dhclient');
      await chassis.has('b1', '10.1.2.1');
      first.kill('SIGKILL');
      writeFileSync(`${disk}/geodhcpd.leases`, 'rubbish');
      const told = chassis.log('b1-dhclient.log').split('DHCPREQUEST').length;
      await chassis.server(section(3600), disk);
      await until('the lease is found again', () => chassis.journal('found-again')[0]);
      const leases = await chassis.ask('leases', {});
      expect(leases.ok && leases.value.leases.map(({ ip: address, mac }) => `${address} ${mac}`)).to.deep.equal([
        `10.1.2.1 ${MAC.one}`,
      ]);
      expect(JSON.stringify(chassis.journal('found-again')[0]?.fields)).to.contain('port p1');
      expect(chassis.log('b1-dhclient.log').split('DHCPREQUEST').length, 'silent meanwhile').to.equal(told);
      expect(chassis.log('geodhcpd.log')).to.contain('leases-not-read');
    },
  );
});
