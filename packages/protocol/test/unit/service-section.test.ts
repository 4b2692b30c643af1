import { readFileSync } from 'node:fs';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { expect } from 'chai';

const HEAD = `version: 1
cluster: { name: rack, number: 7, keyFile: rack.key }
networks:
  A: { subnet: 10.1.0.0/16, device: eth0 }
  B: { subnet: 20.1.0.0/16, device: eth1 }
boards:
  io-1: { id: 1, A: 10.1.0.1, B: 20.1.0.1, vote: true, capacity: 4 }
  io-2: { id: 2, A: 10.1.0.2, B: 20.1.0.2 }
  io-3: { id: 3, A: 10.1.0.3, B: 20.1.0.3 }
  io-4: { id: 4, A: 10.1.0.4, B: 20.1.0.4 }
programs:
  one: { command: [/bin/true], exclusive: program, boards: [io-1] }
services:
`;
const parse = (services: string) => parseClusterFile(HEAD + services, 'rack.yaml');
const good = (services: string) => {
  const parsed = parse(services);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
};
const base = { programs: [], takeover: 'fast', announce: ['arp', 'route'], failback: 'manual' } as const;
const ip = (last: number) => ({ ip: `192.168.1.${last}`, length: 32 });

describe('services of a cluster file', () => {
  it('n+1 becomes an instance for each address, on a board of its own before the spare, apart from the others', () => {
    const cluster = good(
      '  media: { addresses: [192.168.1.1/32, 192.168.1.2/32], pool: [io-1, io-2, io-3], redundancy: n+1 }\n',
    );
    const common = { ...base, redundancy: 'n+1', group: 'media', pool: [1, 2, 3] };
    expect(cluster.services).to.deep.equal([
      { name: 'media-1', index: 0, addresses: [ip(1)], ...common, ranks: [1, 3, 2], apart: ['media-2'] },
      { name: 'media-2', index: 1, addresses: [ip(2)], ...common, ranks: [3, 1, 2], apart: ['media-1'] },
    ]);
    expect(cluster.boards.map(({ capacity }) => capacity)).to.deep.equal([4, undefined, undefined, undefined]);
  });

  it('addresses are dealt in turn, so that IPv4 and IPv6 go along with one another', () => {
    const [first, second] = good(
      '  media: { addresses: [192.168.1.1/32, 192.168.1.2/32, 2001:db8::1/128, 2001:db8::2/128], instances: 2, pool: [io-1, io-2, io-3, io-4], redundancy: n+m }\n',
    ).services;
    expect(first?.addresses).to.deep.equal([ip(1), { ip: '2001:db8::1', length: 128 }]);
    expect(second?.addresses).to.deep.equal([ip(2), { ip: '2001:db8::2', length: 128 }]);
  });

  const withMac = (mac: string, rest = ''): string =>
    `  media: { addresses: [192.168.1.1/32, 192.168.1.2/32], instances: 2, mac: "${mac}", pool: [io-1, io-2, io-3], redundancy: n+1${rest} }\n`;

  it('a MAC that moves goes to the first instance, and those that follow it to the others', () => {
    const macs = good(withMac('02:5F:00:00:00:ff')).services.map(({ mac }) => mac);
    expect(macs).to.deep.equal(['02:5f:00:00:00:ff', '02:5f:00:00:01:00']);
  });

  const wrongMacs: readonly [string, string, string][] = [
    ['that is none', withMac('02:5f:00'), 'MAC'],
    ['of a group', withMac('03:5f:00:00:00:01'), "no station's address"],
    ['of nobody', withMac('00:00:00:00:00:00'), "no station's address"],
    ['with none after it', withMac('02:5f:00:ff:ff:ff'), '2 instances have no MACs after'],
    ['that nobody is told of', withMac('02:5f:00:00:00:01', ', announce: [route]'), 'needs announce: arp'],
    [
      'that another service has',
      `${withMac('02:5f:00:00:00:01')}  web: { addresses: [192.168.1.9/32], pool: [io-1], mac: "02:5f:00:00:00:02" }\n`,
      "02:5f:00:00:00:02 is service media's MAC already",
    ],
  ];
  for (const [what, text, said] of wrongMacs) {
    it(`refuses a MAC ${what}`, () => {
      const parsed = parse(text);
      expect(parsed.ok).to.equal(false);
      expect(parsed.ok ? '' : parsed.message)
        .to.include(said)
        .and.to.match(/services\.\w+\.mac/);
    });
  }

  it('apart and together hold on both sides, and a name stands for all its instances', () => {
    const cluster = good(
      [
        '  media: { addresses: [192.168.1.1/32, 192.168.1.2/32], pool: [io-1, io-2], redundancy: n-way }',
        '  mail: { addresses: [192.168.1.3/32], pool: [io-1, io-2], apart: [media], requires: [media, web] }',
        '  web: { addresses: [192.168.1.4/32], pool: [io-1], together: [mail] }',
        '',
      ].join('\n'),
    );
    const terms = cluster.services.map(({ name, apart, together, requires, ranks }) => ({
      name,
      apart,
      together,
      requires,
      ranks,
    }));
    const none = { apart: undefined, together: undefined, requires: undefined, ranks: undefined };
    expect(terms).to.deep.equal([
      { ...none, name: 'media-1', apart: ['mail'], ranks: [1, 1] },
      { ...none, name: 'media-2', apart: ['mail'], ranks: [1, 1] },
      {
        ...none,
        name: 'mail',
        apart: ['media-1', 'media-2'],
        together: ['web'],
        requires: ['media-1', 'media-2', 'web'],
      },
      { ...none, name: 'web', together: ['mail'] },
    ]);
  });

  it('ranks, weight and failback are taken over', () => {
    const [web] = good(
      '  web: { addresses: [192.168.1.4/32], pool: [io-1, io-2, io-3], ranks: { io-2: 1, io-1: 2 }, weight: 2.5, failback: daily, failbackAt: "03:30" }\n',
    ).services;
    expect(web).to.deep.include({
      ranks: [2, 1, 99],
      weight: 2.5,
      failback: 'daily',
      failbackAtMin: 210,
      failbackStableMs: 60_000,
    });
  });

  it('the example has every model', () => {
    const file = new URL('../../../../examples/services.yaml', import.meta.url);
    const parsed = parseClusterFile(readFileSync(file, 'utf8'), 'services.yaml');
    if (!parsed.ok) throw new Error(parsed.message);
    expect(parsed.value.services.map(({ name }) => name)).to.deep.equal([
      ...['media-1', 'media-2', 'voice-1', 'voice-2', 'mail-1', 'mail-2', 'mail-3', 'mail-4', 'store', 'portal'],
    ]);
    expect(parsed.value.services[2]?.addresses.map(({ ip: address }) => address)).to.deep.equal([
      '192.168.2.1',
      '2001:db8::1',
    ]);
  });

  const pool = 'pool: [io-1, io-2, io-3]';
  const two = 'addresses: [192.168.1.1/32, 192.168.1.2/32]';
  const one = 'addresses: [192.168.1.9/32]';
  const wrong: readonly (readonly [string, string, string])[] = [
    [
      'n+1 with two spares',
      `media: { ${two}, pool: [io-1, io-2, io-3, io-4], redundancy: n+1 }`,
      'needs 3 boards, not 4',
    ],
    [
      'n+m without a spare',
      `media: { ${two}, pool: [io-1, io-2], redundancy: n+m }`,
      'needs a spare: 3 boards or more',
    ],
    [
      'addresses that do not come out even',
      `media: { ${two}, ${pool}, redundancy: n-way, instances: 3 }`,
      'cannot be dealt evenly',
    ],
    ['instances of a 2n service', `media: { ${two}, ${pool}, instances: 2 }`, 'a 2n service has one'],
    [
      'a rank of a board outside the pool',
      `media: { ${two}, pool: [io-1], ranks: { io-2: 1 } }`,
      'io-2 is not in the pool',
    ],
    ['a daily failback without its time', `media: { ${two}, ${pool}, failback: daily }`, 'belongs to failback: daily'],
    [
      'a time without a daily failback',
      `media: { ${two}, ${pool}, failbackAt: "03:00" }`,
      'belongs to failback: daily',
    ],
    [
      'a time that is none',
      `media: { ${two}, ${pool}, failback: daily, failbackAt: "24:00" }`,
      'must be a time of day',
    ],
    [
      'apart from an unknown service',
      `media: { ${two}, ${pool}, apart: [voice] }`,
      'unknown service "voice"; known: media',
    ],
    ['apart from itself, alone', `media: { ${two}, ${pool}, apart: [media] }`, 'names the service itself'],
    [
      'together with what it is apart from',
      `media: { ${two}, ${pool}, apart: [web], together: [web] }\n  web: { ${one}, ${pool} }`,
      'both apart from web and with it',
    ],
    [
      'together with all of what are apart',
      `media: { ${two}, ${pool}, redundancy: n+1 }\n  web: { ${one}, ${pool}, together: [media] }`,
      'both apart from media-2 and with it',
    ],
    [
      'together without a common board',
      `media: { ${two}, pool: [io-1], together: [web] }\n  web: { ${one}, pool: [io-2] }`,
      'no board is in the pools of media, web',
    ],
    [
      'requirements in a circle',
      `media: { ${two}, ${pool}, requires: [web] }\n  web: { ${one}, ${pool}, requires: [media] }`,
      'goes in a circle: media requires web requires media',
    ],
    [
      'an instance named as another service',
      `media: { ${two}, ${pool}, redundancy: n-way }\n  media-2: { ${one}, ${pool} }`,
      'media-2 has the name of another service',
    ],
    [
      'a name too long for its instances',
      `${'m'.repeat(31)}: { ${two}, ${pool}, redundancy: n-way }`,
      'is longer than 32',
    ],
    [
      'an exclusive program of instances that share boards',
      `media: { ${two}, ${pool}, redundancy: n-way, programs: [one] }`,
      'one is exclusive: program',
    ],
    [
      'fencing by power of a board that has no switch for it',
      `media: { ${two}, ${pool}, fencing: power }`,
      'needs boards.io-1.power',
    ],
    [
      'fencing by switch ports of a board that names none',
      `media: { ${two}, ${pool}, fencing: switch-port }`,
      'needs boards.io-1.switchPorts: where it is cut off',
    ],
    ['a capacity of nothing', `media: { ${two}, ${pool}, weight: -1 }`, 'weight'],
  ];
  for (const [what, text, message] of wrong) {
    it(`refuses ${what}`, () => {
      const parsed = parse(`  ${text}\n`);
      expect(parsed.ok ? 'taken' : parsed.message).to.include(message);
    });
  }

  it('takes an exclusive program of instances that are apart', () => {
    const cluster = good(`  media: { ${two}, ${pool}, redundancy: n+1, programs: [one] }\n`);
    expect(cluster.programs[0]).to.deep.include({ service: 'media', boards: [1, 2, 3] });
  });
});
