import { type ArpPacket, decodeArp } from '@softset/linux/arp.js';
import { decodeNdp } from '@softset/linux/ndp.js';
import type { Cluster } from '@softset/protocol';
import { Neighbourhood } from '@softset/redirect/adapters/neighbourhood.js';
import { expect } from 'chai';
import { cluster } from '../fixture.js';
import { inNamespace, ip, Peer, suite, within } from './namespace.js';

/** Boards 1 (the peer) and 2 (ourselves), and a service with an IPv4 and an IPv6 address. */
function two(): Cluster {
  const all = cluster();
  const [media] = all.services;
  if (media === undefined) throw new Error('the fixture has services');
  const addresses = [...media.addresses, { ip: '2001:db8::1', length: 128 }];
  return { ...all, boards: all.boards.slice(0, 2), services: [{ ...media, addresses }] };
}

const PUBLIC = '192.168.1.1';
const PUBLIC_V6 = '2001:db8::1';

async function meet(body: (neighbourhood: Neighbourhood, peer: Peer, said: string[]) => Promise<void>): Promise<void> {
  const peer = await Peer.make();
  const said: string[] = [];
  const config = two();
  const own = config.boards[1];
  if (own === undefined) throw new Error('the fixture has two boards');
  const neighbourhood = new Neighbourhood(config, own, (code) => said.push(code));
  neighbourhood.refresh();
  try {
    await body(neighbourhood, peer, said);
  } finally {
    neighbourhood.close();
    peer.close();
  }
}

const arps = (frames: readonly string[]): ArpPacket[] =>
  frames.flatMap((frame) => {
    const arp = decodeArp(Buffer.from(frame, 'hex'));
    return arp.ok ? [arp.value] : [];
  });

suite('Neighbourhood, on real devices', () => {
  inNamespace(import.meta.url, 'M6: finds who has an address, on which network, and with which MAC', () =>
    meet(async (neighbourhood, peer) => {
      peer.ip(`address add ${PUBLIC}/32 dev pb`);
      // A kernel answers on every device for every address it has, unless it is told not to (arp_ignore, ip-sysctl).
      const answers = neighbourhood.ask([PUBLIC], 2, 500);
      expect(answers.map((answer) => answer.ip)).to.include(PUBLIC);
      for (const { network, mac } of answers) expect(mac).to.equal(`02:00:00:00:01:0${network.toLowerCase()}`);
    }),
  );

  inNamespace(import.meta.url, 'M6: finds who has an IPv6 address', () =>
    meet(async (neighbourhood, peer) => {
      peer.ip(`address add ${PUBLIC_V6}/128 dev pa nodad`);
      const [answer] = neighbourhood.ask([PUBLIC_V6], 2, 500);
      expect(answer).to.deep.equal({ ip: PUBLIC_V6, network: 'A', mac: '02:00:00:00:01:0a' });
    }),
  );

  inNamespace(import.meta.url, 'hears nothing where nobody has it, and does not take old words for an answer', () =>
    meet(async (neighbourhood, peer) => {
      peer.ip(`address add ${PUBLIC}/32 dev pa`);
      expect(neighbourhood.ask([PUBLIC], 2, 500)).to.not.deep.equal([]);
      peer.ip(`address del ${PUBLIC}/32 dev pa`);
      expect(neighbourhood.ask([PUBLIC], 2, 20)).to.deep.equal([]);
    }),
  );

  inNamespace(import.meta.url, 'asks as many times as it is told, by probes that teach nobody anything', () =>
    meet(async (neighbourhood, peer) => {
      const frames = await peer.sees('pa', () => void neighbourhood.ask([PUBLIC], 2, 10));
      const probes = arps(frames).filter((arp) => arp.targetIp === PUBLIC);
      expect(probes.map((arp) => [arp.operation, arp.senderIp])).to.deep.equal([
        ['request', '0.0.0.0'],
        ['request', '0.0.0.0'],
      ]);
    }),
  );

  inNamespace(import.meta.url, 'announces in both forms of gratuitous ARP, on one network alone', () =>
    meet(async (neighbourhood, peer) => {
      const act = (): void => neighbourhood.announce('A', [PUBLIC]);
      const garps = arps(await peer.sees('pa', act)).filter((arp) => arp.senderIp === PUBLIC);
      expect(garps.map((arp) => [arp.operation, arp.senderMac, arp.targetIp])).to.deep.equal([
        ['request', '02:00:00:00:02:0a', PUBLIC],
        ['reply', '02:00:00:00:02:0a', PUBLIC],
      ]);
      expect(arps(await peer.sees('pb', act)).filter((arp) => arp.senderIp === PUBLIC)).to.deep.equal([]);
    }),
  );

  inNamespace(import.meta.url, 'announces an IPv6 address by an unsolicited advertisement that overrides', () =>
    meet(async (neighbourhood, peer) => {
      const frames = await peer.sees('pb', () => neighbourhood.announce('B', [PUBLIC_V6]));
      const adverts = frames.flatMap((frame) => {
        const ndp = decodeNdp(Buffer.from(frame, 'hex'));
        return ndp.ok && ndp.value.target === PUBLIC_V6 ? [ndp.value] : [];
      });
      expect(adverts).to.have.length(1);
      expect(adverts[0]).to.include({ kind: 'advertisement', override: true, mac: '02:00:00:00:02:0b' });
    }),
  );

  inNamespace(
    import.meta.url,
    'announces a MAC that moved: by RARP for switches, and in every word about its addresses',
    () =>
      meet(async (neighbourhood, peer) => {
        const moved = '02:5f:00:00:00:01';
        const frames = await peer.sees('pa', () => neighbourhood.announce('A', [PUBLIC, PUBLIC_V6], moved));
        const from = frames
          .map((frame) => Buffer.from(frame, 'hex'))
          .filter((frame) => frame.readUIntBE(6, 6) === 0x025f_0000_0001);
        expect(from.map((frame) => frame.readUInt16BE(12))).to.deep.equal([0x8035, 0x0806, 0x0806, 0x86dd]);
        const garps = arps(frames).filter((arp) => arp.senderIp === PUBLIC);
        expect(garps.map(({ senderMac }) => senderMac)).to.deep.equal([moved, moved]);
        const ndp = decodeNdp(from[3] ?? Buffer.alloc(0));
        expect(ndp.ok && ndp.value).to.include({ kind: 'advertisement', mac: moved, target: PUBLIC_V6 });
      }),
  );

  inNamespace(import.meta.url, 'learns the MACs of a board on both networks by asking for its private addresses', () =>
    meet(async (neighbourhood, peer) => {
      peer.ip('address add 10.1.1.1/16 dev pa');
      peer.ip('address add 20.1.1.1/16 dev pb');
      const macs = await within(() => {
        neighbourhood.refresh();
        const known = neighbourhood.macs();
        return known?.boards.length === 2 ? known : undefined;
      });
      expect(macs.own).to.deep.equal(['02:00:00:00:02:0a', '02:00:00:00:02:0b']);
      expect([...macs.boards].sort((a, b) => a.mac.localeCompare(b.mac))).to.deep.equal([
        { board: 1, mac: '02:00:00:00:01:0a' },
        { board: 1, mac: '02:00:00:00:01:0b' },
      ]);
      expect(neighbourhood.macs(), 'told once').to.equal(undefined);
    }),
  );

  inNamespace(
    import.meta.url,
    'overhears who else has a public address, also when he answers late, and not itself',
    () =>
      meet(async (neighbourhood, peer) => {
        peer.ip(`address add ${PUBLIC}/32 dev pb`);
        neighbourhood.announce('A', [PUBLIC]);
        neighbourhood.probe([PUBLIC]);
        const heard = await within(() => {
          neighbourhood.refresh();
          const found = neighbourhood.overheard();
          return found.some(({ network }) => network === 'B') ? found : undefined;
        });
        expect(new Set(heard.map(({ ip: address }) => address))).to.deep.equal(new Set([PUBLIC]));
        expect(heard.find(({ network }) => network === 'B')?.mac).to.equal('02:00:00:00:01:0b');
        expect(heard.map(({ mac }) => mac)).to.not.include('02:00:00:00:02:0a');
        neighbourhood.drain();
        expect(neighbourhood.overheard(), 'told once').to.deep.equal([]);
      }),
  );

  inNamespace(import.meta.url, 'says which device is missing, and goes on when it is there', () =>
    meet(async (neighbourhood, peer, said) => {
      ip('link del a0');
      neighbourhood.announce('A', [PUBLIC]);
      neighbourhood.refresh();
      expect(said).to.include('ENODEV');
      await within(() => {
        try {
          ip(`link add a0 type veth peer name pa`);
          return true;
        } catch {
          return undefined;
        }
      });
      ip('link set a0 up');
      ip('link set pa up');
      neighbourhood.refresh();
      ip(`address add ${PUBLIC}/32 dev pa`);
      expect(neighbourhood.ask([PUBLIC], 2, 500).map((answer) => answer.network)).to.include('A');
      peer.close();
    }),
  );
});
